import type { WireRequest } from '../wire.js'
import { invalidValue } from './errors.js'

/** Parameters of an EC2 call: `Name`, `List.1`, `Structure.Member`, `List.1.Member`. */
export class Ec2Query {
  readonly #parameters: URLSearchParams
  readonly #prefix: string

  constructor(parameters: URLSearchParams, prefix = '') {
    this.#parameters = parameters
    this.#prefix = prefix
  }

  /** Of the form in the body; a GET carries them in its URL. */
  static of(request: WireRequest): Ec2Query {
    return new Ec2Query(request.method === 'POST' ? new URLSearchParams(request.body) : request.url.searchParams)
  }

  text(name: string): string | undefined {
    return this.#parameters.get(this.#prefix + name) ?? undefined
  }

  flag(name: string): boolean {
    const value = this.text(name)?.toLowerCase() ?? 'false'
    if (value !== 'true' && value !== 'false') throw invalidValue(`Value (${value}) for parameter ${name} is invalid.`)
    return value === 'true'
  }

  integer(name: string): number | undefined {
    const value = this.text(name)
    if (value === undefined) return undefined
    if (!/^-?\d{1,9}$/.test(value)) throw invalidValue(`Value (${value}) for parameter ${name} is invalid.`)
    return Number(value)
  }

  /** Values of `name.1`, `name.2`, …, by their numbers. */
  texts(name: string): string[] {
    return this.#numbers(name).flatMap((number) => this.text(`${name}.${number}`) ?? [])
  }

  /** Members of the structures `name.1.…`, `name.2.…`, by their numbers. */
  structures(name: string): Ec2Query[] {
    return this.#numbers(name).map((number) => new Ec2Query(this.#parameters, `${this.#prefix}${name}.${number}.`))
  }

  #numbers(name: string): number[] {
    const start = `${this.#prefix}${name}.`
    const numbers = new Set<number>()
    for (const key of this.#parameters.keys()) {
      const number = key.startsWith(start) ? /^\d{1,6}/.exec(key.slice(start.length)) : null
      if (number) numbers.add(Number(number[0]))
    }
    return [...numbers].sort((a, b) => a - b)
  }
}
