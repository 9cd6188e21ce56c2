import { CorruptError, ScanError, UnsupportedError } from '../../errors.js'
import type { StatExtras } from '../inode-store.js'
import type { Run } from '../run.js'
import type { FileType, Stat } from '../types.js'
import { decodeBmapRoot } from './bmap-btree.js'
import { bearsUuid, checksumFits } from './checksum.js'
import { decodeExtents, EXTENT_SIZE, MAX_FILE_BLOCK } from './extent.js'
import { decodeTime } from './inode-time.js'
import { u64 } from './integer.js'
import type { Volume } from './volume.js'

// struct xfs_dinode, big-endian: XFS Algorithms & Data Structures, "On-disk Inode"; libxfs/xfs_format.h
const DI_MAGIC = 0x0
const DI_MODE = 0x2
const DI_VERSION = 0x4
const DI_FORMAT = 0x5
const DI_ONLINK = 0x6
const DI_UID = 0x8
const DI_GID = 0xc
const DI_NLINK = 0x10
const DI_BIG_NEXTENTS = 0x18
const DI_MTIME = 0x28
const DI_CTIME = 0x30
const DI_SIZE = 0x38
const DI_NBLOCKS = 0x40
const DI_NEXTENTS = 0x4c
const DI_FORKOFF = 0x52
const DI_FLAGS = 0x5a
const DI_CRC = 0x64
const DI_FLAGS2_LOW = 0x7c // of the be64 at 0x78
const DI_INO = 0x98
const DI_UUID = 0xa0
/** Where the data fork begins, before version 3 and since. */
const DI_LITERAL = 100
const DI_LITERAL_V3 = 176
const XFS_DINODE_MAGIC = 0x494e

const XFS_DINODE_FMT_DEV = 0
const XFS_DINODE_FMT_LOCAL = 1
const XFS_DINODE_FMT_EXTENTS = 2
const XFS_DINODE_FMT_BTREE = 3

const XFS_DIFLAG_REALTIME = 0x1
const XFS_DIFLAG2_BIGTIME = 0x8
const XFS_DIFLAG2_NREXT64 = 0x10
const XFS_DIFLAG2_METADATA = 0x20

/** MAXPATHLEN of XFS. */
const XFS_SYMLINK_MAXLEN = 1024

const TYPES: Record<number, FileType> = {
  1: 'fifo',
  2: 'char',
  4: 'dir',
  6: 'block',
  8: 'file',
  10: 'symlink',
  12: 'socket',
}

/** Why a file that is intact cannot be read. */
const REALTIME = 'its data is on the realtime device, which is not read'

/** An inode in use, as far as it can be read. */
export interface Inode {
  readonly ino: number
  readonly stat: Stat
  readonly extras: StatExtras | undefined
  /** What the data fork says of the contents. */
  readonly runs: readonly Run[]
  /** Contents that lie in the inode itself: a short directory, or the target of a symlink. */
  readonly inline: Uint8Array | undefined
}

/** What `error` of an inode tells, as an error of the right code. */
export function inodeProblem(ino: number, error: string): ScanError {
  if (error === REALTIME) return new UnsupportedError('realtime', `inode ${ino}: ${error}`)
  return new CorruptError(`inode ${ino}`, error)
}

/** Whether the slot at `at` holds an inode in use: freeing one clears its mode. */
export function inodeInUse(view: DataView, at: number): boolean {
  return view.getUint16(at + DI_MODE) !== 0
}

/**
 * Decode one inode of `inodeSize` bytes at `at`. What contradicts the specification is told in `error`, in the cases in which the
 * kernel refuses the inode.
 */
export function decodeInode(volume: Volume, ino: number, view: DataView, bytes: Uint8Array, at: number): Inode {
  const mode = view.getUint16(at + DI_MODE)
  const version = view.getUint8(at + DI_VERSION)
  const flags2 = version >= 3 ? view.getUint32(at + DI_FLAGS2_LOW) : 0
  const knownType = TYPES[mode >> 12]
  const type = knownType ?? 'file'
  const bigtime = (flags2 & XFS_DIFLAG2_BIGTIME) !== 0
  const [mtime, mtimeNs] = decodeTime(view, at + DI_MTIME, bigtime)
  const [ctime, ctimeNs] = decodeTime(view, at + DI_CTIME, bigtime)
  const size = u64(view, at + DI_SIZE)

  let error: string | undefined
  let contents: Contents = NO_CONTENTS
  try {
    checkInode(volume, ino, view, bytes, at)
    if (!knownType) throw new CorruptError('xfs_dinode', `di_mode 0${mode.toString(8)}`)
    if (size === undefined) throw new CorruptError('xfs_dinode', 'di_size exceeds 2^53')
    if (flags2 & XFS_DIFLAG2_METADATA) throw new CorruptError('xfs_dinode', "a file of the filesystem's own")
    contents = decodeContents(volume, view, bytes, at, type, size, flags2)
  } catch (caught) {
    if (!(caught instanceof ScanError)) throw caught
    error = caught.message
  }
  const isDevice = type === 'char' || type === 'block'
  const rdev = isDevice ? decodeDevice(view.getUint32(at + (version >= 3 ? DI_LITERAL_V3 : DI_LITERAL))) : undefined
  const extras = rdev === undefined && error === undefined ? undefined : { ...(rdev && { rdev }), ...(error !== undefined && { error }) }
  const stat: Stat = {
    ino,
    type,
    size: size ?? Number.MAX_SAFE_INTEGER,
    mode: mode & 0xfff,
    uid: view.getUint32(at + DI_UID),
    gid: view.getUint32(at + DI_GID),
    nlink: version === 1 ? view.getUint16(at + DI_ONLINK) : view.getUint32(at + DI_NLINK),
    mtime,
    mtimeNs,
    ctime,
    ctimeNs,
  }
  return { ino, stat: extras ? { ...stat, ...extras } : stat, extras, ...contents }
}

/** What the inode says of itself. @throws CorruptError */
function checkInode({ superblock }: Volume, ino: number, view: DataView, bytes: Uint8Array, at: number): void {
  const fail = (problem: string): never => {
    throw new CorruptError('xfs_dinode', problem)
  }
  if (view.getUint16(at + DI_MAGIC) !== XFS_DINODE_MAGIC) fail('bad di_magic')
  const version = view.getUint8(at + DI_VERSION)
  if (superblock.features.crc ? version !== 3 : version !== 1 && version !== 2) fail(`di_version ${version}`)
  if (version < 3) return
  if (!checksumFits(view, bytes, at, superblock.inodeSize, DI_CRC)) fail('checksum does not fit')
  if (u64(view, at + DI_INO) !== ino) fail(`di_ino ${u64(view, at + DI_INO)}`)
  if (!bearsUuid(superblock, bytes, at + DI_UUID)) fail('another di_uuid')
}

type Contents = Pick<Inode, 'runs' | 'inline'>

const NO_CONTENTS: Contents = { runs: [], inline: undefined }

function decodeContents(
  volume: Volume,
  view: DataView,
  bytes: Uint8Array,
  at: number,
  type: FileType,
  size: number,
  flags2: number,
): Contents {
  const fail = (problem: string): never => {
    throw new CorruptError('xfs_dinode', problem)
  }
  const { inodeSize } = volume.superblock
  const start = at + (view.getUint8(at + DI_VERSION) >= 3 ? DI_LITERAL_V3 : DI_LITERAL)
  const format = view.getUint8(at + DI_FORMAT)
  const forkoff = view.getUint8(at + DI_FORKOFF) * 8
  const forkSize = forkoff === 0 ? at + inodeSize - start : forkoff
  if (start + forkSize > at + inodeSize) fail(`di_forkoff ${forkoff / 8}`)
  if (type !== 'file' && type !== 'dir' && type !== 'symlink') {
    if (format !== XFS_DINODE_FMT_DEV) fail(`di_format ${format} of a ${type}`)
    return NO_CONTENTS
  }
  if (type !== 'file' && size === 0) fail(`a ${type} of no size`)
  if (type === 'symlink' && size > XFS_SYMLINK_MAXLEN) fail(`a symlink of ${size} bytes`)
  const extentCount = decodeExtentCount(view, at, flags2)
  if (extentCount > (u64(view, at + DI_NBLOCKS) ?? 0)) fail(`${extentCount} extents in fewer blocks`)
  if (format === XFS_DINODE_FMT_LOCAL) {
    if (type === 'file') fail('a regular file without blocks of its own')
    if (size > forkSize || extentCount > 0) fail(`${size} bytes in a fork of ${forkSize}, ${extentCount} extents`)
    return { runs: [], inline: bytes.subarray(start, start + size) }
  }
  if (format !== XFS_DINODE_FMT_EXTENTS && format !== XFS_DINODE_FMT_BTREE) fail(`di_format ${format} of a ${type}`)
  if (view.getUint16(at + DI_FLAGS) & XFS_DIFLAG_REALTIME && type === 'file') {
    if (extentCount > 0) throw new UnsupportedError('realtime', REALTIME)
    return NO_CONTENTS
  }
  if (format === XFS_DINODE_FMT_BTREE) return { runs: decodeBmapRoot(volume, view, start, forkSize), inline: undefined }
  if (extentCount * EXTENT_SIZE > forkSize) fail(`${extentCount} extents in a fork of ${forkSize} bytes`)
  return { runs: decodeExtents(volume, view, start, extentCount, 0, MAX_FILE_BLOCK), inline: undefined }
}

function decodeExtentCount(view: DataView, at: number, flags2: number): number {
  if (flags2 & XFS_DIFLAG2_NREXT64) return u64(view, at + DI_BIG_NEXTENTS) ?? Number.MAX_SAFE_INTEGER
  return view.getUint32(at + DI_NEXTENTS)
}

/** `major:minor` of System V's 14 and 18 bits. */
function decodeDevice(dev: number): string {
  return `${dev >>> 18}:${dev & 0x3ffff}`
}
