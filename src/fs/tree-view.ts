import { LimitError, PathError, ScanError } from '../errors.js'
import { splitPath, underPath } from './path.js'
import type { FileHandle, FileSystem, Stat } from './types.js'

/** Symlinks followed in one resolution; Linux has the same bound. */
const MAX_LINKS = 40
/** Bound of a whole-file read where the caller names none. */
const MAX_READ_BYTES = 64 * 1024 * 1024

/** A filesystem at a path of the tree. */
export interface Mount {
  /** Where its root is: canonical, `/`-rooted. */
  readonly path: string
  readonly fs: FileSystem
  /** What is mounted on its directories, by their inode number. */
  readonly children: ReadonlyMap<number, Mount>
}

/** Where a path leads: an inode of a mount. */
export interface Place {
  readonly mount: Mount
  readonly ino: number
  readonly stat: Stat
  /** Path in the view, without symlinks. */
  readonly path: string
  /** The same inside its filesystem. */
  readonly fsPath: string
}

/** One inode on the way from the root to where a path leads. */
export interface Step {
  readonly mount: Mount
  readonly ino: number
  readonly name: string
}

/**
 * Paths over mounted filesystems, from one directory as the root. Symlinks resolve inside it only: absolute ones start at that root, and
 * `..` never leads above it.
 */
export class TreeView {
  readonly #root: Step
  readonly #rootPath: string

  /** `rootPath` is the root's path among the mounts. */
  constructor(root: Step, rootPath: string) {
    this.#root = root
    this.#rootPath = rootPath
  }

  /**
   * Follow a path to its inode, as the kernel does; a relative one starts at the root. `link: true` stops at a symlink that is the last
   * component.
   * @throws PathError ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG
   */
  async resolve(path: string, { link = false }: { link?: boolean } = {}): Promise<Place> {
    if (path === '') throw new PathError('ENOENT', path)
    let steps: Step[] = [cross(this.#root)]
    let stat = await statOf(steps)
    let todo = splitPath(path)
    let onlyDirectory = namesDirectory(path)
    for (let links = 0; todo.length > 0; ) {
      const name = todo.shift()!
      if (name === '..') {
        if (steps.length > 1) steps.pop()
        stat = await statOf(steps)
        continue
      }
      const { mount, ino: dir } = steps.at(-1)!
      const ino = await mount.fs.lookup(dir, name)
      if (ino === undefined) throw new PathError('ENOENT', path)
      stat = await mount.fs.stat(ino)
      if (stat.type === 'symlink' && (todo.length > 0 || !link || onlyDirectory)) {
        if (++links > MAX_LINKS) throw new PathError('ELOOP', path)
        const target = await mount.fs.readlink(ino)
        if (target === '') throw new PathError('ENOENT', path)
        if (todo.length === 0 && namesDirectory(target)) onlyDirectory = true
        if (target.startsWith('/')) steps = [cross(this.#root)]
        stat = await statOf(steps)
        todo = [...splitPath(target), ...todo]
        continue
      }
      if (todo.length > 0 && stat.type !== 'dir') throw new PathError('ENOTDIR', path)
      const step = cross({ mount, ino, name })
      steps.push(step)
      if (step.mount !== mount) stat = await statOf(steps)
    }
    if (onlyDirectory && stat.type !== 'dir') throw new PathError('ENOTDIR', path)
    return this.#place(steps, stat)
  }

  /** Follows symlinks. Undefined where there is no such path. */
  async stat(path: string): Promise<Stat | undefined> {
    return (await this.#find(path, false))?.stat
  }

  /** Undefined where there is no such path. */
  async lstat(path: string): Promise<Stat | undefined> {
    return (await this.#find(path, true))?.stat
  }

  /** @throws PathError where there is no such file, EISDIR, EINVAL (not a regular file) */
  async open(path: string): Promise<FileHandle> {
    const { mount, ino, stat } = await this.resolve(path)
    if (stat.type !== 'file') throw new PathError(stat.type === 'dir' ? 'EISDIR' : 'EINVAL', path)
    return mount.fs.open(ino)
  }

  /** Whole contents. @throws LimitError above `maxBytes` (64 MiB by default), PathError */
  async read(path: string, maxBytes: number = MAX_READ_BYTES): Promise<Uint8Array> {
    const file = await this.open(path)
    if (file.size > maxBytes) throw new LimitError(`bytes of ${JSON.stringify(path)}`, maxBytes)
    await file.prefetch([{ offset: 0, length: file.size }])
    return file.read(0, file.size)
  }

  /** Names in a directory; empty where there is none. */
  async readdir(path: string): Promise<readonly string[]> {
    const place = await this.#find(path, false)
    if (place?.stat.type !== 'dir') return []
    return (await place.mount.fs.readdir(place.ino)).map((entry) => entry.name)
  }

  /** A symlink's target as it is stored. @throws PathError EINVAL where it is none */
  async readlink(path: string): Promise<string> {
    const { mount, ino, stat } = await this.resolve(path, { link: true })
    if (stat.type !== 'symlink') throw new PathError('EINVAL', path)
    return mount.fs.readlink(ino)
  }

  /** The same filesystems with a directory as the root: what a chroot there sees. @throws PathError */
  async chroot(path: string): Promise<TreeView> {
    const { mount, ino, stat, path: canonical } = await this.resolve(path)
    if (stat.type !== 'dir') throw new PathError('ENOTDIR', path)
    return new TreeView({ mount, ino, name: '' }, underPath(this.#rootPath, canonical))
  }

  async #find(path: string, link: boolean): Promise<Place | undefined> {
    try {
      return await this.resolve(path, { link })
    } catch (error) {
      if (error instanceof ScanError && error.code === 'PATH') return undefined
      throw error
    }
  }

  #place(steps: readonly Step[], stat: Stat): Place {
    const { mount, ino } = steps.at(-1)!
    const path = `/${steps
      .slice(1)
      .map((step) => step.name)
      .join('/')}`
    const full = underPath(this.#rootPath, path)
    const fsPath = mount.path === '/' ? full : full.slice(mount.path.length) || '/'
    return { mount, ino, stat, path, fsPath }
  }
}

/** The step onto the root of what is mounted there, through any number of mounts on one another. */
function cross(step: Step): Step {
  let { mount, ino } = step
  for (let child = mount.children.get(ino); child; child = mount.children.get(ino)) {
    mount = child
    ino = child.fs.root
  }
  return { mount, ino, name: step.name }
}

function statOf(steps: readonly Step[]): Promise<Stat> {
  const { mount, ino } = steps.at(-1)!
  return mount.fs.stat(ino)
}

/** Whether a path can only mean a directory, so that a symlink at its end is followed. */
function namesDirectory(path: string): boolean {
  return /(^|\/)\.{0,2}$/.test(path)
}
