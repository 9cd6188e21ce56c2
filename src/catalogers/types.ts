import type { FileHandle, Stat } from '../fs/types.js'
import type { OsRelease, Package } from '../model.js'

/** The tree a cataloger may look into; nothing outside it can be reached. */
export interface CatalogTree {
  /** Follows symlinks inside the tree. Undefined where there is no such path. */
  stat(path: string): Promise<Stat | undefined>
  /** Whole contents. @throws LimitError above `maxBytes`, PathError */
  read(path: string, maxBytes?: number): Promise<Uint8Array>
  /** Names in a directory; empty where there is none. */
  readdir(path: string): Promise<readonly string[]>
}

/** A file that matched one of a cataloger's patterns. */
export interface Evidence {
  /** In its tree. */
  readonly path: string
  readonly stat: Stat
  readonly file: FileHandle
}

export interface CatalogContext {
  readonly tree: CatalogTree
  /** os-release of the system whose root is `root` (`/`, `/srv/chroot/x`), found as os-release(5) says; undefined without one. */
  osRelease(root: string): Promise<OsRelease | undefined>
  readonly signal: AbortSignal | undefined
  /** A problem that does not stop this cataloger: one bad record of a database. */
  report(error: Error, path: string): void
}

/** What a cataloger knows of a package; `evidence`, `path`, `system` and `foundBy` are filled in by the inventory. */
export type FoundPackage = Omit<Package, 'evidence' | 'path' | 'foundBy' | 'system'> & { readonly path?: string }

/** One kind of package evidence. A new one is one file here and one line in `catalogers/index.ts`. */
export interface Cataloger {
  /** `dpkg`, `rpm`, … */
  readonly name: string
  /** Globs against the whole path, for regular files and symlinks to them: `*` within one component, a leading `**` for any folder. */
  readonly patterns: readonly string[]
  catalog(evidence: Evidence, context: CatalogContext): Promise<readonly FoundPackage[]>
}
