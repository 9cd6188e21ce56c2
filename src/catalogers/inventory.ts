import { type Location, messageOf, ScanError, type ScanErrorCode } from '../errors.js'
import { type FileRef, readFiles } from '../fs/read-files.js'
import type { FileHandle, FileSystem, Stat, WalkEntry, WalkOptions } from '../fs/types.js'
import type { CatalogerCoverage, Issue, OsRelease, Package } from '../model.js'
import { createDispatch, type Dispatch } from './dispatch.js'
import { catalogers as allCatalogers } from './index.js'
import type { Cataloger, CatalogTree, FoundPackage } from './types.js'

/** An entry with the filesystem it is on and its path there. */
interface PlacedEntry extends WalkEntry {
  readonly fs: FileSystem
  readonly fsPath: string
}

/** One tree to list: a system's, or a filesystem's that belongs to none. */
export interface InventoryTree {
  readonly tree: CatalogTree & {
    walk(visit: (entry: PlacedEntry) => 'skip' | undefined, options?: WalkOptions): Promise<void>
    /** Where a path leads, symlinks followed. */
    resolve(path: string): Promise<{ mount: { fs: FileSystem }; ino: number; stat: Stat; fsPath: string }>
  }
  /** `SystemInfo.id` */
  readonly system?: string
  /** Volume, partition and UUID of a filesystem of this tree. */
  locate(fs: FileSystem): Location
  /** os-release of the system whose root directory is at `root` of this tree. */
  osRelease(root: string): Promise<OsRelease | undefined>
}

export interface InventoryOptions {
  /** All of them by default. */
  readonly catalogers?: readonly Cataloger[]
  readonly signal?: AbortSignal | undefined
}

/** What the walk met on one filesystem. */
export interface EntryCounts {
  readonly entries: number
  readonly unreadable: number
}

export interface Inventory {
  /** By tree as given, then by path of the evidence, then in the order of the database. */
  readonly packages: readonly Package[]
  readonly issues: readonly Issue[]
  readonly catalogers: readonly CatalogerCoverage[]
  readonly entries: ReadonlyMap<FileSystem, EntryCounts>
}

/** A file that catalogers want. */
interface Candidate extends FileRef {
  readonly path: string
  readonly fsPath: string
  readonly catalogers: readonly Cataloger[]
}

/**
 * Walk every tree once, then offer each wanted file to the catalogers that want it. A file that cannot be read or understood costs
 * itself: it becomes an issue and counts as failed.
 * @throws only `signal.reason`
 */
export async function takeInventory(trees: readonly InventoryTree[], options: InventoryOptions = {}): Promise<Inventory> {
  const catalogers = options.catalogers ?? allCatalogers
  const dispatch = createDispatch(catalogers)
  const taker = new InventoryTaker(catalogers, options.signal)
  for (const tree of trees) await taker.take(tree, dispatch)
  return taker
}

interface MutableCoverage extends CatalogerCoverage {
  filesRead: number
  filesFailed: number
  packages: number
}

class InventoryTaker implements Inventory {
  readonly packages: Package[] = []
  readonly issues: Issue[] = []
  readonly catalogers: readonly MutableCoverage[]
  readonly entries = new Map<FileSystem, EntryCounts>()
  readonly #signal: AbortSignal | undefined

  constructor(catalogers: readonly Cataloger[], signal: AbortSignal | undefined) {
    this.catalogers = catalogers.map(({ name }) => ({ cataloger: name, filesRead: 0, filesFailed: 0, packages: 0 }))
    this.#signal = signal
  }

  async take(tree: InventoryTree, dispatch: Dispatch): Promise<void> {
    const candidates = await this.#select(tree, dispatch)
    const found = new Map<Candidate, Package[]>()
    await readFiles(
      candidates,
      async (candidate, file) => void found.set(candidate, await this.#catalog(tree, candidate, file)),
      this.#signal,
    )
    for (const candidate of candidates) for (const pkg of found.get(candidate) ?? []) this.packages.push(pkg)
  }

  /** One walk: the wanted regular files, sorted by path, each inode once. */
  async #select(tree: InventoryTree, dispatch: Dispatch): Promise<Candidate[]> {
    const files: Candidate[] = []
    const links: { path: string; catalogers: readonly Cataloger[] }[] = []
    const counts = new Map<FileSystem, { entries: number; unreadable: number }>()
    const visit = ({ path, name, stat, error, fs, fsPath }: PlacedEntry): undefined => {
      const count = counts.get(fs) ?? { entries: 0, unreadable: 0 }
      if (count.entries === 0) counts.set(fs, count)
      count.entries++
      if (error !== undefined || stat.error !== undefined) count.unreadable++
      if (stat.type !== 'file' && stat.type !== 'symlink') return
      const wanting = dispatch.wanting(path, name)
      if (wanting === undefined) return
      if (stat.type === 'file') files.push({ path, fsPath, fs, ino: stat.ino, catalogers: wanting })
      else links.push({ path, catalogers: wanting })
    }
    try {
      await tree.tree.walk(visit, this.#signal ? { signal: this.#signal } : {})
    } catch (error) {
      this.#signal?.throwIfAborted()
      this.issues.push(issue('filesystem', error, tree.system === undefined ? {} : { path: '/' }))
    }
    for (const [fs, count] of counts) {
      if (count.entries > (this.entries.get(fs)?.entries ?? 0)) this.entries.set(fs, count)
    }
    const linked: Candidate[] = []
    for (const link of links) linked.push(...(await this.#follow(tree, link)))
    return distinct([...files.sort(byPath), ...linked.sort(byPath)]).sort(byPath)
  }

  /** The regular file behind a symlink; nothing where it leads nowhere, as a dangling link proves no package. */
  async #follow(tree: InventoryTree, link: { path: string; catalogers: readonly Cataloger[] }): Promise<Candidate[]> {
    try {
      const { mount, ino, stat, fsPath } = await tree.tree.resolve(link.path)
      return stat.type === 'file' ? [{ ...link, fs: mount.fs, ino, fsPath }] : []
    } catch (error) {
      this.#signal?.throwIfAborted()
      if (!(error instanceof ScanError && error.code === 'PATH')) this.issues.push(issue('catalog', error, { path: link.path }))
      return []
    }
  }

  async #catalog(tree: InventoryTree, candidate: Candidate, file: FileHandle | Error): Promise<Package[]> {
    const where = tree.locate(candidate.fs)
    const evidence: Location = { ...where, path: candidate.fsPath }
    const report = (error: unknown, path: string): void => void this.issues.push(issue('catalog', error, { ...where, path }))
    const osRelease = async (root: string): Promise<OsRelease | undefined> => {
      try {
        return await tree.osRelease(root)
      } catch (error) {
        this.#signal?.throwIfAborted()
        report(error, root)
        return undefined
      }
    }
    const context = { tree: tree.tree, osRelease, signal: this.#signal, report }
    const packages: Package[] = []
    for (const cataloger of candidate.catalogers) {
      const coverage = this.catalogers.find((entry) => entry.cataloger === cataloger.name)!
      try {
        if (file instanceof Error) throw file
        const found = await cataloger.catalog({ path: candidate.path, stat: file.stat, file }, context)
        for (const pkg of found) packages.push(complete(pkg, candidate, evidence, cataloger, tree.system))
        coverage.filesRead++
        coverage.packages += found.length
      } catch (error) {
        this.#signal?.throwIfAborted()
        report(error, candidate.path)
        coverage.filesFailed++
      }
    }
    return packages
  }
}

function complete(found: FoundPackage, candidate: Candidate, evidence: Location, cataloger: Cataloger, system?: string): Package {
  return {
    ...found,
    path: found.path ?? candidate.path,
    evidence,
    ...(system === undefined ? {} : { system }),
    foundBy: cataloger.name,
  }
}

/** Of several names for one inode (hard links, symlinks) the first for each cataloger. */
function distinct(candidates: readonly Candidate[]): Candidate[] {
  const seen = new Map<FileSystem, Map<number, Set<Cataloger>>>()
  const kept: Candidate[] = []
  for (const candidate of candidates) {
    const inodes = seen.get(candidate.fs) ?? new Map<number, Set<Cataloger>>()
    seen.set(candidate.fs, inodes)
    const taken = inodes.get(candidate.ino) ?? new Set<Cataloger>()
    inodes.set(candidate.ino, taken)
    const catalogers = candidate.catalogers.filter((cataloger) => !taken.has(cataloger))
    for (const cataloger of catalogers) taken.add(cataloger)
    if (catalogers.length > 0) kept.push({ ...candidate, catalogers })
  }
  return kept
}

function byPath(a: Candidate, b: Candidate): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0
}

function issue(stage: 'filesystem' | 'catalog', error: unknown, where: Location): Issue {
  const code: ScanErrorCode = error instanceof ScanError ? error.code : 'PARSE'
  return { stage, code, message: messageOf(error), where, incomplete: true }
}
