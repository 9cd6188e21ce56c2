import { PathError } from '../../src/errors.js'
import { encodeName } from '../../src/fs/name.js'
import type { DirEntry, FileHandle, FileSystem, FileType, Stat, WalkOptions, WalkVisitor } from '../../src/fs/types.js'
import { BlockReader } from '../../src/io/block-reader.js'
import { MemorySource } from '../../src/io/memory-source.js'
import type { ByteRange } from '../../src/io/types.js'
import type { Issue } from '../../src/model.js'

/** A file's contents, or what else lies at a path. `null` is an empty directory; parents come by themselves. */
export type MemoryEntry =
  | string
  | Uint8Array
  | null
  | { readonly symlink: string }
  | { readonly file: string | Uint8Array; readonly stat?: Partial<Stat>; readonly readError?: Error }
  | { readonly type: FileType }
  /** Another name of the file at this path, which must come earlier. */
  | { readonly hardlink: string }

export interface MemoryFsOptions {
  readonly kind?: string
  readonly uuid?: string
  readonly label?: string
}

interface Inode {
  stat: Stat
  readonly data: Uint8Array
  readonly children: Map<string, number>
  readonly readError?: Error
}

/** A filesystem over a plain object of paths. `opened` lists the paths whose contents were asked for, in order. */
export class MemoryFs implements FileSystem {
  readonly kind: string
  readonly uuid: string
  readonly label: string
  readonly blockSize = 4096
  readonly sizeBytes = 0
  readonly features: readonly string[] = []
  readonly journal = { state: 'none' } as const
  readonly root = 2
  readonly reader: BlockReader = new BlockReader(new MemorySource(new Uint8Array(0)))
  readonly issues: readonly Issue[] = []
  readonly opened: string[] = []
  readonly #inodes = new Map<number, Inode>()
  readonly #paths = new Map<number, string>()
  #nextIno = 11

  constructor(entries: Readonly<Record<string, MemoryEntry>>, options: MemoryFsOptions = {}) {
    this.kind = options.kind ?? 'ext4'
    this.uuid = options.uuid ?? '00000000-0000-4000-8000-000000000000'
    this.label = options.label ?? ''
    this.#inodes.set(this.root, directory(this.root))
    for (const [path, entry] of Object.entries(entries)) this.#add(path.split('/').filter(Boolean), entry)
  }

  async stat(ino: number): Promise<Stat> {
    return this.#inode(ino).stat
  }

  async lookup(dir: number, name: string): Promise<number | undefined> {
    return this.#directory(dir).children.get(name)
  }

  async readdir(dir: number): Promise<readonly DirEntry[]> {
    return [...this.#directory(dir).children].map(([name, ino]) => ({ name, ino, type: this.#inode(ino).stat.type }))
  }

  async readlink(ino: number): Promise<string> {
    const { stat, data } = this.#inode(ino)
    if (stat.type !== 'symlink') throw new PathError('EINVAL', `inode ${ino}`)
    return Buffer.from(data).toString('utf8')
  }

  async open(ino: number): Promise<FileHandle> {
    const inode = this.#inode(ino)
    if (inode.stat.type !== 'file') throw new PathError(inode.stat.type === 'dir' ? 'EISDIR' : 'EINVAL', `inode ${ino}`)
    this.opened.push(this.#paths.get(ino)!)
    return new MemoryFile(inode)
  }

  async walk(visit: WalkVisitor, options?: WalkOptions): Promise<void> {
    const descend = (path: string, name: string, ino: number): void => {
      options?.signal?.throwIfAborted()
      const { stat, children } = this.#inode(ino)
      if (visit({ path, name, stat }) === 'skip') return
      for (const [child, childIno] of children) descend(path === '/' ? `/${child}` : `${path}/${child}`, child, childIno)
    }
    descend('/', '', this.root)
  }

  #add(components: readonly string[], entry: MemoryEntry): void {
    const name = components.at(-1)
    if (name === undefined) return
    let dir = this.#inode(this.root)
    for (const component of components.slice(0, -1)) {
      const ino = dir.children.get(component) ?? this.#create(dir, component, directory(this.#nextIno))
      dir = this.#inode(ino)
    }
    if (entry !== null && typeof entry === 'object' && 'hardlink' in entry) {
      const ino = [...this.#paths].find(([, path]) => path === entry.hardlink)![0]
      const inode = this.#inode(ino)
      inode.stat = { ...inode.stat, nlink: inode.stat.nlink + 1 }
      dir.children.set(name, ino)
      return
    }
    const ino = this.#create(dir, name, inodeOf(entry, this.#nextIno))
    this.#paths.set(ino, `/${components.join('/')}`)
  }

  #create(dir: Inode, name: string, inode: Inode): number {
    const ino = this.#nextIno++
    this.#inodes.set(ino, inode)
    dir.children.set(name, ino)
    return ino
  }

  #inode(ino: number): Inode {
    const inode = this.#inodes.get(ino)
    if (!inode) throw new PathError('ENOENT', `inode ${ino}`)
    return inode
  }

  #directory(ino: number): Inode {
    const inode = this.#inode(ino)
    if (inode.stat.type !== 'dir') throw new PathError('ENOTDIR', `inode ${ino}`)
    return inode
  }
}

class MemoryFile implements FileHandle {
  readonly stat: Stat
  readonly size: number
  readonly cacheBytes = 64 * 1024 * 1024
  readonly #inode: Inode

  constructor(inode: Inode) {
    this.#inode = inode
    this.stat = inode.stat
    this.size = inode.stat.size
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    if (this.#inode.readError) throw this.#inode.readError
    return this.#inode.data.subarray(offset, offset + length)
  }

  async prefetch(): Promise<void> {}

  async extents(): Promise<readonly ByteRange[]> {
    return []
  }
}

function inodeOf(entry: Exclude<MemoryEntry, { hardlink: string }>, ino: number): Inode {
  if (entry === null) return directory(ino)
  if (typeof entry === 'string' || entry instanceof Uint8Array) return file(entry, ino)
  if ('symlink' in entry) return { ...file(encodeName(entry.symlink), ino), stat: statOf(ino, 'symlink', encodeName(entry.symlink).length) }
  if ('type' in entry) return { ...directory(ino), stat: statOf(ino, entry.type, 0) }
  const base = file(entry.file, ino)
  return { ...base, stat: { ...base.stat, ...entry.stat }, ...(entry.readError ? { readError: entry.readError } : {}) }
}

function file(contents: string | Uint8Array, ino: number): Inode {
  const data = typeof contents === 'string' ? Buffer.from(contents) : contents
  return { stat: statOf(ino, 'file', data.length), data, children: new Map() }
}

function directory(ino: number): Inode {
  return { stat: statOf(ino, 'dir', 4096), data: new Uint8Array(0), children: new Map() }
}

function statOf(ino: number, type: FileType, size: number): Stat {
  const mode = type === 'dir' ? 0o755 : type === 'symlink' ? 0o777 : 0o644
  return { ino, type, size, mode, uid: 0, gid: 0, nlink: 1, mtime: 1_700_000_000, mtimeNs: 0, ctime: 1_700_000_000, ctimeNs: 0 }
}
