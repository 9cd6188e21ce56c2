import { PathError, ScanError } from '../errors.js'
import { isWithin, underPath } from './path.js'
import { type Mount, TreeView } from './tree-view.js'
import type { FileSystem, WalkEntry, WalkOptions, WalkVisitor } from './types.js'

export { type Mount, type Place, TreeView } from './tree-view.js'

/** An entry of a walk over all mounts; valid only during the visit. */
export interface TreeEntry extends WalkEntry {
  /** Opens it without resolving its path again: `entry.fs.open(entry.stat.ino)`. */
  readonly fs: FileSystem
  /** Its path inside that filesystem. */
  readonly fsPath: string
}

/** Return `'skip'` on a directory to leave out its contents and what is mounted below it. */
export type TreeVisitor = (entry: TreeEntry) => 'skip' | undefined

interface MutableMount extends Mount {
  readonly children: Map<number, MutableMount>
}

/** A root filesystem with others mounted in it, as one tree. */
export class Tree extends TreeView {
  readonly #root: MutableMount
  readonly #mounts: MutableMount[]

  constructor(root: FileSystem) {
    const mount: MutableMount = { path: '/', fs: root, children: new Map() }
    super({ mount, ino: root.root, name: '' }, '/')
    this.#root = mount
    this.#mounts = [mount]
  }

  /** The root first, then in the order in which they were mounted. */
  get mounts(): readonly Mount[] {
    return this.#mounts
  }

  /**
   * Mount a filesystem on a directory, over whatever is mounted there already; returns the canonical path.
   * @throws PathError where the directory is missing
   */
  async mount(path: string, fs: FileSystem): Promise<string> {
    const place = await this.resolve(path)
    if (place.stat.type !== 'dir') throw new PathError('ENOTDIR', path)
    const parent = this.#mounts.find((mount) => mount === place.mount)!
    const mount: MutableMount = { path: place.path, fs, children: new Map() }
    parent.children.set(place.ino, mount)
    this.#mounts.push(mount)
    return place.path
  }

  /**
   * Every visible entry once per name, parents before children. A directory on which something is mounted appears as the root of that;
   * what it hides is not given. Filesystems are walked one after another, the root first; one that cannot be walked to its end keeps none
   * of the others from it.
   * @throws the first error of a filesystem, after all were walked
   */
  async walk(visit: TreeVisitor, options?: WalkOptions): Promise<void> {
    const skipped: string[] = []
    let failure: unknown
    const walkMount = async (mount: MutableMount): Promise<void> => {
      let covered = false
      const visitEntry: WalkVisitor = (entry) => {
        const path = underPath(mount.path, entry.path)
        if (entry.stat.type === 'dir' && mount.children.get(entry.stat.ino)?.path === path) {
          if (entry.path === '/') covered = true
          return 'skip'
        }
        const name = entry.path === '/' ? baseName(mount.path) : entry.name
        const error = entry.error === undefined ? {} : { error: entry.error }
        const answer = visit({ path, name, stat: entry.stat, ...error, fs: mount.fs, fsPath: entry.path })
        if (answer === 'skip') skipped.push(path)
        return answer
      }
      try {
        await mount.fs.walk(visitEntry, options)
      } catch (error) {
        if (!(error instanceof ScanError)) throw error
        failure ??= error
      }
      for (const child of mount.children.values()) {
        if (covered && child.path !== mount.path) continue
        if (!skipped.some((dir) => isWithin(child.path, dir))) await walkMount(child)
      }
    }
    await walkMount(this.#root)
    if (failure) throw failure
  }
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
