import type { Database, Statement } from 'node-sqlite3-wasm'
import type { DatabaseInfo } from '../model.js'
import { asDatabaseError, openDatabase } from './database.js'
import { decodeAdvisory, decodeDetails, type Meta, SCHEMA_VERSION, type SourceInfo } from './schema.js'
import type { Advisory, AdvisoryDetails, AdvisoryStore, Exploitation, RecordVectors, SeverityVector } from './types.js'

/** What a database says of itself. */
export interface DatabaseDetails extends DatabaseInfo {
  readonly schemaVersion: number
  readonly sources: readonly SourceInfo[]
}

const LOOKUP = `SELECT a.id AS id, a.data AS data, s.ids AS aliases FROM advisories a LEFT JOIN aliases s ON s.id = a.id
  WHERE a.ecosystem = ? AND a.name = ? ORDER BY a.id`

/** Advisories out of a database file. */
class SqliteStore implements AdvisoryStore {
  readonly info: DatabaseDetails
  readonly ecosystems: ReadonlySet<string>
  readonly #path: string
  readonly #database: Database
  readonly #cveEcosystems: ReadonlySet<string>
  readonly #statements: Readonly<Record<'lookup' | 'details' | 'has' | 'exploited' | 'epss' | 'vectors', Statement>>

  constructor(path: string, database: Database, meta: Meta) {
    this.#path = path
    this.#database = database
    this.info = detailsOf(path, meta)
    this.ecosystems = new Set(meta.ecosystems)
    this.#cveEcosystems = new Set(meta.cveEcosystems)
    this.#statements = {
      lookup: database.prepare(LOOKUP),
      details: database.prepare('SELECT data FROM records WHERE id = ?'),
      has: database.prepare('SELECT 1 FROM records WHERE id = ?'),
      exploited: database.prepare('SELECT since, due, ransomware FROM exploited WHERE cve = ?'),
      epss: database.prepare('SELECT probability, percentile FROM epss WHERE cve = ?'),
      vectors: database.prepare('SELECT id, data FROM vectors WHERE cve = ? ORDER BY id'),
    }
  }

  lookup(ecosystem: string, packageName: string): readonly Advisory[] {
    return this.#read(() => {
      const rows = this.#statements.lookup.all([ecosystem, packageName]) as { id: string; data: string; aliases: string | null }[]
      return rows.map(({ id, data, aliases }) =>
        decodeAdvisory(ecosystem, packageName, id, aliases === null ? [] : (JSON.parse(aliases) as string[]), data),
      )
    })
  }

  details(id: string): AdvisoryDetails | undefined {
    return this.#read(() => {
      const row = this.#statements.details.get([id]) as { data: string | Uint8Array } | null
      return row === null ? undefined : decodeDetails(row.data)
    })
  }

  speaksFor(ecosystem: string, id: string): boolean {
    return this.#cveEcosystems.has(ecosystem) && this.#read(() => this.#statements.has.get([id]) !== null)
  }

  exploitation(cve: string): Exploitation {
    return this.#read(() => {
      const exploited = this.#statements.exploited.get([cve]) as { since: string; due: string | null; ransomware: number } | null
      const epss = this.#statements.epss.get([cve]) as { probability: number; percentile: number } | null
      return {
        ...(exploited && {
          exploited: {
            since: exploited.since,
            ...(exploited.due !== null && { dueDate: exploited.due }),
            ...(exploited.ransomware === 1 && { ransomware: true }),
          },
        }),
        ...(epss && { epss: { probability: epss.probability, percentile: epss.percentile } }),
      }
    })
  }

  vectors(cve: string): readonly RecordVectors[] {
    return this.#read(() => {
      const rows = this.#statements.vectors.all([cve]) as { id: string; data: string }[]
      return rows.map(({ id, data }) => ({ id, severity: JSON.parse(data) as SeverityVector[] }))
    })
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }

  #read<T>(query: () => T): T {
    try {
      return query()
    } catch (error) {
      throw asDatabaseError(error, this.#path)
    }
  }
}

/**
 * Opens an advisory database. Lookups are synchronous; `close` when done.
 *
 * @throws ConfigError where there is none, or one of another schema version; CorruptError where the file is damaged.
 */
export function openStore(path: string): AdvisoryStore {
  const { database, meta } = openDatabase(path)
  try {
    return new SqliteStore(path, database, meta)
  } catch (error) {
    database.close()
    throw asDatabaseError(error, path)
  }
}

/** What a database holds, from where, under which terms, and how old it is. @throws as `openStore` does */
export function databaseInfo(path: string): DatabaseDetails {
  const { database, meta } = openDatabase(path)
  database.close()
  return detailsOf(path, meta)
}

function detailsOf(path: string, meta: Meta): DatabaseDetails {
  return { path, schemaVersion: SCHEMA_VERSION, built: meta.built, advisories: meta.records, sources: meta.sources }
}
