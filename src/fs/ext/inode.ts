import { CorruptError, ScanError } from '../../errors.js'
import type { StatExtras } from '../inode-store.js'
import type { Run } from '../run.js'
import type { FileType, Stat } from '../types.js'
import type { BlockSpace } from './block-space.js'
import { inodeChecksumFits, inodeSeed } from './checksum.js'
import { decodeExtentRoot } from './extent.js'
import { decodeIndirectRoot } from './indirect.js'
import { decodeInlineData } from './inline-data.js'
import type { Superblock } from './superblock.js'

// struct ext4_inode: docs.kernel.org/filesystems/ext4/inodes.html
const I_MODE = 0x0
const I_UID = 0x2
const I_SIZE_LO = 0x4
const I_CTIME = 0xc
const I_MTIME = 0x10
const I_GID = 0x18
const I_LINKS_COUNT = 0x1a
const I_BLOCKS_LO = 0x1c
const I_FLAGS = 0x20
const I_BLOCK = 0x28
const I_GENERATION = 0x64
const I_FILE_ACL_LO = 0x68
const I_SIZE_HIGH = 0x6c
const L_I_BLOCKS_HIGH = 0x74
const L_I_FILE_ACL_HIGH = 0x76
const L_I_UID_HIGH = 0x78
const L_I_GID_HIGH = 0x7a
const I_EXTRA_ISIZE = 0x80
const I_CTIME_EXTRA = 0x84
const I_MTIME_EXTRA = 0x88
const EXT4_GOOD_OLD_INODE_SIZE = 128
/** Bytes that the fields to i_projid take; what an i_extra_isize of 0 stands for. */
const FULL_EXTRA_ISIZE = 32
/** Bytes of `i_block`: what a fast symlink may fill, with a NUL. */
const I_BLOCK_SIZE = 60

const EXT4_INDEX_FL = 0x1000
const EXT4_ENCRYPT_FL = 0x800
const EXT4_HUGE_FILE_FL = 0x40000
const EXT4_EXTENTS_FL = 0x80000
const EXT4_EA_INODE_FL = 0x200000
const EXT4_INLINE_DATA_FL = 0x10000000

export const EXT4_ROOT_INO = 2

const TYPES: Record<number, FileType> = {
  1: 'fifo',
  2: 'char',
  4: 'dir',
  6: 'block',
  8: 'file',
  10: 'symlink',
  12: 'socket',
}

/** An inode in use, as far as it can be read. */
export interface Inode {
  readonly ino: number
  readonly stat: Stat
  readonly extras: StatExtras | undefined
  /** A directory with a hash tree. */
  readonly indexed: boolean
  /** Start value of the checksums of its blocks. */
  readonly seed: number
  /** Whether `runs` comes from an extent tree. */
  readonly extents: boolean
  /** What `i_block` says of the contents. */
  readonly runs: readonly Run[]
  /** Contents that lie in the inode itself: inline data, or the target of a fast symlink. */
  readonly inline: Uint8Array | undefined
}

/** Whether the slot at `at` holds an inode in use: a deleted one keeps its mode, but has no links. */
export function inodeInUse(view: DataView, at: number): boolean {
  return view.getUint16(at + I_LINKS_COUNT, true) !== 0
}

/**
 * Decode one inode of `inodeSize` bytes at `at`. What contradicts the specification is told in `error`, in the cases in which the
 * kernel refuses the inode.
 */
export function decodeInode(space: BlockSpace, ino: number, view: DataView, bytes: Uint8Array, at: number): Inode {
  const { superblock } = space
  const u16 = (offset: number): number => view.getUint16(at + offset, true)
  const u32 = (offset: number): number => view.getUint32(at + offset, true)
  const mode = u16(I_MODE)
  const flags = u32(I_FLAGS)
  const knownType = TYPES[mode >> 12]
  const type = knownType ?? 'file'
  const extraSize = extraFieldsSize(superblock, view, at)
  const [mtime, mtimeNs] = decodeTime(view, at + I_MTIME, extraSize >= 12 ? u32(I_MTIME_EXTRA) : 0)
  const [ctime, ctimeNs] = decodeTime(view, at + I_CTIME, extraSize >= 8 ? u32(I_CTIME_EXTRA) : 0)
  const sizeHigh = type === 'file' || superblock.hasLargeDir ? u32(I_SIZE_HIGH) : 0
  const size = sizeHigh * 2 ** 32 + u32(I_SIZE_LO)

  let error: string | undefined
  let contents: Contents = NO_CONTENTS
  if (!inodeChecksumFits(superblock, ino, view, bytes, at)) error = 'inode checksum does not fit'
  try {
    if (!knownType) throw new CorruptError('ext4_inode', `i_mode 0${mode.toString(8)}`)
    checkInode(space, view, at, type, flags, extraSize)
    if (size > Number.MAX_SAFE_INTEGER) throw new CorruptError('ext4_inode', 'i_size exceeds 2^53')
    contents = decodeContents(space, view, bytes, at, type, flags, size)
  } catch (caught) {
    if (!(caught instanceof ScanError)) throw caught
    error ??= caught.message
  }
  const rdev = type === 'char' || type === 'block' ? decodeDevice(u32(I_BLOCK), u32(I_BLOCK + 4)) : undefined
  const extras = statExtras(rdev, (flags & EXT4_ENCRYPT_FL) !== 0, error)
  const stat: Stat = {
    ino,
    type,
    size,
    mode: mode & 0xfff,
    uid: (u16(I_UID) | (u16(L_I_UID_HIGH) << 16)) >>> 0,
    gid: (u16(I_GID) | (u16(L_I_GID_HIGH) << 16)) >>> 0,
    nlink: u16(I_LINKS_COUNT),
    mtime,
    mtimeNs,
    ctime,
    ctimeNs,
  }
  return {
    ino,
    stat: extras ? { ...stat, ...extras } : stat,
    extras,
    indexed: (flags & EXT4_INDEX_FL) !== 0,
    seed: superblock.hasMetadataCsum ? inodeSeed(superblock, ino, u32(I_GENERATION)) : 0,
    extents: contents.extents,
    runs: space.fastCommits?.runs.get(ino) ?? contents.runs,
    inline: contents.inline,
  }
}

function statExtras(rdev: string | undefined, encrypted: boolean, error: string | undefined): StatExtras | undefined {
  if (rdev === undefined && !encrypted && error === undefined) return undefined
  return { ...(rdev !== undefined && { rdev }), ...(encrypted && { encrypted }), ...(error !== undefined && { error }) }
}

type Contents = Pick<Inode, 'extents' | 'runs' | 'inline'>

const NO_CONTENTS: Contents = { extents: false, runs: [], inline: undefined }

function decodeContents(
  space: BlockSpace,
  view: DataView,
  bytes: Uint8Array,
  at: number,
  type: FileType,
  flags: number,
  size: number,
): Contents {
  const { superblock } = space
  const extents = (flags & EXT4_EXTENTS_FL) !== 0
  if (type !== 'file' && type !== 'dir' && type !== 'symlink') return NO_CONTENTS
  if (flags & EXT4_INLINE_DATA_FL) {
    if (extents) throw new CorruptError('ext4_inode', 'both inline data and extents')
    return { extents: false, runs: [], inline: decodeInlineData(superblock, bytes, view, at) }
  }
  if (type === 'symlink' && isFastSymlink(superblock, view, at, flags, size)) {
    if (size === 0 || size >= I_BLOCK_SIZE) throw new CorruptError('ext4_inode', `fast symlink of ${size} bytes`)
    return { extents: false, runs: [], inline: bytes.subarray(at + I_BLOCK, at + I_BLOCK + size) }
  }
  const decodeRoot = extents ? decodeExtentRoot : decodeIndirectRoot
  return { extents, runs: decodeRoot(space, view, at + I_BLOCK), inline: undefined }
}

/**
 * As ext4_inode_is_fast_symlink: the target lies in `i_block` where the inode has no blocks but that of its extended attributes. Under ea_inode
 * it is charged for those of its values as well, so that only the size tells.
 */
function isFastSymlink(superblock: Superblock, view: DataView, at: number, flags: number, size: number): boolean {
  if (superblock.hasEaInode) return size > 0 && size < I_BLOCK_SIZE
  let sectors = view.getUint32(at + I_BLOCKS_LO, true)
  if (superblock.hasHugeFile) {
    sectors += view.getUint16(at + L_I_BLOCKS_HIGH, true) * 2 ** 32
    if (flags & EXT4_HUGE_FILE_FL) sectors *= superblock.blockSize / 512
  }
  return sectors === (fileAcl(view, at) === 0 ? 0 : superblock.clusterSize / 512)
}

function fileAcl(view: DataView, at: number): number {
  return view.getUint16(at + L_I_FILE_ACL_HIGH, true) * 2 ** 32 + view.getUint32(at + I_FILE_ACL_LO, true)
}

/** Bytes of fields after the first 128. */
function extraFieldsSize(superblock: Superblock, view: DataView, at: number): number {
  if (superblock.inodeSize === EXT4_GOOD_OLD_INODE_SIZE) return 0
  return view.getUint16(at + I_EXTRA_ISIZE, true) || FULL_EXTRA_ISIZE
}

/** What the kernel's ext4_iget refuses besides what the contents say. @throws CorruptError */
function checkInode(space: BlockSpace, view: DataView, at: number, type: FileType, flags: number, extraSize: number): void {
  const { inodeSize } = space.superblock
  const tooLarge = inodeSize > EXT4_GOOD_OLD_INODE_SIZE && EXT4_GOOD_OLD_INODE_SIZE + extraSize > inodeSize
  if (tooLarge || extraSize & 3) throw new CorruptError('ext4_inode', `i_extra_isize ${extraSize}`)
  const acl = fileAcl(view, at)
  if (acl !== 0 && !space.isFileSpace(acl, 1)) throw new CorruptError('ext4_inode', `i_file_acl ${acl}, which is no file's block`)
  if (flags & EXT4_EA_INODE_FL) throw new CorruptError('ext4_inode', `a ${type} that holds the value of an extended attribute`)
}

/** Seconds are signed 32 bits, to which two bits of `extra` add epochs of 2^32; the other thirty are nanoseconds. */
function decodeTime(view: DataView, at: number, extra: number): [seconds: number, nanoseconds: number] {
  const seconds = view.getInt32(at, true) + (extra & 3) * 2 ** 32
  const nanoseconds = extra >>> 2
  return nanoseconds < 1e9 ? [seconds, nanoseconds] : [seconds + 1, nanoseconds - 1e9]
}

/** `major:minor` from the old encoding of 16 bits, or where that is 0 from the one of 32 bits. */
function decodeDevice(old: number, large: number): string {
  if (old !== 0) return `${(old >>> 8) & 0xff}:${old & 0xff}`
  return `${(large >>> 8) & 0xfff}:${(large & 0xff) | ((large >>> 12) & 0xfff00)}`
}
