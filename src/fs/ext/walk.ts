import { CorruptError, type ScanError } from '../../errors.js'
import { EntryList } from '../entry-list.js'
import { InodeStore } from '../inode-store.js'
import type { IssueLog } from '../issue-log.js'
import { type Catalog, visitTree } from '../tree-visit.js'
import type { WalkOptions, WalkVisitor } from '../types.js'
import { Directory, readDirectories } from './directory.js'
import { EXT4_ROOT_INO, type Inode } from './inode.js'
import { type InodeSink, readInodes, streamInodes } from './inode-wave.js'
import type { Volume } from './volume.js'

const DEFAULT_MAX_ENTRIES = 50_000_000

/** All metadata of a filesystem, read in waves. */
class ExtCatalog implements Catalog, InodeSink {
  readonly root: number = EXT4_ROOT_INO
  readonly volume: Volume
  readonly log: IssueLog
  readonly inodes: InodeStore
  readonly entries: EntryList = new EntryList()
  /** By inode number. */
  readonly directories: Map<number, Directory> = new Map()
  #unread: Directory[] = []

  constructor(volume: Volume) {
    this.volume = volume
    this.log = volume.log
    this.inodes = new InodeStore(volume.superblock.inodesPerGroup)
  }

  add(inode: Inode): void {
    this.inodes.add(inode)
    if (inode.stat.type !== 'dir') return
    const directory = new Directory(this.volume, inode)
    this.directories.set(inode.ino, directory)
    this.#unread.push(directory)
  }

  lose(firstIno: number, count: number): void {
    this.inodes.lose(firstIno, count)
  }

  mayBeNamed(ino: number): boolean {
    return this.volume.mayBeNamed(ino)
  }

  problem(ino: number, error: string): ScanError {
    return new CorruptError(`inode ${ino}`, error)
  }

  /** Inode tables, then directories; then, while directories name inodes outside the tables as the descriptors tell them, those. */
  async read(signal: AbortSignal | undefined): Promise<void> {
    await streamInodes(this.volume, this, signal)
    const asked = new Set<number>()
    for (let stragglers = this.#unknown(EXT4_ROOT_INO, asked); ; ) {
      await readInodes(this.volume, stragglers, this, signal)
      const unread = this.#unread
      if (unread.length === 0) return
      this.#unread = []
      const from = this.entries.length
      await readDirectories(this.volume, unread, this.entries, signal)
      stragglers = []
      for (let i = from; i < this.entries.length; i++) for (const ino of this.#unknown(this.entries.ino(i), asked)) stragglers.push(ino)
    }
  }

  /** The inode, where it lies outside what was streamed and was not asked for yet. */
  #unknown(ino: number, asked: Set<number>): number[] {
    if (ino === 0 || this.inodes.knows(ino) || this.volume.isInUsedPart(ino) || asked.has(ino)) return []
    asked.add(ino)
    return [ino]
  }
}

/** Every entry once per name, parents before their children. */
export async function walk(volume: Volume, visit: WalkVisitor, options: WalkOptions = {}): Promise<void> {
  const catalog = new ExtCatalog(volume)
  await catalog.read(options.signal)
  visitTree(catalog, visit, options.maxEntries ?? DEFAULT_MAX_ENTRIES, options.signal)
}
