import { CorruptError } from '../../errors.js'
import type { Reader } from '../../io/types.js'
import type { IssueLog } from '../issue-log.js'
import type { BlockSpace } from './block-space.js'
import type { GroupTable } from './group-table.js'
import { decodeInode, type Inode, inodeInUse } from './inode.js'
import type { FastCommitState } from './jbd2/fast-commit-state.js'
import type { Superblock } from './superblock.js'

/** What everything that reads a mounted filesystem needs. */
export class Volume implements BlockSpace {
  readonly reader: Reader
  readonly superblock: Superblock
  readonly groups: GroupTable
  readonly log: IssueLog
  readonly fastCommits: FastCommitState | undefined

  constructor(reader: Reader, superblock: Superblock, groups: GroupTable, log: IssueLog, fastCommits?: FastCommitState) {
    this.reader = reader
    this.superblock = superblock
    this.groups = groups
    this.log = log
    this.fastCommits = fastCommits
  }

  isFileSpace(fsBlock: number, blockCount: number): boolean {
    const { firstDataBlock, blocksCount } = this.superblock
    return fsBlock > firstDataBlock && fsBlock + blockCount <= blocksCount && !this.groups.systemZone.meets(fsBlock, fsBlock + blockCount)
  }

  /** Whether a directory may name this inode: not one of the reserved ones, but the root. */
  mayBeNamed(ino: number): boolean {
    const { firstIno, inodesCount, hiddenInodes } = this.superblock
    return ino === 2 || (ino >= firstIno && ino <= inodesCount && !hiddenInodes.includes(ino))
  }

  /** Where the inode lies, in bytes of the reader; undefined where there is no such inode, or the descriptor of its group is lost. */
  inodeOffset(ino: number): number | undefined {
    const { inodesCount, inodesPerGroup, inodeSize, blockSize } = this.superblock
    if (!(ino >= 1 && ino <= inodesCount)) return undefined
    const table = this.groups.inodeTable(Math.floor((ino - 1) / inodesPerGroup))
    return table === 0 ? undefined : table * blockSize + ((ino - 1) % inodesPerGroup) * inodeSize
  }

  /** Whether the inode lies in the part of its table that is in use as the descriptors tell. */
  isInUsedPart(ino: number): boolean {
    const { inodesPerGroup } = this.superblock
    return (ino - 1) % inodesPerGroup < this.groups.usedInodes(Math.floor((ino - 1) / inodesPerGroup))
  }

  /** @throws CorruptError where the inode is free or cannot be found; IoError */
  async readInode(ino: number): Promise<Inode> {
    const offset = this.inodeOffset(ino)
    if (offset === undefined) throw new CorruptError('ext4_inode', `there is no inode ${ino}, or its group is lost`)
    const bytes = await this.reader.read(offset, this.superblock.inodeSize)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    if (!inodeInUse(view, 0)) throw new CorruptError('ext4_inode', `inode ${ino} is free`)
    return decodeInode(this, ino, view, bytes, 0)
  }
}
