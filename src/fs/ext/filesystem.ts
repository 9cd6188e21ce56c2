import { CorruptError, PathError, UnsupportedError } from '../../errors.js'
import type { Reader } from '../../io/types.js'
import type { Issue } from '../../model.js'
import { EntryList } from '../entry-list.js'
import { decodeName } from '../name.js'
import type { DirEntry, FileHandle, FileSystem, JournalState, Stat, WalkOptions, WalkVisitor } from '../types.js'
import { Directory, readDirectories } from './directory.js'
import { featureNames, kindOf } from './features.js'
import { InlineFile, openMapped } from './file.js'
import { EXT4_ROOT_INO, type Inode } from './inode.js'
import type { Volume } from './volume.js'
import { walk } from './walk.js'

/** A mounted ext2, ext3 or ext4 filesystem. */
export class ExtFileSystem implements FileSystem {
  readonly kind: string
  readonly uuid: string
  readonly label: string
  readonly blockSize: number
  readonly sizeBytes: number
  readonly features: readonly string[]
  readonly journal: JournalState
  readonly root: number = EXT4_ROOT_INO
  readonly reader: Reader
  readonly issues: readonly Issue[]
  readonly #volume: Volume

  constructor(volume: Volume, journal: JournalState) {
    const { superblock } = volume
    this.#volume = volume
    this.kind = kindOf(superblock.features)
    this.uuid = superblock.uuid
    this.label = superblock.label
    this.blockSize = superblock.blockSize
    this.sizeBytes = superblock.blocksCount * superblock.blockSize
    this.features = featureNames(superblock.features)
    this.journal = journal
    this.reader = volume.reader
    this.issues = volume.log.issues
  }

  async stat(ino: number): Promise<Stat> {
    return (await this.#inode(ino)).stat
  }

  async lookup(dir: number, name: string): Promise<number | undefined> {
    const { directory, entries } = await this.#readDirectory(dir)
    for (const { start, end } of directory.segments) {
      for (let i = start; i < end; i++) {
        if (entries.ino(i) !== 0 && entries.name(i, directory.encrypted) === name) return entries.ino(i)
      }
    }
    if (directory.error !== undefined) throw new CorruptError(`directory ${dir}`, directory.error)
    return undefined
  }

  async readdir(dir: number): Promise<readonly DirEntry[]> {
    const { directory, entries } = await this.#readDirectory(dir)
    return entries.list(directory.segments, directory.encrypted)
  }

  async readlink(ino: number): Promise<string> {
    const inode = await this.#inode(ino)
    if (inode.stat.type !== 'symlink') throw new PathError('EINVAL', `inode ${ino}`)
    const file = await this.#openContents(inode)
    // The kernel reads one block of a target and ends it at the first NUL.
    const target = await file.read(0, Math.min(inode.stat.size, this.blockSize - 1))
    const end = target.indexOf(0)
    if (end === 0 || target.length === 0) throw new CorruptError(`inode ${ino}`, 'a symlink without a target')
    return decodeName(end < 0 ? target : target.subarray(0, end))
  }

  async open(ino: number): Promise<FileHandle> {
    const inode = await this.#inode(ino)
    if (inode.stat.type === 'dir') throw new PathError('EISDIR', `inode ${ino}`)
    if (inode.stat.type !== 'file') throw new PathError('EINVAL', `inode ${ino}`)
    return this.#openContents(inode)
  }

  walk(visit: WalkVisitor, options?: WalkOptions): Promise<void> {
    return walk(this.#volume, visit, options)
  }

  async #inode(ino: number): Promise<Inode> {
    const inode = await this.#volume.readInode(ino)
    if (inode.stat.error !== undefined) this.#volume.log.add(new CorruptError(`inode ${ino}`, inode.stat.error), true)
    return inode
  }

  async #openContents(inode: Inode): Promise<FileHandle> {
    const { stat, inline } = inode
    if (stat.error !== undefined) throw new CorruptError(`inode ${inode.ino}`, stat.error)
    if (stat.encrypted) throw new UnsupportedError('encrypt', `inode ${inode.ino} is encrypted`)
    return inline ? new InlineFile(this.#volume, inline, stat) : openMapped(this.#volume, inode)
  }

  async #readDirectory(ino: number): Promise<{ directory: Directory; entries: EntryList }> {
    const inode = await this.#inode(ino)
    if (inode.stat.type !== 'dir') throw new PathError('ENOTDIR', `inode ${ino}`)
    const directory = new Directory(this.#volume, inode)
    const entries = new EntryList()
    await readDirectories(this.#volume, [directory], entries)
    if (directory.error !== undefined) this.#volume.log.add(new CorruptError(`inode ${ino}`, directory.error), true)
    return { directory, entries }
  }
}
