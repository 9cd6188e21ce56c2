import { CorruptError, ScanError } from '../../errors.js'
import { streamRanges } from '../../io/stream-ranges.js'
import type { ByteRange, Reader } from '../../io/types.js'
import type { IssueLog } from '../issue-log.js'
import { descriptorChecksumFits } from './checksum.js'
import { addSuperblocks, descriptorBlock, descriptorCopies, descriptorsPerBlock, groupStart } from './layout.js'
import type { Superblock } from './superblock.js'
import { SystemZone } from './system-zone.js'

// struct ext4_group_desc: docs.kernel.org/filesystems/ext4/group_descr.html
const BG_BLOCK_BITMAP_LO = 0x0
const BG_INODE_BITMAP_LO = 0x4
const BG_INODE_TABLE_LO = 0x8
const BG_FREE_INODES_COUNT_LO = 0xe
const BG_FLAGS = 0x12
const BG_ITABLE_UNUSED_LO = 0x1c
const BG_BLOCK_BITMAP_HI = 0x20
const BG_INODE_BITMAP_HI = 0x24
const BG_INODE_TABLE_HI = 0x28
const BG_FREE_INODES_COUNT_HI = 0x2e
const BG_ITABLE_UNUSED_HI = 0x32
const EXT4_BG_INODE_UNINIT = 0x1
const DESC_SIZE_64BIT = 64

interface Descriptor {
  readonly blockBitmap: number
  readonly inodeBitmap: number
  readonly inodeTable: number
  readonly usedInodes: number
  readonly verified: boolean
}

/** Groups whose descriptor has not verified yet, with what is merely plausible of it. */
type PendingGroups = Map<number, Descriptor | undefined>

/** Where each group's inode table lies, and how much of it is in use. */
export class GroupTable {
  readonly #superblock: Superblock
  /** Blocks of one inode table. */
  readonly #tableBlocks: number
  /** fsBlock; 0 where no copy of the descriptor is sane. */
  readonly #inodeTable: Float64Array
  readonly #usedInodes: Uint32Array
  /** fsBlocks; 0 where the descriptor does not verify. */
  readonly #blockBitmap: Float64Array
  readonly #inodeBitmap: Float64Array
  readonly systemZone: SystemZone = new SystemZone()
  /** Descriptors of the primary table that do not verify, and those of which no copy is even sane. */
  #damaged = 0
  #lost = 0

  private constructor(superblock: Superblock) {
    this.#superblock = superblock
    this.#tableBlocks = Math.ceil((superblock.inodesPerGroup * superblock.inodeSize) / superblock.blockSize)
    this.#inodeTable = new Float64Array(superblock.groupCount)
    this.#usedInodes = new Uint32Array(superblock.groupCount)
    this.#blockBitmap = new Float64Array(superblock.groupCount)
    this.#inodeBitmap = new Float64Array(superblock.groupCount)
  }

  /** Read the descriptors; those of the primary table that do not verify are taken from its copies. @throws CorruptError */
  static async read(reader: Reader, superblock: Superblock, issues: IssueLog): Promise<GroupTable> {
    if (superblock.groupCount * superblock.descSize > reader.size) {
      throw new CorruptError('ext4_super_block', `${superblock.groupCount} group descriptors do not fit on ${reader.size} bytes`)
    }
    const table = new GroupTable(superblock)
    const unverified = await table.#readPrimary(reader, issues)
    table.#doubtOverlapping(unverified)
    for (const [index, pending] of unverified) await table.#readCopies(reader, issues, index, pending)
    for (const group of table.#overlapping()) table.#lose(group)
    table.#report(issues)
    table.#fillSystemZone()
    return table
  }

  /** fsBlock of a group's inode table; 0 where its descriptor is lost. */
  inodeTable(group: number): number {
    return this.#inodeTable[group]!
  }

  /** Inodes at the start of a group's table that may be in use; 0 where the table is lost. */
  usedInodes(group: number): number {
    return this.#inodeTable[group] ? this.#usedInodes[group]! : 0
  }

  /** What remains to be taken from copies, by block of the table. */
  async #readPrimary(reader: Reader, issues: IssueLog): Promise<Map<number, PendingGroups>> {
    const { blockSize, groupCount } = this.#superblock
    const perBlock = descriptorsPerBlock(this.#superblock)
    const ranges: ByteRange[] = []
    for (let index = 0; index * perBlock < groupCount; index++) {
      ranges.push({ offset: descriptorBlock(this.#superblock, index) * blockSize, length: blockSize })
    }
    const unverified = new Map<number, PendingGroups>()
    await streamRanges(reader, ranges, (index, bytes) => {
      const pending: PendingGroups = new Map()
      for (let group = index * perBlock; group < Math.min((index + 1) * perBlock, groupCount); group++) pending.set(group, undefined)
      if (bytes instanceof ScanError) issues.add(bytes, false)
      else if (bytes instanceof Error) throw bytes
      else this.#takeVerified(bytes, index * perBlock, true, pending)
      this.#damaged += pending.size
      if (pending.size > 0) unverified.set(index, pending)
    })
    return unverified
  }

  async #readCopies(reader: Reader, issues: IssueLog, index: number, pending: PendingGroups): Promise<void> {
    const { blockSize } = this.#superblock
    for (const fsBlock of descriptorCopies(this.#superblock, index)) {
      if (pending.size === 0) return
      try {
        const bytes = await reader.read(fsBlock * blockSize, blockSize)
        this.#takeVerified(bytes, index * descriptorsPerBlock(this.#superblock), false, pending)
      } catch (error) {
        if (!(error instanceof ScanError)) throw error
        issues.add(error, false)
      }
    }
    for (const [group, descriptor] of pending) {
      if (descriptor) this.#set(group, descriptor)
      else this.#lose(group)
    }
  }

  /** Groups whose inode tables overlap, in which case none of them can be trusted, and reading all could take without end. */
  #overlapping(): number[] {
    const tables = this.#inodeTable
    const order = Uint32Array.from(tables.keys()).sort((a, b) => tables[a]! - tables[b]!)
    const found = new Set<number>()
    let last: number | undefined
    for (const group of order) {
      if (tables[group] === 0) continue
      if (last !== undefined && tables[group]! < tables[last]! + this.#tableBlocks) found.add(last).add(group)
      last = group
    }
    return [...found]
  }

  /** Ask the copies for groups whose inode tables overlap. */
  #doubtOverlapping(unverified: Map<number, PendingGroups>): void {
    for (const group of this.#overlapping()) {
      const index = Math.floor(group / descriptorsPerBlock(this.#superblock))
      const pending = unverified.get(index) ?? new Map()
      unverified.set(index, pending.set(group, undefined))
      this.#damaged++
    }
  }

  #lose(group: number): void {
    this.#inodeTable[group] = 0
    this.#blockBitmap[group] = 0
    this.#lost++
  }

  #fillSystemZone(): void {
    const zone = this.systemZone
    const addAll = (starts: Float64Array, blocks: number): void => {
      for (const [group, start] of starts.entries()) if (this.#blockBitmap[group] !== 0) zone.add(start, start + blocks)
    }
    addAll(this.#blockBitmap, 1)
    addAll(this.#inodeBitmap, 1)
    addAll(this.#inodeTable, this.#tableBlocks)
    addSuperblocks(this.#superblock, zone)
    zone.seal()
  }

  #report(issues: IssueLog): void {
    if (this.#damaged === 0) return
    const problem = `${this.#damaged} of ${this.#superblock.groupCount} descriptors do not verify`
    if (this.#lost === 0) issues.add(new CorruptError('ext4_group_desc', problem), false)
    else issues.add(new CorruptError('ext4_group_desc', `${problem}, and ${this.#lost} have no copy that is sane`), true)
  }

  /** Move the groups whose descriptor verifies from `pending` to the table; keep there what is merely plausible. */
  #takeVerified(bytes: Uint8Array, firstGroup: number, primary: boolean, pending: PendingGroups): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    for (const group of [...pending.keys()]) {
      const descriptor = this.#decode(view, bytes, (group - firstGroup) * this.#superblock.descSize, group, primary)
      if (!descriptor) continue
      if (descriptor.verified) {
        this.#set(group, descriptor)
        pending.delete(group)
      } else if (!pending.get(group)) pending.set(group, descriptor)
    }
  }

  #set(group: number, descriptor: Descriptor): void {
    const { blockBitmap, inodeBitmap, inodeTable, usedInodes, verified } = descriptor
    this.#inodeTable[group] = inodeTable
    this.#usedInodes[group] = usedInodes
    this.#blockBitmap[group] = verified ? blockBitmap : 0
    this.#inodeBitmap[group] = verified ? inodeBitmap : 0
  }

  /** Undefined where the inode table would lie outside its place. Counts and flags are those of the primary only: copies are not kept up. */
  #decode(view: DataView, bytes: Uint8Array, at: number, group: number, primary: boolean): Descriptor | undefined {
    const superblock = this.#superblock
    const is64Bit = superblock.descSize >= DESC_SIZE_64BIT
    const high = (offset: number): number => (is64Bit ? view.getUint16(at + offset, true) * 0x10000 : 0)
    const block = (low: number, high: number): number =>
      view.getUint32(at + low, true) + (is64Bit ? view.getUint32(at + high, true) * 2 ** 32 : 0)
    const inodeTable = block(BG_INODE_TABLE_LO, BG_INODE_TABLE_HI)
    const start = superblock.hasFlexBg ? superblock.firstDataBlock : groupStart(superblock, group)
    const end = superblock.hasFlexBg ? superblock.blocksCount : Math.min(groupStart(superblock, group + 1), superblock.blocksCount)
    if (inodeTable === 0 || inodeTable < start || inodeTable + this.#tableBlocks > end) return undefined

    const verified = descriptorChecksumFits(superblock, group, view, bytes, at)
    let unused = 0
    if (primary && verified) {
      if (superblock.hasMetadataCsum || superblock.hasGdtCsum) {
        const uninit = (view.getUint16(at + BG_FLAGS, true) & EXT4_BG_INODE_UNINIT) !== 0
        unused = uninit ? superblock.inodesPerGroup : view.getUint16(at + BG_ITABLE_UNUSED_LO, true) + high(BG_ITABLE_UNUSED_HI)
      } else {
        const free = view.getUint16(at + BG_FREE_INODES_COUNT_LO, true) + high(BG_FREE_INODES_COUNT_HI)
        if (free === superblock.inodesPerGroup) unused = free
      }
    }
    if (unused > superblock.inodesPerGroup) unused = 0
    return {
      blockBitmap: block(BG_BLOCK_BITMAP_LO, BG_BLOCK_BITMAP_HI),
      inodeBitmap: block(BG_INODE_BITMAP_LO, BG_INODE_BITMAP_HI),
      inodeTable,
      usedInodes: superblock.inodesPerGroup - unused,
      verified,
    }
  }
}
