import type { ScanError } from '../../errors.js'
import type { ByteRange } from '../../io/types.js'
import { EntryList } from '../entry-list.js'
import { InodeStore } from '../inode-store.js'
import type { IssueLog } from '../issue-log.js'
import { type Catalog, visitTree } from '../tree-visit.js'
import type { WalkOptions, WalkVisitor } from '../types.js'
import { Directory } from './directory.js'
import { decodeAtHand, readDirectories } from './directory-wave.js'
import { type Inode, inodeProblem } from './inode.js'
import { XFS_INODES_PER_CHUNK } from './inode-btree.js'
import { type InodeSink, readInodes, streamInodes } from './inode-wave.js'
import type { Volume } from './volume.js'

const DEFAULT_MAX_ENTRIES = 50_000_000

/** All metadata of a filesystem, read in waves. */
class XfsCatalog implements Catalog, InodeSink {
  readonly root: number
  readonly log: IssueLog
  readonly inodes: InodeStore = new InodeStore(XFS_INODES_PER_CHUNK)
  readonly entries: EntryList = new EntryList()
  readonly directories: Map<number, Directory> = new Map()
  readonly #volume: Volume
  /** Directories of the stretch of inodes that is being added, and those that wait for a wave. */
  #added: Directory[] = []
  #unread: Directory[] = []
  /** Blocks of directories that were read without a wave. */
  readonly #taken = new Set<number>()

  constructor(volume: Volume, root: number) {
    this.root = root
    this.log = volume.log
    this.#volume = volume
  }

  add(inode: Inode): void {
    this.inodes.add(inode)
    if (inode.stat.type !== 'dir') return
    const directory = new Directory(this.#volume, inode)
    this.directories.set(inode.ino, directory)
    this.#added.push(directory)
  }

  lose(firstIno: number, count: number): void {
    this.inodes.lose(firstIno, count)
  }

  /** A directory mostly lies near its inode, in the same block of the source: it is read while that is at hand, not fetched again. */
  passed({ offset, length }: ByteRange): void {
    if (this.#added.length === 0) return
    const { grid } = this.#volume.reader
    const start = grid && Math.floor((offset + length - 1 + grid.shift) / grid.blockSize) * grid.blockSize - grid.shift
    const window = { offset: start ?? offset, length: grid?.blockSize ?? length }
    for (const directory of decodeAtHand(this.#volume, this.#added, this.entries, window, this.#taken)) this.#unread.push(directory)
    this.#added = []
  }

  mayBeNamed(ino: number): boolean {
    return this.#volume.mayBeNamed(ino)
  }

  problem(ino: number, error: string): ScanError {
    return inodeProblem(ino, error)
  }

  /** Inode chunks, then directories; then, while directories name inodes that no chunk led to, those. */
  async read(signal: AbortSignal | undefined): Promise<void> {
    await streamInodes(this.#volume, this, signal)
    const asked = new Set<number>()
    let stragglers = this.#unknown(this.root, asked)
    for (let checked = 0; ; ) {
      await readInodes(this.#volume, stragglers, this, signal)
      const unread = this.#unread
      this.#unread = []
      await readDirectories(this.#volume, unread, this.entries, { taken: this.#taken, signal })
      stragglers = []
      for (; checked < this.entries.length; checked++) stragglers.push(...this.#unknown(this.entries.ino(checked), asked))
      if (stragglers.length === 0) return
    }
  }

  /** The inode, where no chunk led to it and it was not asked for yet. */
  #unknown(ino: number, asked: Set<number>): number[] {
    if (ino === 0 || this.inodes.knows(ino) || asked.has(ino)) return []
    asked.add(ino)
    return [ino]
  }
}

/** Every entry once per name, parents before their children. */
export async function walk(volume: Volume, root: number, visit: WalkVisitor, options: WalkOptions = {}): Promise<void> {
  const catalog = new XfsCatalog(volume, root)
  await catalog.read(options.signal)
  visitTree(catalog, visit, options.maxEntries ?? DEFAULT_MAX_ENTRIES, options.signal)
}
