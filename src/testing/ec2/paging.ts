import { ServiceError } from '../wire.js'
import { invalidValue } from './errors.js'
import type { Ec2Query } from './query.js'

const MIN_RESULTS = 5
const MAX_RESULTS = 1000

/** Refuses the ids and MaxResults that EC2 does not take together. */
export function refuseIdsWithPaging(query: Ec2Query, idParameter: string): void {
  if (query.texts(idParameter).length === 0 || query.integer('MaxResults') === undefined) return
  throw new ServiceError('InvalidParameterCombination', `The parameter ${idParameter} cannot be used with the parameter MaxResults`)
}

/** One page of `all`, which is sorted by `sequence`, and the token of the next one. */
export function pageOf<Item extends { readonly sequence: number }>(
  all: readonly Item[],
  query: Ec2Query,
): { items: readonly Item[]; nextToken: string | undefined } {
  const limit = query.integer('MaxResults') ?? MAX_RESULTS
  if (limit < MIN_RESULTS) {
    throw invalidValue(`Value ( ${limit} ) for parameter maxResults is invalid. Expecting a value greater than ${MIN_RESULTS}.`)
  }
  const after = sequenceOf(query.text('NextToken'))
  const rest = all.filter((item) => item.sequence > after)
  const items = rest.slice(0, Math.min(limit, MAX_RESULTS))
  const last = items.at(-1)
  return { items, nextToken: last && items.length < rest.length ? tokenOf(last.sequence) : undefined }
}

function tokenOf(sequence: number): string {
  return Buffer.from(`after ${sequence}`).toString('base64')
}

function sequenceOf(token: string | undefined): number {
  if (token === undefined || token === '') return 0
  const match = /^after (\d{1,15})$/.exec(Buffer.from(token, 'base64').toString('latin1'))
  if (!match) throw invalidValue('Unable to parse pagination token')
  return Number(match[1])
}
