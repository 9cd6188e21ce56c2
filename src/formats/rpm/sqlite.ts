import { CorruptError, ScanError } from '../../errors.js'
import type { DatabaseFile } from '../database-file.js'
import { SqliteFile } from '../sqlite/file.js'
import { findTable, readTable } from '../sqlite/table.js'
import { type HeaderBlob, MAX_HEADER_BYTES } from './blob.js'

// `rpmdb.sqlite`: Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)
// https://github.com/rpm-software-management/rpm/blob/rpm-4.18.0-release/lib/backend/sqlite.c

/** The number is the rowid; what else a row holds does not matter. */
const RECORD_OVERHEAD = 64

/**
 * Every header of the database by number. What is damaged comes as an error and costs only itself.
 * @throws CorruptError, UnsupportedError where the file is no SQLite database or has no table of packages
 */
export async function* readRpmSqlite(file: DatabaseFile): AsyncGenerator<HeaderBlob | ScanError> {
  const database = await SqliteFile.open(file)
  const { declaredPages, pageCount } = database
  if (declaredPages !== undefined && declaredPages > pageCount) {
    yield new CorruptError('database header', `counts ${declaredPages} pages, but the file ends after ${pageCount}`)
  }
  const root = await findTable(database, 'Packages')
  for await (const row of readTable(database, root, { maxRowBytes: MAX_HEADER_BYTES + RECORD_OVERHEAD })) {
    if (row instanceof ScanError) {
      yield row
      continue
    }
    const blob = row.values[1]
    yield blob instanceof Uint8Array ? { number: row.rowid, bytes: blob } : new CorruptError('Packages', `row ${row.rowid} holds no blob`)
  }
}
