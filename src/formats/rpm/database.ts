import { CorruptError, ScanError } from '../../errors.js'
import type { DatabaseFile } from '../database-file.js'
import { isSqlite } from '../sqlite/file.js'
import { isBdb, readBdb } from './bdb.js'
import type { HeaderBlob } from './blob.js'
import { isNdb, readNdb } from './ndb.js'
import { decodeRpmRecord, type RpmRecord } from './record.js'
import { readRpmSqlite } from './sqlite.js'

const HEAD_BYTES = 512

/**
 * Every package of an rpm database, told by its contents as Berkeley DB hash, NDB or SQLite. What is damaged (a page, a chain, a header)
 * comes as an error and costs only itself. One header is in memory at a time.
 * @throws CorruptError, UnsupportedError, LimitError where the database as a whole cannot be read
 */
export async function* readRpmDatabase(file: DatabaseFile): AsyncGenerator<RpmRecord | ScanError> {
  for await (const blob of await readHeaders(file)) yield blob instanceof ScanError ? blob : recordOrError(blob)
}

async function readHeaders(file: DatabaseFile): Promise<AsyncGenerator<HeaderBlob | ScanError>> {
  if (file.size === 0) throw new CorruptError('rpm database', 'the file is empty')
  const head = await file.read(0, Math.min(HEAD_BYTES, file.size))
  if (isSqlite(head)) return readRpmSqlite(file)
  if (isNdb(head)) return readNdb(file)
  if (isBdb(head)) return readBdb(file)
  throw new CorruptError('rpm database', 'neither Berkeley DB nor NDB nor SQLite', 0)
}

function recordOrError(blob: HeaderBlob): RpmRecord | ScanError {
  try {
    return decodeRpmRecord(blob)
  } catch (error) {
    if (!(error instanceof ScanError)) throw error
    return error
  }
}
