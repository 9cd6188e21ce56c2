import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, constants, copyFileSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import sqlite, { type Database, type Statement } from 'node-sqlite3-wasm'
import { ConfigError, IoError, messageOf } from '../errors.js'
import type { Exploited, ExploitPrediction } from '../model.js'
import { AliasSets } from './clusters.js'
import { EarlierDatabase } from './earlier-database.js'
import { BULLETIN_PREFIXES, isCoveredByCve, onlyCve } from './ids.js'
import { modifiedTime } from './osv-values.js'
import { privateName } from './private-name.js'
import { distinctRanges } from './range.js'
import { decodeAdvisory, encodeAdvisory, encodeDetails, type Meta, SCHEMA_SQL, type SourceInfo } from './schema.js'
import type { Advisory, AdvisoryRecord } from './types.js'

/** Rows arrive in the order of records, not of their keys: this much of the tree stays in memory, in KiB. */
const CACHE_KIB = 64_000

/**
 * A database in the making: written beside its place under a name of its own and moved there when complete, so that a reader
 * sees the earlier one or the whole new one. `abandon` leaves nothing behind.
 */
export class DatabaseWriter {
  readonly #target: string
  readonly #temporary: string
  readonly #database: Database
  readonly #aliases = new AliasSets()
  readonly #insertRow: Statement
  readonly #rowOf: Statement
  readonly #insertRecord: Statement
  readonly #insertVectors: Statement
  readonly #insertExploited: Statement
  readonly #insertEpss: Statement
  readonly #recordOf: Statement
  readonly #withdrawnOf: Statement
  readonly #insertWithdrawn: Statement
  /** Open statements hold the tables they have read. */
  readonly #statements: readonly Statement[]
  #hasIdIndex = false

  /** @throws ConfigError where the folder cannot be written to. */
  constructor(target: string) {
    this.#target = resolve(target)
    this.#temporary = temporaryFor(this.#target)
    this.#database = createDatabase(this.#temporary, target)
    this.#database.exec('CREATE TEMP TABLE withdrawn (id TEXT PRIMARY KEY, modified REAL NOT NULL) WITHOUT ROWID')
    this.#insertRow = this.#database.prepare('INSERT OR REPLACE INTO advisories (ecosystem, name, id, data) VALUES (?, ?, ?, ?)')
    this.#rowOf = this.#database.prepare('SELECT data FROM advisories WHERE ecosystem = ? AND name = ? AND id = ?')
    this.#insertVectors = this.#database.prepare('INSERT OR REPLACE INTO vectors (cve, id, data) VALUES (?, ?, ?)')
    this.#insertExploited = this.#database.prepare(
      'INSERT OR REPLACE INTO exploited (cve, source, since, due, ransomware) VALUES (?, ?, ?, ?, ?)',
    )
    this.#insertEpss = this.#database.prepare('INSERT OR REPLACE INTO epss (cve, source, probability, percentile) VALUES (?, ?, ?, ?)')
    this.#insertRecord = this.#database.prepare('INSERT OR REPLACE INTO records (id, source, modified, data) VALUES (?, ?, ?, ?)')
    this.#recordOf = this.#database.prepare('SELECT modified FROM records WHERE id = ?')
    this.#withdrawnOf = this.#database.prepare('SELECT modified FROM withdrawn WHERE id = ?')
    this.#insertWithdrawn = this.#database.prepare(
      'INSERT INTO withdrawn VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET modified = max(modified, excluded.modified)',
    )
    this.#statements = [
      this.#insertRow,
      this.#rowOf,
      this.#insertRecord,
      this.#insertVectors,
      this.#insertExploited,
      this.#insertEpss,
      this.#recordOf,
      this.#withdrawnOf,
      this.#insertWithdrawn,
    ]
  }

  /** Adds a record unless one of the same id is there that is as new, or was withdrawn since. A partial one adds to what is there. */
  add(source: string, { details, advisories, partial }: AdvisoryRecord): boolean {
    const time = modifiedTime(details.modified)
    const withdrawn = this.#withdrawnOf.get([details.id]) as { modified: number } | null
    if (withdrawn !== null && withdrawn.modified >= time) return false
    const known = this.#knownTime(details.id)
    if (known !== undefined && partial) {
      for (const advisory of advisories) this.#addRow(this.#joinedWithKnown(advisory))
      return true
    }
    if (known !== undefined && known >= time) return false
    if (known !== undefined) this.#remove(details.id)
    this.#insertRecord.run([details.id, source, details.modified ?? '', encodeDetails(details)])
    for (const advisory of advisories) this.#addRow(advisory)
    for (const alias of advisories[0]?.aliases ?? []) this.#aliases.union(details.id, alias)
    const cve = details.severity.length > 0 ? onlyCve(advisories[0]) : undefined
    if (cve !== undefined) this.#insertVectors.run([cve, details.id, JSON.stringify(details.severity)])
    return true
  }

  /** Of the catalogue of known exploited vulnerabilities. */
  addExploited(source: string, cve: string, { since, dueDate, ransomware }: Exploited): void {
    this.#insertExploited.run([cve, source, since, dueDate ?? null, Number(ransomware ?? false)])
  }

  /** Of the Exploit Prediction Scoring System. */
  addPrediction(source: string, cve: string, { probability, percentile }: ExploitPrediction): void {
    this.#insertEpss.run([cve, source, probability, percentile])
  }

  /** A withdrawn record takes its earlier copy away, and keeps one that comes later in the stream out. */
  withdraw(id: string, modified: string | undefined): void {
    const time = modifiedTime(modified)
    this.#insertWithdrawn.run([id, time])
    if ((this.#knownTime(id) ?? Number.POSITIVE_INFINITY) <= time) this.#remove(id)
  }

  /** Takes away all that a source has added. */
  discard(source: string): void {
    for (const table of ['advisories', 'vectors']) {
      this.#database.run(`DELETE FROM ${table} WHERE id IN (SELECT id FROM records WHERE source = ?)`, [source])
    }
    for (const table of ['records', 'exploited', 'epss']) this.#database.run(`DELETE FROM ${table} WHERE source = ?`, [source])
  }

  /** Opens an earlier database of the same schema, to take rows over from. */
  attach(path: string): EarlierDatabase {
    const name = privateName(path)
    try {
      // ATTACH is refused inside a transaction.
      this.#database.exec('COMMIT')
      this.#database.run('ATTACH DATABASE ? AS earlier', [name.path])
      this.#database.exec('BEGIN')
      this.#database.get('SELECT count(*) FROM earlier.meta')
    } finally {
      name.remove()
    }
    for (const { id, ids } of this.#database.all('SELECT id, ids FROM earlier.aliases') as { id: string; ids: string }[]) {
      for (const alias of JSON.parse(ids) as string[]) this.#aliases.union(id, alias)
    }
    return new EarlierDatabase(this.#database)
  }

  /** Completes the database and moves it to its place. */
  finish(meta: { readonly built: string; readonly sources: readonly Omit<SourceInfo, 'advisories'>[] }): Meta {
    this.#writeAliases()
    const counts = this.#database.all(`
      SELECT source, count(*) AS n FROM records GROUP BY source
      UNION ALL SELECT source, count(*) FROM exploited GROUP BY source
      UNION ALL SELECT source, count(*) FROM epss GROUP BY source`) as { source: string; n: number }[]
    const bySource = new Map<string, number>()
    for (const { source, n } of counts) bySource.set(source, (bySource.get(source) ?? 0) + n)
    const full: Meta = {
      built: meta.built,
      records: (this.#database.get('SELECT count(*) AS n FROM records') as { n: number }).n,
      sources: meta.sources.map((source) => ({ ...source, advisories: bySource.get(source.name) ?? 0 })),
      cveEcosystems: this.#cveEcosystems(),
      ecosystems: this.#ecosystems(),
    }
    writeMeta(this.#database, full)
    for (const statement of this.#statements) statement.finalize()
    if (this.#hasIdIndex) this.#database.exec('DROP INDEX advisories_by_id')
    this.#database.exec('COMMIT')
    this.#database.close()
    moveInto(this.#temporary, this.#target)
    return full
  }

  /** Gives up: removes all that was written. Harmless after `finish`. */
  abandon(): void {
    if (this.#database.isOpen) this.#database.close()
    removeTemporary(this.#temporary)
  }

  #knownTime(id: string): number | undefined {
    const known = this.#recordOf.get([id]) as { modified: string } | null
    return known === null ? undefined : modifiedTime(known.modified === '' ? undefined : known.modified)
  }

  #remove(id: string): void {
    // Replacing is rare, and this index nearly as large as the rows: it is made when first needed.
    if (!this.#hasIdIndex) this.#database.exec('CREATE INDEX advisories_by_id ON advisories (id)')
    this.#hasIdIndex = true
    for (const table of ['advisories', 'vectors', 'records']) this.#database.run(`DELETE FROM ${table} WHERE id = ?`, [id])
  }

  #addRow(advisory: Advisory): void {
    this.#insertRow.run([advisory.ecosystem, advisory.packageName, advisory.id, encodeAdvisory(advisory)])
  }

  #joinedWithKnown(advisory: Advisory): Advisory {
    const { ecosystem, packageName, id } = advisory
    const known = this.#rowOf.get([ecosystem, packageName, id]) as { data: string } | null
    if (known === null) return advisory
    const earlier = decodeAdvisory(ecosystem, packageName, id, [], known.data)
    return { ...advisory, ...earlier, ranges: distinctRanges([...earlier.ranges, ...advisory.ranges]) }
  }

  #ecosystems(): string[] {
    const rows = this.#database.all('SELECT DISTINCT ecosystem FROM advisories') as { ecosystem: string }[]
    return rows.map(({ ecosystem }) => ecosystem)
  }

  #writeAliases(): void {
    const insert = this.#database.prepare('INSERT INTO aliases SELECT ?, ? WHERE EXISTS (SELECT 1 FROM records WHERE id = ?)')
    for (const set of this.#aliases.sets()) {
      for (const id of set) insert.run([id, JSON.stringify(set.filter((other) => other !== id)), id])
    }
    insert.finalize()
  }

  #cveEcosystems(): string[] {
    const bulletin = BULLETIN_PREFIXES.map((prefix) => `id GLOB '${prefix}*'`).join(' OR ')
    const rows = this.#database.all(`
      SELECT ecosystem, sum(id LIKE substr(ecosystem, 1, instr(ecosystem || ':', ':') - 1) || '-CVE-%') AS vendor, sum(${bulletin}) AS bulletins
      FROM advisories GROUP BY ecosystem ORDER BY ecosystem`) as { ecosystem: string; vendor: number; bulletins: number }[]
    return rows.flatMap(({ ecosystem, vendor, bulletins }) => (isCoveredByCve(vendor, bulletins) ? [ecosystem] : []))
  }
}

/** An empty database, in a transaction. */
function createDatabase(path: string, target: string): Database {
  let database: Database | undefined
  try {
    mkdirSync(dirname(path), { recursive: true })
    database = new sqlite.Database(path)
    // Until it is complete the file is worth nothing: no journal, no syncing.
    database.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -${CACHE_KIB}; BEGIN; ${SCHEMA_SQL}`)
    return database
  } catch (error) {
    if (database) {
      database.close()
      removeTemporary(path)
    }
    throw new ConfigError(`cannot write an advisory database to ${target}: ${messageOf(error)}`, { cause: error })
  }
}

/** What SQLite or the file system says while a database is written, as an error of ours; anything else as it is. */
export function asWriteError(error: unknown, path: string): unknown {
  const ours = error instanceof sqlite.SQLite3Error || (error as NodeJS.ErrnoException | undefined)?.syscall !== undefined
  return ours ? new IoError(`cannot write the advisory database ${path}: ${messageOf(error)}`, { cause: error }) : error
}

/** Replaces what a database says of itself, its advisories staying as they are: in a copy, moved into its place. */
export function renewMeta(path: string, meta: Meta): void {
  const target = resolve(path)
  const temporary = temporaryFor(target)
  try {
    copyFileSync(target, temporary, constants.COPYFILE_FICLONE)
    const database = new sqlite.Database(temporary, { fileMustExist: true })
    try {
      writeMeta(database, meta)
    } finally {
      database.close()
    }
    moveInto(temporary, target)
  } catch (error) {
    throw asWriteError(error, path)
  } finally {
    removeTemporary(temporary)
  }
}

function writeMeta(database: Database, meta: Meta): void {
  for (const [key, value] of Object.entries(meta)) {
    database.run('INSERT OR REPLACE INTO meta VALUES (?, ?)', [key, JSON.stringify(value)])
  }
}

function temporaryFor(target: string): string {
  return join(dirname(target), `.${basename(target)}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`)
}

function moveInto(temporary: string, target: string): void {
  // SQLite makes files for their owner alone; advisories are public.
  chmodSync(temporary, 0o644)
  syncFile(temporary)
  renameSync(temporary, target)
  syncFile(dirname(target))
}

function removeTemporary(temporary: string): void {
  for (const suffix of ['', '-journal', '.lock']) rmSync(temporary + suffix, { recursive: true, force: true })
}

function syncFile(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
