import { CorruptError, LimitError, UnsupportedError } from '../../errors.js'
import { type DatabaseFile, ReadAhead } from '../database-file.js'

// The database header: https://www.sqlite.org/fileformat2.html#the_database_header
const MAGIC = 'SQLite format 3\0'
const PAGE_SIZE = 16 // uint16; 1 stands for 65536
const READ_VERSION = 19 // uint8; 1 rollback journal, 2 write-ahead log
const RESERVED_SPACE = 20 // uint8, at the end of every page
const CHANGE_COUNTER = 24 // uint32
const SIZE_IN_PAGES = 28 // uint32, to be trusted where VERSION_VALID_FOR is CHANGE_COUNTER
const TEXT_ENCODING = 56 // uint32
const VERSION_VALID_FOR = 92 // uint32
export const SQLITE_HEADER_BYTES: number = 100

const MIN_USABLE_BYTES = 480
const MAX_BYTES = 4 * 1024 ** 3

/** Whether a file begins as an SQLite database does. */
export function isSqlite(head: Uint8Array): boolean {
  return Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, MAGIC.length)).toString('latin1') === MAGIC
}

/** The pages of an SQLite database, as its main file holds them: neither a write-ahead log nor a rollback journal is applied. */
export class SqliteFile {
  readonly pageSize: number
  /** Bytes of a page without the space reserved for extensions at its end. */
  readonly usableSize: number
  /** Whole pages in the file. */
  readonly pageCount: number
  /** Pages that the header counts; undefined where it was last written by a version that did not count them. */
  readonly declaredPages: number | undefined
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be'
  readonly size: number
  readonly #reader: ReadAhead

  private constructor(reader: ReadAhead, header: DataView) {
    const pageSize = header.getUint16(PAGE_SIZE) === 1 ? 65_536 : header.getUint16(PAGE_SIZE)
    if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0) throw new CorruptError('database header', `page size ${pageSize}`, PAGE_SIZE)
    const usableSize = pageSize - header.getUint8(RESERVED_SPACE)
    if (usableSize < MIN_USABLE_BYTES) throw new CorruptError('database header', `${usableSize} usable bytes in a page`, RESERVED_SPACE)
    const readVersion = header.getUint8(READ_VERSION)
    if (readVersion > 2) throw new UnsupportedError(`SQLite file format ${readVersion}`)
    this.#reader = reader
    this.size = reader.size
    this.pageSize = pageSize
    this.usableSize = usableSize
    this.pageCount = Math.floor(reader.size / pageSize)
    this.declaredPages =
      header.getUint32(VERSION_VALID_FOR) === header.getUint32(CHANGE_COUNTER) ? header.getUint32(SIZE_IN_PAGES) : undefined
    const encoding = header.getUint32(TEXT_ENCODING)
    this.encoding = encoding === 3 ? 'utf-16be' : encoding === 2 ? 'utf-16le' : 'utf-8'
  }

  /** @throws CorruptError, UnsupportedError, LimitError, IoError */
  static async open(file: DatabaseFile): Promise<SqliteFile> {
    if (file.size > MAX_BYTES) throw new LimitError('bytes of an SQLite database', MAX_BYTES)
    if (file.size < SQLITE_HEADER_BYTES) throw new CorruptError('database header', 'cut short', 0)
    const reader = new ReadAhead(file)
    const header = await reader.read(0, SQLITE_HEADER_BYTES)
    if (!isSqlite(header)) throw new CorruptError('database header', 'bad magic', 0)
    return new SqliteFile(reader, new DataView(header.buffer, header.byteOffset, header.length))
  }

  /** The whole page; `number` counts from 1. @throws CorruptError where the file has no such page; IoError */
  async page(number: number): Promise<DataView> {
    if (number < 1 || number > this.pageCount) throw new CorruptError('page', `page ${number} of ${this.pageCount} is pointed to`)
    const bytes = await this.#reader.read((number - 1) * this.pageSize, this.pageSize)
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }
}
