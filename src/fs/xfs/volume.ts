import { CorruptError } from '../../errors.js'
import type { Reader } from '../../io/types.js'
import type { IssueLog } from '../issue-log.js'
import { decodeInode, type Inode, inodeInUse } from './inode.js'
import type { Superblock } from './superblock.js'

/** AG headers, a sector each: superblock, free space, inodes, free list. */
const AG_HEADERS = 4

/**
 * What everything that reads a mounted filesystem needs. Blocks are counted through all AGs without gaps; on disk their numbers and
 * those of inodes have the AG in bits of its own.
 */
export class Volume {
  readonly reader: Reader
  readonly superblock: Superblock
  readonly log: IssueLog

  constructor(reader: Reader, superblock: Superblock, log: IssueLog) {
    this.reader = reader
    this.superblock = superblock
    this.log = log
  }

  /** Blocks of an AG: the last one may have fewer. */
  agLength(ag: number): number {
    const { agBlocks, agCount, blocksCount } = this.superblock
    return ag === agCount - 1 ? blocksCount - ag * agBlocks : agBlocks
  }

  /** The block without gaps of one as stored (AG and block in it), or undefined where there is none such. */
  linearBlock(stored: number): number | undefined {
    const { agBlocks, agBlockBits } = this.superblock
    const ag = Math.floor(stored / 2 ** agBlockBits)
    const agBlock = stored - ag * 2 ** agBlockBits
    const fsBlock = ag * agBlocks + agBlock
    return agBlock < agBlocks && this.isFileSpace(fsBlock, 1) ? fsBlock : undefined
  }

  /** Whether the blocks lie in one AG, behind its headers. */
  isFileSpace(fsBlock: number, blockCount: number): boolean {
    const { agBlocks, agCount } = this.superblock
    const ag = Math.floor(fsBlock / agBlocks)
    const agBlock = fsBlock - ag * agBlocks
    return ag < agCount && agBlock >= this.#firstAgBlock && agBlock + blockCount <= this.agLength(ag)
  }

  get #firstAgBlock(): number {
    return Math.ceil((AG_HEADERS * this.superblock.sectorSize) / this.superblock.blockSize)
  }

  /** Number of the inode `agInode` of an AG. */
  inodeNumber(ag: number, agInode: number): number {
    const { agBlockBits, inodeBits } = this.superblock
    return ag * 2 ** (agBlockBits + inodeBits) + agInode
  }

  /** Whether a directory may name this inode. */
  mayBeNamed(ino: number): boolean {
    return !this.superblock.hiddenInodes.includes(ino)
  }

  /** Where the inode lies, in bytes of the reader; undefined where there is no such place. */
  inodeOffset(ino: number): number | undefined {
    const { inodeBits, inodeSize, blockSize } = this.superblock
    if (!(Number.isSafeInteger(ino) && ino > 0)) return undefined
    const fsBlock = this.linearBlock(Math.floor(ino / 2 ** inodeBits))
    return fsBlock === undefined ? undefined : fsBlock * blockSize + (ino % 2 ** inodeBits) * inodeSize
  }

  /** @throws CorruptError where the inode is free or cannot be; IoError */
  async readInode(ino: number): Promise<Inode> {
    const offset = this.inodeOffset(ino)
    if (offset === undefined) throw new CorruptError('xfs_dinode', `there is no inode ${ino}`)
    const bytes = await this.reader.read(offset, this.superblock.inodeSize)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    if (!inodeInUse(view, 0)) throw new CorruptError('xfs_dinode', `inode ${ino} is free`)
    return decodeInode(this, ino, view, bytes, 0)
  }
}
