import { CorruptError, ScanError } from '../errors.js'
import type { DatabaseFile } from './database-file.js'
import { SqliteFile } from './sqlite/file.js'
import { findTable, readTable, type SqliteRow } from './sqlite/table.js'

// dnf's `history.sqlite`: rpm (item_id, name, epoch, version, release, arch), repo (id, repoid),
// trans_item (id, trans_id, item_id, repo_id, action, reason, state).
// https://github.com/rpm-software-management/libdnf/blob/0.73.0/libdnf/transaction/transformer.cpp

const MAX_ROW_BYTES = 64 * 1024
/** TransactionItemAction: install, downgrade, obsolete, upgrade, reinstall. The others take packages away. */
const BRINGS = new Set([1, 2, 4, 6, 9])

/** `name epoch:version-release arch`, the epoch 0 where there is none. */
export function nevraKey(name: string, epoch: number, version: string, release: string, arch: string): string {
  return `${name} ${epoch}:${version}-${release} ${arch}`
}

/**
 * The repository that each package was last installed from, by `nevraKey`.
 * @throws ScanError where any of it cannot be read: half a history would name the wrong repository
 */
export async function readDnfHistory(file: DatabaseFile): Promise<ReadonlyMap<string, string>> {
  const database = await SqliteFile.open(file)
  const repositories = new Map<number, string>()
  for (const { rowid, values } of await rowsOf(database, 'repo')) {
    if (typeof values[1] === 'string') repositories.set(rowid, values[1])
  }
  const lastFrom = new Map<number, string>()
  for (const { values } of await rowsOf(database, 'trans_item')) {
    const [, , item, repository, action] = values
    const from = typeof repository === 'number' ? repositories.get(repository) : undefined
    if (typeof item === 'number' && typeof action === 'number' && from !== undefined && BRINGS.has(action)) lastFrom.set(item, from)
  }
  const found = new Map<string, string>()
  for (const { values } of await rowsOf(database, 'rpm')) {
    const [item, name, epoch, version, release, arch] = values
    const from = typeof item === 'number' ? lastFrom.get(item) : undefined
    if (from !== undefined) found.set(nevraKey(String(name), Number(epoch ?? 0), String(version), String(release), String(arch)), from)
  }
  return found
}

async function rowsOf(database: SqliteFile, table: string): Promise<SqliteRow[]> {
  const rows: SqliteRow[] = []
  for await (const row of readTable(database, await findTable(database, table), { maxRowBytes: MAX_ROW_BYTES })) {
    if (row instanceof ScanError) throw new CorruptError(table, row.message)
    rows.push(row)
  }
  return rows
}
