import type { Account } from '../state.js'
import { ServiceError } from '../wire.js'
import { invalidValue, lookUp, missing } from './errors.js'
import type { Ec2Query } from './query.js'
import type { Xml } from './xml.js'

const MAX_TAGS = 50
const MAX_KEY = 128
const MAX_VALUE = 256

/**
 * The tags of `Tag.N.Key`, `Tag.N.Value`, held to docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
 * @throws ServiceError where one is not allowed.
 */
export function readTags(query: Ec2Query): Map<string, string> {
  const tags = new Map<string, string>()
  for (const tag of query.structures('Tag')) {
    const key = tag.text('Key') ?? ''
    const value = tag.text('Value') ?? ''
    if (key === '') throw invalidValue('Tag key cannot be null or empty')
    if (key.length > MAX_KEY) throw invalidValue(`Tag key exceeds the maximum length of ${MAX_KEY} characters`)
    if (value.length > MAX_VALUE) throw invalidValue(`Tag value exceeds the maximum length of ${MAX_VALUE} characters`)
    if (key.startsWith('aws:')) throw invalidValue("Tag keys starting with 'aws:' are reserved for internal use")
    if (tags.has(key)) throw invalidValue(`Duplicate tag key '${key}' specified.`)
    tags.set(key, value)
  }
  if (tags.size > MAX_TAGS) throw tooManyTags()
  return tags
}

/** CreateTags: docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html */
export function createTags(query: Ec2Query, account: Account): () => Xml {
  const ids = query.texts('ResourceId')
  const tags = readTags(query)
  if (ids.length === 0) throw missing('resourceIdSet')
  if (tags.size === 0) throw missing('Tag')
  const resources = ids.map((id) => resourceOf(id, account))
  for (const resource of resources) {
    if (new Set([...resource.tags.keys(), ...tags.keys()]).size > MAX_TAGS) throw tooManyTags()
  }
  return () => {
    for (const resource of resources) for (const [key, value] of tags) resource.tags.set(key, value)
    return { return: true }
  }
}

function resourceOf(id: string, account: Account): { readonly tags: Map<string, string> } {
  if (id.startsWith('i-')) return lookUp('instance', [id], account.instances)[0]!
  if (id.startsWith('vol-')) return lookUp('volume', [id], account.volumes)[0]!
  if (id.startsWith('snap-')) return lookUp('snapshot', [id], account.snapshots)[0]!
  throw new ServiceError('InvalidID', `The ID '${id}' is not valid`)
}

function tooManyTags(): ServiceError {
  return new ServiceError('TagLimitExceeded', `The maximum number of tags for a resource (${MAX_TAGS}) has been reached`)
}
