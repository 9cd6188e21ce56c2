import { createHash } from 'node:crypto'
import { CorruptError, LimitError } from '../../errors.js'

// A header as rpm's databases store it, big-endian: counts, an index of entries, then their data.
// https://rpm-software-management.github.io/rpm/manual/format_header.html
const INDEX_COUNT = 0 // uint32 `il`
const DATA_LENGTH = 4 // uint32 `dl`
const INTRO_BYTES = 8

// struct entryInfo_s
const ENTRY_TAG = 0 // int32
const ENTRY_TYPE = 4 // uint32
const ENTRY_OFFSET = 8 // int32, into the data
const ENTRY_COUNT = 12 // uint32, elements, not bytes
const ENTRY_BYTES = 16

const RPM_INT16_TYPE = 3
const RPM_INT32_TYPE = 4
const RPM_INT64_TYPE = 5
const RPM_STRING_TYPE = 6
const RPM_BIN_TYPE = 7
const RPM_STRING_ARRAY_TYPE = 8
const RPM_I18NSTRING_TYPE = 9
/** Bytes of an element, by type: null, char, int8, int16, int32, int64, string, bin, string array, i18n strings. */
const ELEMENT_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 1, 1]

// A region is what the package was built (or signed) with; entries behind it were added when it was installed.
const HEADER_IMAGE = 61
const HEADER_IMMUTABLE = 63
const HEADER_I18NTABLE = 100 // tags below it are regions
const REGION_TAG_COUNT = ENTRY_BYTES

const SHA1HEADER = 269
const SHA256HEADER = 273
/** Packages have some 100 tags; rpm itself long had this bound. */
const MAX_ENTRIES = 65_535
/** Longest text that is taken, and longest list of them: the largest packages in use have some 200,000 files. */
const MAX_TEXT_BYTES = 64 * 1024
const MAX_TEXTS = 4_000_000
/** Stands before a header in a package file, and is part of what its digests cover. */
const RPM_HEADER_MAGIC = Buffer.from('8eade80100000000', 'hex')

interface Entry {
  readonly type: number
  /** In the blob. */
  readonly at: number
  readonly count: number
}

interface Region {
  readonly tag: number
  readonly entries: number
  readonly dataBytes: number
}

/** The index of a header, checked against the bounds of its data; values are decoded when asked for. */
export class RpmHeader {
  readonly #bytes: Buffer
  readonly #view: DataView
  readonly #entries: ReadonlyMap<number, Entry>

  /**
   * @throws CorruptError where the counts do not fit the blob, an entry has a wrong type, offset, alignment or count, or the region does
   *   not have the digest that was recorded for it
   */
  constructor(blob: Uint8Array) {
    this.#bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.length)
    this.#view = new DataView(blob.buffer, blob.byteOffset, blob.length)
    if (blob.length < INTRO_BYTES) throw new CorruptError('rpm header', 'cut short', 0)
    const entries = this.#view.getUint32(INDEX_COUNT)
    const dataBytes = this.#view.getUint32(DATA_LENGTH)
    if (entries === 0 || INTRO_BYTES + entries * ENTRY_BYTES + dataBytes !== blob.length) {
      throw new CorruptError('rpm header', `${entries} entries and ${dataBytes} bytes of data in ${blob.length} bytes`, 0)
    }
    if (entries > MAX_ENTRIES) throw new LimitError('entries of an rpm header', MAX_ENTRIES)
    const dataAt = INTRO_BYTES + entries * ENTRY_BYTES
    const region = this.#view.getInt32(INTRO_BYTES + ENTRY_TAG) < HEADER_I18NTABLE ? this.#decodeRegion(entries, dataAt) : undefined
    this.#entries = this.#decodeIndex(region === undefined ? 0 : 1, entries, dataAt)
    if (region?.tag === HEADER_IMMUTABLE) this.#checkDigest(region, dataAt)
  }

  /** The text of a tag, the first of several; undefined where the header has none. Bytes that are not UTF-8 become U+FFFD. @throws CorruptError, LimitError */
  string(tag: number): string | undefined {
    return this.#strings(tag, 1)?.[0]
  }

  /** All texts of a tag, empty where the header has none. */
  strings(tag: number): readonly string[] {
    return this.#strings(tag, Number.POSITIVE_INFINITY) ?? []
  }

  /** The number of a tag, the first of several, unsigned. @throws CorruptError above 2^53 */
  number(tag: number): number | undefined {
    return this.numbers(tag, 1)[0]
  }

  /** All numbers of a tag (at most `limit`), unsigned; empty where the header has none. */
  numbers(tag: number, limit: number = Number.POSITIVE_INFINITY): number[] {
    const entry = this.#entries.get(tag)
    if (entry === undefined) return []
    const { type, at } = entry
    const count = Math.min(entry.count, limit)
    if (type === RPM_INT16_TYPE) return Array.from({ length: count }, (_, i) => this.#view.getUint16(at + 2 * i))
    if (type === RPM_INT32_TYPE) return Array.from({ length: count }, (_, i) => this.#view.getUint32(at + 4 * i))
    if (type === RPM_INT64_TYPE) return Array.from({ length: count }, (_, i) => this.#uint64(tag, at + 8 * i))
    throw new CorruptError('rpm header', `tag ${tag} is of type ${type}, not a number`, at)
  }

  /** The bytes of a binary tag. */
  binary(tag: number): Uint8Array | undefined {
    const entry = this.#entries.get(tag)
    if (entry === undefined) return undefined
    if (entry.type !== RPM_BIN_TYPE) throw new CorruptError('rpm header', `tag ${tag} is of type ${entry.type}, not binary`, entry.at)
    return this.#bytes.subarray(entry.at, entry.at + entry.count)
  }

  #uint64(tag: number, at: number): number {
    const value = this.#view.getUint32(at) * 0x1_0000_0000 + this.#view.getUint32(at + 4)
    if (!Number.isSafeInteger(value)) throw new CorruptError('rpm header', `tag ${tag} is above 2^53`, at)
    return value
  }

  #strings(tag: number, limit: number): string[] | undefined {
    const entry = this.#entries.get(tag)
    if (entry === undefined) return undefined
    if (entry.type !== RPM_STRING_TYPE && entry.type !== RPM_STRING_ARRAY_TYPE && entry.type !== RPM_I18NSTRING_TYPE) {
      throw new CorruptError('rpm header', `tag ${tag} is of type ${entry.type}, not text`, entry.at)
    }
    const count = Math.min(entry.count, limit)
    if (count > MAX_TEXTS) throw new LimitError(`texts of tag ${tag}`, MAX_TEXTS)
    const texts: string[] = []
    for (let at = entry.at; texts.length < count; ) {
      const end = this.#bytes.indexOf(0, at)
      if (end - at > MAX_TEXT_BYTES) throw new LimitError(`bytes of a text of tag ${tag}`, MAX_TEXT_BYTES)
      if (end < 0) throw new CorruptError('rpm header', `text ${texts.length} of tag ${tag} does not end`, at)
      texts.push(this.#bytes.toString('utf8', at, end))
      at = end + 1
    }
    return texts
  }

  /** The first entry's trailer, at the end of the region's data, says how many entries belong to the region. */
  #decodeRegion(entries: number, dataAt: number): Region | undefined {
    const view = this.#view
    const tag = view.getInt32(INTRO_BYTES + ENTRY_TAG)
    const offset = view.getInt32(INTRO_BYTES + ENTRY_OFFSET)
    const trailer = dataAt + offset
    const corrupt = (problem: string): CorruptError => new CorruptError('rpm header', `region ${tag}: ${problem}`, INTRO_BYTES)
    if (tag < HEADER_IMAGE || tag > HEADER_IMMUTABLE) throw corrupt('not a region')
    if (view.getUint32(INTRO_BYTES + ENTRY_TYPE) !== RPM_BIN_TYPE || view.getUint32(INTRO_BYTES + ENTRY_COUNT) !== REGION_TAG_COUNT) {
      throw corrupt('bad type or count')
    }
    // Packages of rpm 3 have a region without a trailer.
    if (offset === 0 && tag === HEADER_IMAGE) return { tag, entries, dataBytes: view.byteLength - dataAt }
    if (offset < 0 || trailer + ENTRY_BYTES > view.byteLength) throw corrupt(`its trailer is at ${offset}`)
    const inRegion = -view.getInt32(trailer + ENTRY_OFFSET) / ENTRY_BYTES
    if (view.getUint32(trailer + ENTRY_TYPE) !== RPM_BIN_TYPE || view.getUint32(trailer + ENTRY_COUNT) !== REGION_TAG_COUNT) {
      throw corrupt('bad trailer')
    }
    if (!Number.isInteger(inRegion) || inRegion < 1 || inRegion > entries) throw corrupt(`${inRegion} of ${entries} entries`)
    return { tag, entries: inRegion, dataBytes: offset + ENTRY_BYTES }
  }

  /** A tag that is there twice was changed by the installation: the later entry counts, as for rpm. */
  #decodeIndex(from: number, entries: number, dataAt: number): Map<number, Entry> {
    const view = this.#view
    const dataBytes = view.byteLength - dataAt
    const index = new Map<number, Entry>()
    for (let i = from; i < entries; i++) {
      const entryAt = INTRO_BYTES + i * ENTRY_BYTES
      const tag = view.getInt32(entryAt + ENTRY_TAG)
      const type = view.getUint32(entryAt + ENTRY_TYPE)
      const offset = view.getInt32(entryAt + ENTRY_OFFSET)
      const count = view.getUint32(entryAt + ENTRY_COUNT)
      const size = ELEMENT_BYTES[type]
      const corrupt = (problem: string): CorruptError => new CorruptError('rpm header', `entry ${i}, tag ${tag}: ${problem}`, entryAt)
      if (tag < HEADER_I18NTABLE) throw corrupt('a region inside the index')
      if (size === undefined) throw corrupt(`type ${type}`)
      if (offset < 0 || offset > dataBytes || (size > 1 && offset % size !== 0)) throw corrupt(`offset ${offset}`)
      if (count === 0 || offset + count * size > dataBytes || (type === RPM_STRING_TYPE && count !== 1)) throw corrupt(`count ${count}`)
      index.set(tag, { type, at: dataAt + offset, count })
    }
    return index
  }

  /** The region is unchanged since the package was built, so what was recorded then still holds. */
  #checkDigest({ entries, dataBytes }: Region, dataAt: number): void {
    const sha256 = this.string(SHA256HEADER)
    const expected = sha256 ?? this.string(SHA1HEADER)
    if (expected === undefined) return
    const counts = Buffer.alloc(INTRO_BYTES)
    counts.writeUInt32BE(entries, INDEX_COUNT)
    counts.writeUInt32BE(dataBytes, DATA_LENGTH)
    const digest = createHash(sha256 === undefined ? 'sha1' : 'sha256')
      .update(RPM_HEADER_MAGIC)
      .update(counts)
      .update(this.#bytes.subarray(INTRO_BYTES, INTRO_BYTES + entries * ENTRY_BYTES))
      .update(this.#bytes.subarray(dataAt, dataAt + dataBytes))
      .digest('hex')
    if (digest !== expected)
      throw new CorruptError('rpm header', `does not have the ${sha256 === undefined ? 'SHA-1' : 'SHA-256'} recorded for it`)
  }
}
