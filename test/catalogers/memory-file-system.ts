import { PathError, UnsupportedError } from '../../src/errors.js'
import type { DirEntry, FileHandle, FileSystem, FileType, JournalState, Stat, WalkEntry, WalkVisitor } from '../../src/fs/types.js'
import type { ByteRange, Reader } from '../../src/io/types.js'

/** Contents of a file; `{ link }` a symlink; `{ same }` another name of a file; an Error a file that cannot be opened. */
export type MemoryFile = string | Uint8Array | { readonly link: string } | { readonly same: string } | Error

interface Node {
  readonly stat: Stat
  readonly bytes: Uint8Array
  readonly link?: string
  readonly broken?: Error
  readonly children: Map<string, number>
}

/** A filesystem in memory that counts what is opened and prefetched. */
export class MemoryFileSystem implements FileSystem {
  readonly kind: string = 'ext4'
  readonly label: string = ''
  readonly blockSize: number = 4096
  readonly sizeBytes: number = 1 << 20
  readonly features: readonly string[] = []
  readonly journal: JournalState = { state: 'clean' }
  readonly root: number = 2
  readonly issues: readonly [] = []
  readonly uuid: string
  readonly opened: string[] = []
  readonly prefetched: ByteRange[][] = []
  readonly reader: Reader
  readonly #nodes = new Map<number, Node>()

  constructor(files: Readonly<Record<string, MemoryFile>>, uuid = '00000000-0000-4000-8000-000000000001') {
    this.uuid = uuid
    this.reader = {
      size: 1 << 20,
      cacheBytes: 300,
      read: (_, length) => new Uint8Array(length),
      prefetch: async (ranges) => void this.prefetched.push([...ranges]),
    }
    this.#add(2, 'dir', {})
    for (const [path, file] of Object.entries(files)) this.#put(path, file)
  }

  async stat(ino: number): Promise<Stat> {
    return this.#node(ino).stat
  }

  async lookup(dir: number, name: string): Promise<number | undefined> {
    return this.#node(dir).children.get(name)
  }

  async readdir(dir: number): Promise<readonly DirEntry[]> {
    return [...this.#node(dir).children].map(([name, ino]) => ({ name, ino }))
  }

  async readlink(ino: number): Promise<string> {
    return this.#node(ino).link ?? ''
  }

  async open(ino: number): Promise<FileHandle> {
    const { stat, bytes, broken } = this.#node(ino)
    if (broken) throw broken
    this.opened.push(`${ino}`)
    return {
      stat,
      size: bytes.length,
      cacheBytes: this.reader.cacheBytes,
      read: (offset, length) => bytes.subarray(offset, offset + length),
      prefetch: async () => undefined,
      extents: async () => (bytes.length === 0 ? [] : [{ offset: ino * 4096, length: bytes.length }]),
    }
  }

  async walk(visit: WalkVisitor): Promise<void> {
    const descend = (path: string, name: string, ino: number): void => {
      const { stat, children } = this.#node(ino)
      const entry: WalkEntry = stat.error === undefined ? { path, name, stat } : { path, name, stat, error: stat.error }
      if (visit(entry) === 'skip') return
      for (const [child, childIno] of children) descend(path === '/' ? `/${child}` : `${path}/${child}`, child, childIno)
    }
    descend('/', '', this.root)
  }

  #put(path: string, file: MemoryFile): void {
    const names = path.split('/').slice(1)
    const last = names.pop()!
    let dir = this.root
    for (const name of names) {
      const { children } = this.#node(dir)
      if (!children.has(name)) children.set(name, this.#add(this.#next(), 'dir', {}))
      dir = children.get(name)!
    }
    const { children } = this.#node(dir)
    if (typeof file === 'string') children.set(last, this.#add(this.#next(), 'file', { bytes: Buffer.from(file) }))
    else if (file instanceof Uint8Array) children.set(last, this.#add(this.#next(), 'file', { bytes: file }))
    else if (file instanceof Error) children.set(last, this.#add(this.#next(), 'file', { broken: file }))
    else if ('link' in file) children.set(last, this.#add(this.#next(), 'symlink', { link: file.link }))
    else children.set(last, this.#find(file.same))
  }

  #find(path: string): number {
    let ino: number | undefined = this.root
    for (const name of path.split('/').slice(1)) ino = ino === undefined ? undefined : this.#node(ino).children.get(name)
    if (ino === undefined) throw new PathError('ENOENT', path)
    return ino
  }

  #add(ino: number, type: FileType, parts: Partial<Node>): number {
    const bytes = parts.bytes ?? new Uint8Array()
    const damage = parts.broken instanceof UnsupportedError || !parts.broken ? {} : { error: parts.broken.message }
    const times = { mtime: 0, mtimeNs: 0, ctime: 0, ctimeNs: 0 }
    const stat: Stat = { ino, type, size: bytes.length, mode: 0o644, uid: 0, gid: 0, nlink: 1, ...times, ...damage }
    this.#nodes.set(ino, { stat, bytes, children: new Map(), ...parts })
    return ino
  }

  #next(): number {
    return Math.max(...this.#nodes.keys()) + 10
  }

  #node(ino: number): Node {
    const node = this.#nodes.get(ino)
    if (!node) throw new PathError('ENOENT', `#${ino}`)
    return node
  }
}
