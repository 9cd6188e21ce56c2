import type { ScanError } from '../../errors.js'
import { EntryList } from '../entry-list.js'
import { InodeStore } from '../inode-store.js'
import type { IssueLog } from '../issue-log.js'
import { type Catalog, visitTree } from '../tree-visit.js'
import type { WalkOptions, WalkVisitor } from '../types.js'
import { Directory, readDirectories } from './directory.js'
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
  #unread: Directory[] = []

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
    this.#unread.push(directory)
  }

  lose(firstIno: number, count: number): void {
    this.inodes.lose(firstIno, count)
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
    for (let stragglers = this.#unknown(this.root, asked); ; ) {
      await readInodes(this.#volume, stragglers, this, signal)
      const unread = this.#unread
      if (unread.length === 0) return
      this.#unread = []
      const from = this.entries.length
      await readDirectories(this.#volume, unread, this.entries, signal)
      stragglers = []
      for (let i = from; i < this.entries.length; i++) for (const ino of this.#unknown(this.entries.ino(i), asked)) stragglers.push(ino)
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
