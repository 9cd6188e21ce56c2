import { accessSync, constants, statSync } from 'node:fs'
import sqlite, { type Database } from 'node-sqlite3-wasm'
import { ConfigError, CorruptError, messageOf } from '../errors.js'
import { privateName } from './private-name.js'
import { APPLICATION_ID, type Meta, SCHEMA_VERSION } from './schema.js'

/** Pages that one reader keeps, in KiB. */
const CACHE_KIB = 32_000

/** An advisory database opened for reading: one read transaction from now until `close`. */
export interface OpenDatabase {
  readonly database: Database
  readonly meta: Meta
}

/**
 * Opens an advisory database for reading; it may lie on a read-only file system.
 *
 * @throws ConfigError where there is none, or one of another schema version; CorruptError where the file is damaged.
 */
export function openDatabase(path: string): OpenDatabase {
  requireFile(path)
  const name = privateName(path)
  let database: Database | undefined
  try {
    database = new sqlite.Database(name.path, { readOnly: true, fileMustExist: true })
    requireSchema(database, path)
    database.exec(`PRAGMA cache_size = -${CACHE_KIB}; BEGIN`)
    return { database, meta: readMeta(database) }
  } catch (error) {
    database?.close()
    throw asDatabaseError(error, path)
  } finally {
    // The transaction holds the lock of the open file; neither needs the name any more.
    name.remove()
  }
}

function requireFile(path: string): void {
  try {
    accessSync(path, constants.R_OK)
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const problem = missing
      ? 'there is no advisory database'
      : `the advisory database cannot be read (${(error as NodeJS.ErrnoException).code})`
    throw new ConfigError(`${problem} at ${path}${missing ? '; make one with: snapsight db update' : ''}`, { cause: error })
  }
  if (!statSync(path).isFile()) throw new ConfigError(`${path} is not an advisory database: it is not a file`)
}

function requireSchema(database: Database, path: string): void {
  const { application_id: application } = database.get('PRAGMA application_id') as { application_id: number }
  if (application !== APPLICATION_ID) throw new ConfigError(`${path} is not an advisory database of snapsight`)
  const { user_version: version } = database.get('PRAGMA user_version') as { user_version: number }
  if (version !== SCHEMA_VERSION) {
    const cure = 'delete it and make a new one with: snapsight db update'
    throw new ConfigError(`the advisory database ${path} has schema version ${version}, this version reads ${SCHEMA_VERSION}; ${cure}`)
  }
}

function readMeta(database: Database): Meta {
  const rows = database.all('SELECT key, value FROM meta') as { key: string; value: string }[]
  return Object.fromEntries(rows.map(({ key, value }) => [key, JSON.parse(value)])) as unknown as Meta
}

/** An error of ours as it is; anything SQLite or a broken row throws says that the file is damaged. */
export function asDatabaseError(error: unknown, path: string): Error {
  if (error instanceof ConfigError || error instanceof CorruptError) return error
  const cure = 'delete it and make a new one with: snapsight db update'
  return new CorruptError('advisory database', `${path}: ${messageOf(error)}; ${cure}`)
}
