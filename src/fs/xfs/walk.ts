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
  /** Directories of the stretch of inodes that is being added. */
  #added: Directory[] = []
  /** Those that begin in a block of the source which is yet to come, by its number, and those that wait for a wave. */
  readonly #ahead = new Map<number, Directory[]>()
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

  /**
   * A directory mostly lies near its inode, in the same block of the source or one after it that holds inodes too: it is read while that
   * is at hand, not fetched again.
   */
  passed({ offset, length }: ByteRange): void {
    const { grid } = this.#volume.reader
    if (!grid) return
    const block = Math.floor((offset + length - 1 + grid.shift) / grid.blockSize)
    const directories = [...this.#added, ...(this.#ahead.get(block) ?? [])]
    this.#added = []
    this.#ahead.delete(block)
    if (directories.length === 0) return
    const window = { offset: block * grid.blockSize - grid.shift, length: grid.blockSize }
    for (const directory of decodeAtHand(this.#volume, directories, this.entries, window, this.#taken)) {
      const start = (directory.dataRuns()[0]?.fsBlock ?? 0) * this.#volume.superblock.blockSize
      const later = Math.floor((start + grid.shift) / grid.blockSize)
      const others = this.#ahead.get(later)
      if (later <= block) this.#unread.push(directory)
      else if (others) others.push(directory)
      else this.#ahead.set(later, [directory])
    }
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
    const asked = new Set([this.root])
    let stragglers = this.inodes.knows(this.root) ? [] : [this.root]
    for (let checked = 0; ; ) {
      await readInodes(this.#volume, stragglers, this, signal)
      const unread = [...this.#unread, ...this.#added, ...this.#ahead.values()].flat()
      this.#unread = []
      this.#added = []
      this.#ahead.clear()
      await readDirectories(this.#volume, unread, this.entries, { taken: this.#taken, signal })
      stragglers = []
      for (; checked < this.entries.length; checked++) {
        const ino = this.entries.ino(checked)
        if (ino === 0 || this.inodes.knows(ino) || asked.has(ino)) continue
        asked.add(ino)
        stragglers.push(ino)
      }
      if (stragglers.length === 0) return
    }
  }
}

/** Every entry once per name, parents before their children. */
export async function walk(volume: Volume, root: number, visit: WalkVisitor, options: WalkOptions = {}): Promise<void> {
  const catalog = new XfsCatalog(volume, root)
  await catalog.read(options.signal)
  visitTree(catalog, visit, options.maxEntries ?? DEFAULT_MAX_ENTRIES, options.signal)
}
