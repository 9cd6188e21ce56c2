import { CorruptError, LimitError, ScanError, UnsupportedError } from '../../errors.js'
import { type DatabaseFile, ReadAhead } from '../database-file.js'
import { type HeaderBlob, MAX_HEADER_BYTES } from './blob.js'

// rpm's `Packages` as a Berkeley DB hash: the key is the header's number, the value the header. The structures are those of
// https://github.com/berkeleydb/libdb/blob/v5.3.28/src/dbinc/db_page.h, in the byte order of the machine that made the file.

// struct _dbmeta33 and _hashmeta33
const META_MAGIC = 12 // uint32
const META_VERSION = 16 // uint32
const META_PAGESIZE = 20 // uint32
const META_ENCRYPT_ALG = 24 // uint8
const META_FLAGS = 26 // uint8
const META_LAST_PGNO = 32 // uint32
const META_NELEM = 88 // uint32, pairs in the table
const META_BYTES = 512

const DB_HASHMAGIC = 0x061561
const DB_BTREEMAGIC = 0x053162
const DBMETA_CHKSUM = 0x01
/** Berkeley DB 3.1 to 18; the pages of older ones differ. */
const MIN_VERSION = 7
const MAX_VERSION = 10

// struct _db_page
const PGNO = 8 // uint32, the page's own number
const NEXT_PGNO = 16 // uint32
const ENTRIES = 20 // uint16, items of a hash page: keys and values by turns
const HF_OFFSET = 22 // uint16, bytes used on an overflow page
const TYPE = 25 // uint8
const PAGE_HEADER_BYTES = 26 // the items' offsets follow, uint16 each

const P_HASH_UNSORTED = 2
const P_OVERFLOW = 7
const P_HASH = 13
const P_LAST_KNOWN = 15

// Types of an item, its first byte
const H_KEYDATA = 1
const H_OFFPAGE = 3
const HOFFPAGE_PGNO = 4 // uint32
const HOFFPAGE_TLEN = 8 // uint32
const HOFFPAGE_BYTES = 12

const MAX_BYTES = 4 * 1024 ** 3
const SCAN_BYTES = 256 * 1024
const MAX_HEADERS = 1_000_000

/** Whether a file with this head is a Berkeley DB database, of any kind and byte order. */
export function isBdb(head: Uint8Array): boolean {
  if (head.length < META_MAGIC + 4) return false
  const view = viewOf(head)
  return [true, false].some((little) => [DB_HASHMAGIC, DB_BTREEMAGIC].includes(view.getUint32(META_MAGIC, little)))
}

interface BdbMeta {
  readonly littleEndian: boolean
  readonly pageSize: number
  /** Whole pages in the file. */
  readonly pageCount: number
  readonly lastPgno: number
  readonly nelem: number
}

/** A value: on a hash page, or on overflow pages. */
interface BdbValue {
  readonly number: number
  readonly inline?: Uint8Array
  readonly pgno: number
  readonly length: number
}

/**
 * Every header of the database, those on one stretch of the file together. What is damaged (a page, an item, a chain) comes as an error
 * and costs only itself. All pages are looked at, not only those that the buckets lead to, so that no broken link hides a header.
 * @throws CorruptError, UnsupportedError where the first page does not describe a hash
 */
export async function* readBdb(file: DatabaseFile): AsyncGenerator<HeaderBlob | ScanError> {
  if (file.size > MAX_BYTES) throw new LimitError('bytes of an rpm database', MAX_BYTES)
  const reader = new ReadAhead(file)
  const meta = decodeMeta(await reader.read(0, Math.min(META_BYTES, file.size)), file.size)
  let sound = true
  const values: BdbValue[] = []
  let pairs = 0
  for await (const item of scanPages(reader, meta)) {
    pairs++
    if (item instanceof ScanError) {
      sound = false
      yield item
    } else if (item.number !== 0) {
      values.push(item)
      if (values.length > MAX_HEADERS) throw new LimitError('headers of an rpm database', MAX_HEADERS)
    }
  }
  if (meta.lastPgno >= meta.pageCount) {
    yield new CorruptError('DBMETA', `last_pgno is ${meta.lastPgno}, but the file ends after ${meta.pageCount} pages`, META_LAST_PGNO)
  } else if (sound && pairs < meta.nelem) {
    yield new CorruptError('HMETA', `nelem is ${meta.nelem}, but only ${pairs} pairs were found`, META_NELEM)
  }
  yield* readValues(reader, meta, values)
}

function decodeMeta(page: Uint8Array, size: number): BdbMeta {
  if (page.length < META_BYTES) throw new CorruptError('DBMETA', 'cut short', 0)
  const view = viewOf(page)
  const magic = view.getUint32(META_MAGIC, true)
  const littleEndian = magic === DB_HASHMAGIC || magic === DB_BTREEMAGIC
  const u32 = (at: number): number => view.getUint32(at, littleEndian)
  if (u32(META_MAGIC) === DB_BTREEMAGIC) throw new UnsupportedError('Berkeley DB btree')
  if (u32(META_MAGIC) !== DB_HASHMAGIC) throw new CorruptError('DBMETA', 'bad magic', META_MAGIC)
  const version = u32(META_VERSION)
  if (version < MIN_VERSION || version > MAX_VERSION) throw new UnsupportedError(`Berkeley DB hash version ${version}`)
  if (view.getUint8(META_ENCRYPT_ALG) !== 0) throw new UnsupportedError('encrypted Berkeley DB')
  if (view.getUint8(META_FLAGS) & DBMETA_CHKSUM) throw new UnsupportedError('Berkeley DB with checksums')
  const pageSize = u32(META_PAGESIZE)
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) {
    throw new CorruptError('DBMETA', `pagesize is ${pageSize}`, META_PAGESIZE)
  }
  return { littleEndian, pageSize, pageCount: Math.floor(size / pageSize), lastPgno: u32(META_LAST_PGNO), nelem: u32(META_NELEM) }
}

async function* scanPages(reader: ReadAhead, meta: BdbMeta): AsyncGenerator<BdbValue | ScanError> {
  const { pageSize, pageCount } = meta
  const pagesPerRead = SCAN_BYTES / pageSize
  for (let first = 1; first < pageCount; first += pagesPerRead) {
    const count = Math.min(pagesPerRead, pageCount - first)
    const pages = await readOrError(reader, first * pageSize, count * pageSize)
    if (pages instanceof ScanError) yield pages
    for (let i = 0; i < count; i++) {
      const start = i * pageSize
      // Of a stretch that cannot be had as a whole, the pages that can be had one by one.
      const page =
        pages instanceof ScanError ? await readOrError(reader, first * pageSize + start, pageSize) : pages.subarray(start, start + pageSize)
      if (!(page instanceof ScanError)) yield* decodePage(viewOf(page), first + i, meta)
    }
  }
}

function* decodePage(page: DataView, pgno: number, meta: BdbMeta): Generator<BdbValue | CorruptError> {
  const type = page.getUint8(TYPE)
  if (type > P_LAST_KNOWN) yield new CorruptError('PAGE', `page ${pgno} has the type ${type}`, pgno * meta.pageSize + TYPE)
  else if (type === P_HASH || type === P_HASH_UNSORTED) yield* decodeHashPage(page, pgno, meta)
}

/** The pairs of a hash page. Its items lie from the page's end downwards, each up to where the one before begins. */
function* decodeHashPage(page: DataView, pgno: number, { littleEndian, pageSize }: BdbMeta): Generator<BdbValue | CorruptError> {
  const corrupt = (problem: string): CorruptError => new CorruptError('PAGE', `page ${pgno}: ${problem}`, pgno * pageSize)
  if (page.getUint32(PGNO, littleEndian) !== pgno) return void (yield corrupt(`pgno is ${page.getUint32(PGNO, littleEndian)}`))
  const entries = page.getUint16(ENTRIES, littleEndian)
  const itemsFrom = PAGE_HEADER_BYTES + 2 * entries
  if (entries % 2 !== 0 || itemsFrom > pageSize) return void (yield corrupt(`${entries} entries`))
  const inp = (index: number): number => (index < 0 ? pageSize : page.getUint16(PAGE_HEADER_BYTES + 2 * index, littleEndian))
  for (let index = 0; index < entries; index += 2) {
    const end = inp(index - 1)
    const keyAt = inp(index)
    const valueAt = inp(index + 1)
    if (valueAt < itemsFrom || keyAt <= valueAt || end <= keyAt || end > pageSize) {
      yield corrupt(`item ${index} has bad bounds`)
      continue
    }
    if (page.getUint8(keyAt) !== H_KEYDATA || end - keyAt !== 5) {
      yield corrupt(`item ${index} is not a header's number`)
      continue
    }
    const number = page.getUint32(keyAt + 1, littleEndian)
    const type = page.getUint8(valueAt)
    if (type === H_KEYDATA) {
      const inline = new Uint8Array(page.buffer, page.byteOffset + valueAt + 1, keyAt - valueAt - 1).slice()
      yield { number, inline, pgno, length: inline.length }
    } else if (type === H_OFFPAGE && keyAt - valueAt === HOFFPAGE_BYTES) {
      yield {
        number,
        pgno: page.getUint32(valueAt + HOFFPAGE_PGNO, littleEndian),
        length: page.getUint32(valueAt + HOFFPAGE_TLEN, littleEndian),
      }
    } else {
      yield corrupt(`header ${number} has an item of type ${type} and ${keyAt - valueAt} bytes`)
    }
  }
}

async function* readValues(reader: ReadAhead, meta: BdbMeta, values: BdbValue[]): AsyncGenerator<HeaderBlob | ScanError> {
  const seen = new Set<number>()
  // Sound chains share no page, so all of them together are no longer than the file.
  const budget = { bytes: 2 * reader.size }
  for (const value of values.sort((a, b) => a.pgno - b.pgno)) {
    const { number } = value
    if (seen.has(number)) {
      yield new CorruptError('PAGE', `header ${number} is there twice`)
      continue
    }
    seen.add(number)
    try {
      yield { number, bytes: value.inline ?? (await readChain(reader, meta, value, budget)) }
    } catch (error) {
      if (!(error instanceof ScanError)) throw error
      yield error
    }
  }
}

/** @throws CorruptError where the chain of overflow pages is broken, goes in a circle or is not as long as the value */
async function readChain(reader: ReadAhead, meta: BdbMeta, value: BdbValue, budget: { bytes: number }): Promise<Uint8Array> {
  const { littleEndian, pageSize, pageCount } = meta
  const { number, length } = value
  const corrupt = (pgno: number, problem: string): CorruptError =>
    new CorruptError('PAGE', `header ${number}, overflow page ${pgno}: ${problem}`, pgno * pageSize)
  if (length > MAX_HEADER_BYTES) throw new LimitError(`bytes of header ${number}`, MAX_HEADER_BYTES)
  if (length > reader.size) throw corrupt(value.pgno, `${length} bytes in a file of ${reader.size}`)
  const bytes = new Uint8Array(length)
  const visited = new Set<number>()
  let pgno = value.pgno
  for (let done = 0; done < length; ) {
    if (pgno === 0 || pgno >= pageCount) throw corrupt(pgno, `outside the file, after ${done} of ${length} bytes`)
    if (visited.has(pgno)) throw corrupt(pgno, 'the chain goes in a circle')
    visited.add(pgno)
    const page = await reader.read(pgno * pageSize, pageSize)
    const view = viewOf(page)
    if (view.getUint8(TYPE) !== P_OVERFLOW) throw corrupt(pgno, `has the type ${view.getUint8(TYPE)}`)
    if (view.getUint32(PGNO, littleEndian) !== pgno) throw corrupt(pgno, `pgno is ${view.getUint32(PGNO, littleEndian)}`)
    const used = view.getUint16(HF_OFFSET, littleEndian)
    if (used === 0 || used > pageSize - PAGE_HEADER_BYTES || used > length - done) throw corrupt(pgno, `holds ${used} bytes`)
    budget.bytes -= used
    if (budget.bytes < 0) throw corrupt(pgno, 'the chains overlap each other')
    bytes.set(page.subarray(PAGE_HEADER_BYTES, PAGE_HEADER_BYTES + used), done)
    done += used
    pgno = view.getUint32(NEXT_PGNO, littleEndian)
  }
  if (pgno !== 0) throw corrupt(pgno, `the chain goes on behind its ${length} bytes`)
  return bytes
}

async function readOrError(reader: ReadAhead, offset: number, length: number): Promise<Uint8Array | ScanError> {
  try {
    return await reader.read(offset, length)
  } catch (error) {
    if (!(error instanceof ScanError)) throw error
    return error
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}
