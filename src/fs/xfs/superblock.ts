import { CorruptError, LimitError } from '../../errors.js'
import { decodeName } from '../name.js'
import { checksumFits } from './checksum.js'
import { decodeFeatures, type Features } from './features.js'
import { u64 } from './integer.js'

// struct xfs_dsb, big-endian: XFS Algorithms & Data Structures, "Superblocks"; libxfs/xfs_format.h
const SB_MAGICNUM = 0x0
const SB_BLOCKSIZE = 0x4
const SB_DBLOCKS = 0x8
const SB_UUID = 0x20
const SB_LOGSTART = 0x30
const SB_ROOTINO = 0x38
const SB_RBMINO = 0x40
const SB_RSUMINO = 0x48
const SB_AGBLOCKS = 0x54
const SB_AGCOUNT = 0x58
const SB_LOGBLOCKS = 0x60
const SB_VERSIONNUM = 0x64
const SB_SECTSIZE = 0x66
const SB_INODESIZE = 0x68
const SB_INOPBLOCK = 0x6a
const SB_FNAME = 0x6c
const SB_BLOCKLOG = 0x78
const SB_SECTLOG = 0x79
const SB_INODELOG = 0x7a
const SB_INOPBLOG = 0x7b
const SB_AGBLKLOG = 0x7c
const SB_INPROGRESS = 0x7e
const SB_UQUOTINO = 0xa0
const SB_GQUOTINO = 0xa8
const SB_DIRBLKLOG = 0xc0
const SB_FEATURES2 = 0xc8
const SB_BAD_FEATURES2 = 0xcc
const SB_FEATURES_RO_COMPAT = 0xd4
const SB_FEATURES_INCOMPAT = 0xd8
const SB_CRC = 0xe0
const SB_PQUOTINO = 0xe8
const SB_META_UUID = 0xf8
const SB_METADIRINO = 0x108
/** Bytes of the structure; it has a sector to itself, and its checksum covers all of that. */
export const SUPERBLOCK_SIZE = 512
export const XFS_SB_MAGIC = 0x58465342
const FNAME_SIZE = 12

const XFS_MIN_SECTORSIZE_LOG = 9
const XFS_MAX_SECTORSIZE_LOG = 15
const XFS_MIN_BLOCKSIZE_LOG = 9
const XFS_MAX_BLOCKSIZE_LOG = 16
const XFS_DINODE_MIN_LOG = 8
const XFS_DINODE_MAX_LOG = 11
const XFS_MIN_AG_BLOCKS = 64
/** mkfs.xfs makes none smaller than 16 MiB: 16 TiB have as many. */
const MAX_AGS = 2 ** 20

/** Sizes, all checked against each other. */
export interface Geometry {
  /** Bytes. */
  readonly blockSize: number
  readonly blocksCount: number
  /** Bytes. */
  readonly sectorSize: number
  readonly agBlocks: number
  readonly agCount: number
  /** Bits of a block number that are the block in its AG, and of an inode number that are the inode in its block. */
  readonly agBlockBits: number
  readonly inodeBits: number
  /** Bytes. */
  readonly inodeSize: number
  readonly inodesPerBlock: number
  /** Bytes of a directory block: one or more blocks of the filesystem. */
  readonly dirBlockSize: number
}

/** What the rest of the reader needs to know of the whole filesystem. */
export interface Superblock extends Geometry {
  readonly features: Features
  /** mkfs.xfs did not come to its end; of no meaning in copies. */
  readonly inProgress: boolean
  /** What the user knows it by. */
  readonly uuid: string
  /** What metadata bears. */
  readonly metaUuid: Uint8Array
  readonly label: string
  /** Undefined in copies of which mkfs.xfs left it out. */
  readonly rootIno: number | undefined
  /** Inodes that no directory may name: realtime bitmaps, quotas, the root of metadata directories. */
  readonly hiddenInodes: readonly number[]
  /** Internal log in blocks; `start` as it is stored (AG and block in it), 0 where the log is on another device. */
  readonly log: { readonly start: number; readonly blockCount: number }
}

/** Whether the magic number stands at `at`. */
export function hasSuperMagic(bytes: Uint8Array, at: number = 0): boolean {
  if (at + SUPERBLOCK_SIZE > bytes.length) return false
  return new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0) === XFS_SB_MAGIC
}

/** Bytes of the sector that a superblock says it has, where that is a size a sector may have; else the least. */
export function sectorSizeOf(bytes: Uint8Array): number {
  const size = new DataView(bytes.buffer, bytes.byteOffset, SUPERBLOCK_SIZE).getUint16(SB_SECTSIZE)
  return size >= 512 && size <= 32768 && (size & (size - 1)) === 0 ? size : 512
}

/** Whether the checksum of a sector with a superblock fits, or the filesystem has none. */
export function superblockChecksumFits(sector: Uint8Array): boolean {
  const view = new DataView(sector.buffer, sector.byteOffset, sector.length)
  return (view.getUint16(SB_VERSIONNUM) & 0xf) !== 5 || checksumFits(view, sector, 0, sector.length, SB_CRC)
}

/**
 * Decode a superblock, primary or copy, and hold its geometry to what the kernel accepts.
 * @throws CorruptError, UnsupportedError naming the feature, LimitError
 */
export function decodeSuperblock(bytes: Uint8Array): Superblock {
  if (bytes.length < SUPERBLOCK_SIZE) throw new CorruptError('xfs_dsb', `only ${bytes.length} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, SUPERBLOCK_SIZE)
  if (view.getUint32(SB_MAGICNUM) !== XFS_SB_MAGIC) throw new CorruptError('xfs_dsb', 'bad sb_magicnum', SB_MAGICNUM)
  const features = decodeFeatures({
    versionnum: view.getUint16(SB_VERSIONNUM),
    // Kernels that aligned the structure otherwise wrote it into the other place.
    features2: view.getUint32(SB_FEATURES2) | view.getUint32(SB_BAD_FEATURES2),
    roCompat: view.getUint32(SB_FEATURES_RO_COMPAT),
    incompat: view.getUint32(SB_FEATURES_INCOMPAT),
  })
  const metaUuidAt = features.metaUuid ? SB_META_UUID : SB_UUID
  const hidden = [SB_RBMINO, SB_RSUMINO, SB_UQUOTINO, SB_GQUOTINO, ...(features.crc ? [SB_PQUOTINO] : [])]
  if (features.metadir) hidden.push(SB_METADIRINO)
  const name = bytes.subarray(SB_FNAME, SB_FNAME + FNAME_SIZE)
  const nul = name.indexOf(0)
  return {
    ...decodeGeometry(view, features.crc),
    features,
    inProgress: bytes[SB_INPROGRESS] !== 0,
    uuid: formatUuid(bytes.subarray(SB_UUID, SB_UUID + 16)),
    metaUuid: bytes.slice(metaUuidAt, metaUuidAt + 16),
    label: decodeName(nul < 0 ? name : name.subarray(0, nul)),
    rootIno: u64(view, SB_ROOTINO),
    hiddenInodes: hidden.map((at) => u64(view, at) ?? 0).filter((ino) => ino !== 0),
    log: { start: u64(view, SB_LOGSTART) ?? 0, blockCount: view.getUint32(SB_LOGBLOCKS) },
  }
}

/** The checks are those of the kernel's xfs_validate_sb_common. */
function decodeGeometry(view: DataView, crc: boolean): Geometry {
  const check = (good: boolean, problem: string, at: number): void => {
    if (!good) throw new CorruptError('xfs_dsb', problem, at)
  }
  const size = (name: string, at: number, bits: number, bitsAt: number, least: number, most: number): number => {
    const value = at === SB_BLOCKSIZE ? view.getUint32(at) : view.getUint16(at)
    check(bits >= least && bits <= most, `${name} of 2^${bits}`, bitsAt)
    check(value === 2 ** bits, `${name} ${value} is not 2^${bits}`, at)
    return value
  }
  const blockBits = view.getUint8(SB_BLOCKLOG)
  const blockSize = size('sb_blocksize', SB_BLOCKSIZE, blockBits, SB_BLOCKLOG, XFS_MIN_BLOCKSIZE_LOG, XFS_MAX_BLOCKSIZE_LOG)
  const sectorBits = view.getUint8(SB_SECTLOG)
  const sectorSize = size('sb_sectsize', SB_SECTSIZE, sectorBits, SB_SECTLOG, XFS_MIN_SECTORSIZE_LOG, XFS_MAX_SECTORSIZE_LOG)
  const inodeSizeBits = view.getUint8(SB_INODELOG)
  const inodeSize = size('sb_inodesize', SB_INODESIZE, inodeSizeBits, SB_INODELOG, XFS_DINODE_MIN_LOG, XFS_DINODE_MAX_LOG)
  check(!crc || inodeSize >= 512, `sb_inodesize ${inodeSize} in version 5`, SB_INODESIZE)
  const inodeBits = view.getUint8(SB_INOPBLOG)
  const inodesPerBlock = view.getUint16(SB_INOPBLOCK)
  const inodesAgree = inodeBits === blockBits - inodeSizeBits && inodesPerBlock === blockSize / inodeSize
  check(inodesAgree, `sb_inopblock ${inodesPerBlock}, sb_inopblog ${inodeBits}`, SB_INOPBLOCK)
  const dirBlockBits = blockBits + view.getUint8(SB_DIRBLKLOG)
  check(dirBlockBits <= XFS_MAX_BLOCKSIZE_LOG, `directory blocks of 2^${dirBlockBits} bytes`, SB_DIRBLKLOG)

  const agBlocks = view.getUint32(SB_AGBLOCKS)
  const agCount = view.getUint32(SB_AGCOUNT)
  const agBlockBits = view.getUint8(SB_AGBLKLOG)
  check(agBlocks >= XFS_MIN_AG_BLOCKS, `sb_agblocks ${agBlocks}`, SB_AGBLOCKS)
  check(agBlockBits === 32 - Math.clz32(agBlocks - 1), `sb_agblklog ${agBlockBits} for ${agBlocks} blocks`, SB_AGBLKLOG)
  check(agCount > 0, 'sb_agcount 0', SB_AGCOUNT)
  if (agCount > MAX_AGS) throw new LimitError('xfs_dsb: AGs', MAX_AGS)
  const blocksCount = u64(view, SB_DBLOCKS) ?? 0
  const least = (agCount - 1) * agBlocks + XFS_MIN_AG_BLOCKS
  check(blocksCount >= least && blocksCount <= agCount * agBlocks, `sb_dblocks ${blocksCount} in ${agCount} AGs`, SB_DBLOCKS)
  check(agCount * agBlocks * blockSize <= Number.MAX_SAFE_INTEGER, `sb_dblocks ${blocksCount}`, SB_DBLOCKS)
  // The largest inode number, agCount << agBlockBits + inodeBits, is below that bound of bytes too.
  const dirBlockSize = 2 ** dirBlockBits
  return { blockSize, blocksCount, sectorSize, agBlocks, agCount, agBlockBits, inodeBits, inodeSize, inodesPerBlock, dirBlockSize }
}

/** Lower case with hyphens. */
function formatUuid(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
