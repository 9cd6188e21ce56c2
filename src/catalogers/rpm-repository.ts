import { type DatabaseFile, memoryFile } from '../formats/database-file.js'
import { nevraKey, readDnfHistory } from '../formats/dnf-history.js'
import type { RpmRecord } from '../formats/rpm/record.js'
import type { CatalogContext } from './types.js'

/** Below the root of the system. */
const DNF_HISTORY = 'var/lib/dnf/history.sqlite'
const YUMDB = 'var/lib/yum/yumdb'
const MAX_HISTORY_BYTES = 64 * 1024 * 1024
const MAX_NAME_BYTES = 256
/** `<pkgid>-<name>-<version>-<release>-<arch>`, the pkgid being a checksum in hexadecimal. */
const YUMDB_ENTRY = /^[0-9a-f]+-(.+)$/

/** The repository that a package was installed from, where the package manager recorded it. */
export type RepositoryOf = (record: RpmRecord) => Promise<string | undefined>

/** What dnf's history or yum's database says for the system at `root`. A history that cannot be read is reported and says nothing. */
export async function openRepositories(root: string, context: CatalogContext): Promise<RepositoryOf> {
  const folder = root === '/' ? '/' : `${root}/`
  const history = await dnfHistory(`${folder}${DNF_HISTORY}`, context)
  const yumdb = `${folder}${YUMDB}`
  const entries = new Map<string, ReadonlyMap<string, string>>()
  return async (record) => {
    const { name, epoch = 0, version, release, arch } = record
    const known = history?.get(nevraKey(name, epoch, version, release, arch ?? ''))
    if (known !== undefined) return known
    const letter = name.charAt(0)
    const folders = entries.get(letter) ?? (await yumdbFolders(`${yumdb}/${letter}`, context))
    entries.set(letter, folders)
    const entry = folders.get(`${name}-${version}-${release}-${arch ?? ''}`)
    return entry === undefined ? undefined : nameIn(`${entry}/from_repo`, context)
  }
}

async function dnfHistory(path: string, context: CatalogContext): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    if ((await context.tree.stat(path))?.type !== 'file') return undefined
    const file: DatabaseFile = memoryFile(await context.tree.read(path, MAX_HISTORY_BYTES))
    return await readDnfHistory(file)
  } catch (error) {
    context.signal?.throwIfAborted()
    context.report(error as Error, path)
    return undefined
  }
}

/** Folders of yum's database by `name-version-release-arch`. */
async function yumdbFolders(folder: string, context: CatalogContext): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const entry of await context.tree.readdir(folder)) {
    const nevra = YUMDB_ENTRY.exec(entry)?.[1]
    if (nevra !== undefined) found.set(nevra, `${folder}/${entry}`)
  }
  return found
}

async function nameIn(path: string, context: CatalogContext): Promise<string | undefined> {
  try {
    if ((await context.tree.stat(path))?.type !== 'file') return undefined
    const name = Buffer.from(await context.tree.read(path, MAX_NAME_BYTES))
      .toString('utf8')
      .trim()
    return /^[\w.@:+/-]+$/.test(name) ? name : undefined
  } catch (error) {
    context.signal?.throwIfAborted()
    context.report(error as Error, path)
    return undefined
  }
}
