import { CorruptError, PathError } from '../../errors.js'
import type { Reader } from '../../io/types.js'
import type { Issue } from '../../model.js'
import { EntryList } from '../entry-list.js'
import { MappedFile } from '../mapped-file.js'
import { decodeName, encodeName } from '../name.js'
import type { DirEntry, FileHandle, FileSystem, JournalState, Stat, WalkOptions, WalkVisitor } from '../types.js'
import { xfsBlockMap } from './bmap-btree.js'
import { foldCase } from './case-folding.js'
import { Directory } from './directory.js'
import { readDirectories } from './directory-wave.js'
import { type Inode, inodeProblem } from './inode.js'
import { readTarget } from './symlink.js'
import type { Volume } from './volume.js'
import { walk } from './walk.js'

/** A mounted XFS filesystem. */
export class XfsFileSystem implements FileSystem {
  readonly kind = 'xfs'
  readonly uuid: string
  readonly label: string
  readonly blockSize: number
  readonly sizeBytes: number
  readonly features: readonly string[]
  readonly journal: JournalState
  readonly root: number
  readonly reader: Reader
  readonly issues: readonly Issue[]
  readonly #volume: Volume

  constructor(volume: Volume, root: number, journal: JournalState) {
    const { superblock } = volume
    this.#volume = volume
    this.uuid = superblock.uuid
    this.label = superblock.label
    this.blockSize = superblock.blockSize
    this.sizeBytes = superblock.blocksCount * superblock.blockSize
    this.features = superblock.features.names
    this.journal = journal
    this.root = root
    this.reader = volume.reader
    this.issues = volume.log.issues
  }

  async stat(ino: number): Promise<Stat> {
    return (await this.#inode(ino)).stat
  }

  async lookup(dir: number, name: string): Promise<number | undefined> {
    const { directory, entries } = await this.#readDirectory(dir)
    let folded: number | undefined
    const { asciiCi } = this.#volume.superblock.features
    const wanted = asciiCi ? foldCase(encodeName(name)) : undefined
    for (const { start, end } of directory.segments) {
      for (let i = start; i < end; i++) {
        if (entries.ino(i) === 0) continue
        const found = entries.name(i, false)
        if (found === name) return entries.ino(i)
        if (wanted?.equals(foldCase(encodeName(found)))) folded ??= entries.ino(i)
      }
    }
    if (folded === undefined && directory.error !== undefined) throw new CorruptError(`directory ${dir}`, directory.error)
    return folded
  }

  async readdir(dir: number): Promise<readonly DirEntry[]> {
    const { directory, entries } = await this.#readDirectory(dir)
    return entries.list(directory.segments, false)
  }

  async readlink(ino: number): Promise<string> {
    const inode = await this.#inode(ino)
    if (inode.stat.type !== 'symlink') throw new PathError('EINVAL', `inode ${ino}`)
    if (inode.stat.error !== undefined) throw inodeProblem(ino, inode.stat.error)
    const target = await readTarget(this.#volume, inode)
    const end = target.indexOf(0)
    return decodeName(end < 0 ? target : target.subarray(0, end))
  }

  async open(ino: number): Promise<FileHandle> {
    const { stat, runs } = await this.#inode(ino)
    if (stat.type === 'dir') throw new PathError('EISDIR', `inode ${ino}`)
    if (stat.type !== 'file') throw new PathError('EINVAL', `inode ${ino}`)
    if (stat.error !== undefined) throw inodeProblem(ino, stat.error)
    return MappedFile.open(this.reader, this.blockSize, stat, xfsBlockMap(this.#volume, ino, runs))
  }

  walk(visit: WalkVisitor, options?: WalkOptions): Promise<void> {
    return walk(this.#volume, this.root, visit, options)
  }

  async #inode(ino: number): Promise<Inode> {
    const inode = await this.#volume.readInode(ino)
    if (inode.stat.error !== undefined) this.#volume.log.add(inodeProblem(ino, inode.stat.error), true)
    return inode
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
