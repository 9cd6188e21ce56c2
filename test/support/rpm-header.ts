import { createHash } from 'node:crypto'

/** Texts become a string (or an array of them), numbers 32 bits each, bytes binary. */
export type HeaderValue = string | readonly string[] | number | readonly number[] | Buffer

export interface HeaderOptions {
  /** Entries added behind the region, as an installation adds them. */
  readonly dribbles?: Readonly<Record<number, HeaderValue>>
  /** Adds the digest of the region (true), or this text in its place. */
  readonly sha256?: boolean | string
}

interface Entry {
  readonly tag: number
  readonly type: number
  readonly count: number
  readonly data: Buffer
}

const NAME = 1000
const VERSION = 1001
const RELEASE = 1002
const SHA256HEADER = 273
const HEADER_IMMUTABLE = 63

/** A header as rpm stores it: a region with these tags, and name, version and release where they are not given. */
export function rpmHeader(tags: Readonly<Record<number, HeaderValue>>, options: HeaderOptions = {}): Buffer {
  const region = encodeRegion(Object.entries({ [NAME]: 'n', [VERSION]: '1', [RELEASE]: '2', ...tags }).map(toEntry))
  const dribbles = { ...options.dribbles }
  if (options.sha256) dribbles[SHA256HEADER] = options.sha256 === true ? digestOf(region) : options.sha256
  const index = [...region.index]
  let data = region.data
  for (const entry of Object.entries(dribbles).map(toEntry)) {
    data = pad(data, entry.type)
    index.push(indexEntry(entry, data.length))
    data = Buffer.concat([data, entry.data])
  }
  return assemble(index, data)
}

/** Il, dl, index, data. */
export function assemble(index: readonly Buffer[], data: Buffer): Buffer {
  const counts = Buffer.alloc(8)
  counts.writeUInt32BE(index.length, 0)
  counts.writeUInt32BE(data.length, 4)
  return Buffer.concat([counts, ...index, data])
}

export function rawEntry(tag: number, type: number, offset: number, count: number): Buffer {
  const entry = Buffer.alloc(16)
  entry.writeInt32BE(tag, 0)
  entry.writeUInt32BE(type, 4)
  entry.writeInt32BE(offset, 8)
  entry.writeUInt32BE(count, 12)
  return entry
}

function encodeRegion(entries: readonly Entry[]): { index: Buffer[]; data: Buffer } {
  let data = Buffer.alloc(0)
  const index: Buffer[] = []
  for (const entry of entries) {
    data = pad(data, entry.type)
    index.push(indexEntry(entry, data.length))
    data = Buffer.concat([data, entry.data])
  }
  index.unshift(rawEntry(HEADER_IMMUTABLE, 7, data.length, 16))
  return { index, data: Buffer.concat([data, rawEntry(HEADER_IMMUTABLE, 7, -16 * index.length, 16)]) }
}

function digestOf({ index, data }: { index: readonly Buffer[]; data: Buffer }): string {
  return createHash('sha256').update(Buffer.from('8eade80100000000', 'hex')).update(assemble(index, data)).digest('hex')
}

function indexEntry({ tag, type, count }: Entry, offset: number): Buffer {
  return rawEntry(tag, type, offset, count)
}

function pad(data: Buffer, type: number): Buffer<ArrayBuffer> {
  const align = type === 4 ? 4 : 1
  return Buffer.concat([data, Buffer.alloc((align - (data.length % align)) % align)])
}

function toEntry([tag, value]: [string, HeaderValue]): Entry {
  if (typeof value === 'string') return { tag: Number(tag), type: 6, count: 1, data: Buffer.from(`${value}\0`) }
  if (Buffer.isBuffer(value)) return { tag: Number(tag), type: 7, count: value.length, data: value }
  const list: readonly (string | number)[] = typeof value === 'number' ? [value] : value
  if (typeof list[0] === 'string')
    return { tag: Number(tag), type: 8, count: list.length, data: Buffer.from(list.map((text) => `${text}\0`).join('')) }
  const data = Buffer.alloc(4 * list.length)
  for (const [i, number] of list.entries()) data.writeUInt32BE(Number(number), 4 * i)
  return { tag: Number(tag), type: 4, count: list.length, data }
}
