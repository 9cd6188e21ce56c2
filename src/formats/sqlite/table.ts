import { CorruptError, LimitError, ScanError } from '../../errors.js'
import { SQLITE_HEADER_BYTES, type SqliteFile } from './file.js'
import { decodeRecord, decodeVarint, type SqliteValue } from './record.js'

// https://www.sqlite.org/fileformat2.html#b_tree_pages
const PAGE_TYPE = 0 // uint8
const CELL_COUNT = 3 // uint16
const RIGHT_MOST_POINTER = 8 // uint32, interior pages
const LEAF_HEADER_BYTES = 8
const INTERIOR_HEADER_BYTES = 12
const INTERIOR_TABLE = 5
const LEAF_TABLE = 13
const OVERFLOW_HEADER_BYTES = 4 // uint32, the next page

const SCHEMA_ROOT = 1
/** SQLite itself goes no deeper (BTCURSOR_MAX_DEPTH). */
const MAX_DEPTH = 20

export interface SqliteRow {
  readonly rowid: number
  /** In the order of the table's columns; those added to the table after the row was written are absent. */
  readonly values: readonly SqliteValue[]
}

export interface SqliteTableOptions {
  /** Longest row that is read, in bytes. */
  readonly maxRowBytes: number
}

/** Page of the root of a table's b-tree. @throws CorruptError where the schema cannot be read or names no such table */
export async function findTable(file: SqliteFile, name: string): Promise<number> {
  let problem: ScanError | undefined
  for await (const row of readTable(file, SCHEMA_ROOT, { maxRowBytes: 1024 * 1024 })) {
    if (row instanceof ScanError) {
      problem ??= row
      continue
    }
    const [type, , table, root] = row.values
    if (type === 'table' && typeof table === 'string' && table.toLowerCase() === name.toLowerCase() && typeof root === 'number') return root
  }
  throw problem ?? new CorruptError('sqlite_schema', `no table ${name}`)
}

/**
 * Every row of a table in the order of the rowids. A page, a cell or a chain of overflow pages that is damaged comes as an error and
 * costs only what it held.
 */
export async function* readTable(file: SqliteFile, root: number, options: SqliteTableOptions): AsyncGenerator<SqliteRow | ScanError> {
  const visited = new Set<number>()
  // Cells and overflow pages are not shared, so all rows together are no longer than the file.
  const budget = { bytes: 2 * file.size }
  const pending = [{ number: root, depth: 0 }]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { number, depth } = next
    try {
      if (visited.has(number)) throw new CorruptError('b-tree page', `page ${number} is pointed to twice`)
      if (depth >= MAX_DEPTH) throw new LimitError('levels of a b-tree', MAX_DEPTH)
      visited.add(number)
      const page = await file.page(number)
      const at = number === 1 ? SQLITE_HEADER_BYTES : 0
      const type = page.getUint8(at + PAGE_TYPE)
      if (type === LEAF_TABLE) {
        for (const cell of cellsOf(page, number, at, LEAF_HEADER_BYTES)) yield await readCell(file, page, cell, options, budget)
      } else if (type === INTERIOR_TABLE) {
        const children: number[] = []
        for (const cell of cellsOf(page, number, at, INTERIOR_HEADER_BYTES)) {
          if (cell instanceof CorruptError) yield cell
          else children.push(page.getUint32(cell))
        }
        children.push(page.getUint32(at + RIGHT_MOST_POINTER))
        for (const child of children.reverse()) pending.push({ number: child, depth: depth + 1 })
      } else {
        throw new CorruptError('b-tree page', `page ${number} has the type ${type}`, (number - 1) * file.pageSize + at)
      }
    } catch (error) {
      if (!(error instanceof ScanError)) throw error
      yield error
    }
  }
}

/** Where each cell begins in the page; a pointer that cannot be one comes as an error. */
function* cellsOf(page: DataView, number: number, at: number, headerBytes: number): Generator<number | CorruptError> {
  const count = page.getUint16(at + CELL_COUNT)
  const pointers = at + headerBytes
  const contentFrom = pointers + 2 * count
  if (contentFrom > page.byteLength) throw new CorruptError('b-tree page', `page ${number} counts ${count} cells`)
  for (let i = 0; i < count; i++) {
    const cell = page.getUint16(pointers + 2 * i)
    if (cell >= contentFrom && cell + 4 <= page.byteLength) yield cell
    else yield new CorruptError('b-tree page', `page ${number}, cell ${i} begins at ${cell}`)
  }
}

async function readCell(
  file: SqliteFile,
  page: DataView,
  cell: number | CorruptError,
  options: SqliteTableOptions,
  budget: { bytes: number },
): Promise<SqliteRow | ScanError> {
  if (cell instanceof CorruptError) return cell
  let rowid: number | undefined
  try {
    const length = decodeVarint(page, cell)
    const row = decodeVarint(page, length.end)
    rowid = row.value
    if (length.value > options.maxRowBytes) throw new LimitError('bytes of a row', options.maxRowBytes)
    if (length.value > file.size) throw new CorruptError('cell', `${length.value} bytes in a file of ${file.size}`)
    return { rowid, values: decodeRecord(await readPayload(file, page, row.end, length.value, budget), file.encoding) }
  } catch (error) {
    if (!(error instanceof ScanError)) throw error
    return rowid === undefined ? error : new CorruptError(`row ${rowid}`, error.message)
  }
}

/** What of a payload is in its cell, then its overflow pages: https://www.sqlite.org/fileformat2.html#cell_payload */
async function readPayload(file: SqliteFile, page: DataView, at: number, length: number, budget: { bytes: number }): Promise<Uint8Array> {
  const { usableSize } = file
  const maxLocal = usableSize - 35
  const minLocal = Math.floor(((usableSize - 12) * 32) / 255) - 23
  const surplus = minLocal + ((length - minLocal) % (usableSize - 4))
  const local = length <= maxLocal ? length : surplus <= maxLocal ? surplus : minLocal
  const pointerBytes = local < length ? 4 : 0
  if (at + local + pointerBytes > usableSize) throw new CorruptError('cell', `${local} bytes leave their page`)
  const first = new Uint8Array(page.buffer, page.byteOffset + at, local)
  if (pointerBytes === 0) return first
  const payload = new Uint8Array(length)
  payload.set(first)
  const visited = new Set<number>()
  let number = page.getUint32(at + local)
  for (let done = local; done < length; ) {
    if (visited.has(number)) throw new CorruptError('overflow page', `page ${number} is in its chain twice`)
    visited.add(number)
    const overflow = await file.page(number)
    const part = Math.min(usableSize - OVERFLOW_HEADER_BYTES, length - done)
    budget.bytes -= part
    if (budget.bytes < 0) throw new CorruptError('overflow page', 'the chains overlap each other')
    payload.set(new Uint8Array(overflow.buffer, overflow.byteOffset + OVERFLOW_HEADER_BYTES, part), done)
    done += part
    number = overflow.getUint32(0)
  }
  if (number !== 0) throw new CorruptError('overflow page', `page ${number} follows the end of a chain`)
  return payload
}
