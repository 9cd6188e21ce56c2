import { CorruptError, LimitError, UnsupportedError } from '../../errors.js'
import { crc32c } from '../crc32c.js'
import { decodeName } from '../name.js'
import {
  COMPAT_HAS_JOURNAL,
  COMPAT_SPARSE_SUPER2,
  type FeatureWords,
  INCOMPAT_64BIT,
  INCOMPAT_CSUM_SEED,
  INCOMPAT_EA_INODE,
  INCOMPAT_FILETYPE,
  INCOMPAT_FLEX_BG,
  INCOMPAT_LARGEDIR,
  INCOMPAT_META_BG,
  INCOMPAT_RECOVER,
  RO_COMPAT_BIGALLOC,
  RO_COMPAT_GDT_CSUM,
  RO_COMPAT_HUGE_FILE,
  RO_COMPAT_METADATA_CSUM,
  RO_COMPAT_SPARSE_SUPER,
  requireReadable,
} from './features.js'

// struct ext4_super_block: docs.kernel.org/filesystems/ext4/super.html
const S_INODES_COUNT = 0x0
const S_BLOCKS_COUNT_LO = 0x4
const S_FIRST_DATA_BLOCK = 0x14
const S_LOG_BLOCK_SIZE = 0x18
const S_LOG_CLUSTER_SIZE = 0x1c
const S_BLOCKS_PER_GROUP = 0x20
const S_CLUSTERS_PER_GROUP = 0x24
const S_INODES_PER_GROUP = 0x28
const S_MAGIC = 0x38
const S_CREATOR_OS = 0x48
const S_REV_LEVEL = 0x4c
const S_FIRST_INO = 0x54
const S_INODE_SIZE = 0x58
const S_BLOCK_GROUP_NR = 0x5a
const S_FEATURE_COMPAT = 0x5c
const S_FEATURE_INCOMPAT = 0x60
const S_FEATURE_RO_COMPAT = 0x64
const S_UUID = 0x68
const S_VOLUME_NAME = 0x78
const S_JOURNAL_UUID = 0xd0
const S_JOURNAL_INUM = 0xe0
const S_JOURNAL_DEV = 0xe4
const S_DESC_SIZE = 0xfe
const S_JNL_BACKUP_TYPE = 0xfd
const S_FIRST_META_BG = 0x104
const S_MKFS_TIME = 0x108
const S_JNL_BLOCKS = 0x10c
const S_BLOCKS_COUNT_HI = 0x150
const S_CHECKSUM_TYPE = 0x175
const S_USR_QUOTA_INUM = 0x240
const S_GRP_QUOTA_INUM = 0x244
const S_BACKUP_BGS = 0x24c
const S_PRJ_QUOTA_INUM = 0x26c
const S_CHECKSUM_SEED = 0x270
const S_ORPHAN_FILE_INUM = 0x280
const S_CHECKSUM = 0x3fc

/** Bytes from the start of the filesystem. */
export const SUPERBLOCK_OFFSET = 1024
export const SUPERBLOCK_SIZE = 1024
export const EXT2_SUPER_MAGIC = 0xef53
const EXT4_CRC32C_CHKSUM = 1
const EXT3_JNL_BACKUP_BLOCKS = 1
const JNL_BLOCKS_SIZE = 68
const EXT4_OS_LINUX = 0
const EXT4_GOOD_OLD_REV = 0
const EXT4_GOOD_OLD_INODE_SIZE = 128
const EXT4_GOOD_OLD_FIRST_INO = 11

/** Those of 64 TiB in blocks of 2 KiB. */
const MAX_GROUPS = 2 ** 22

/** What the rest of the reader needs to know of the whole filesystem. */
export interface Superblock {
  readonly features: FeatureWords
  /** Bytes. */
  readonly blockSize: number
  /** Bytes; larger than a block with bigalloc only. */
  readonly clusterSize: number
  readonly blocksCount: number
  readonly firstDataBlock: number
  readonly blocksPerGroup: number
  readonly groupCount: number
  readonly inodesCount: number
  readonly inodesPerGroup: number
  /** Bytes. */
  readonly inodeSize: number
  readonly firstIno: number
  /** Inodes that no directory may name although they are not below `firstIno`: quota and orphan files. */
  readonly hiddenInodes: readonly number[]
  /** Bytes of one group descriptor. */
  readonly descSize: number
  readonly firstMetaBg: number
  /** The two groups with copies under sparse_super2; 0 where there is none. */
  readonly backupBgs: readonly [number, number]
  /** Group this copy was written for; 0 in the primary. */
  readonly blockGroupNr: number
  /** Seconds since the epoch. */
  readonly mkfsTime: number
  readonly uuidBytes: Uint8Array
  readonly uuid: string
  readonly label: string
  readonly journal: JournalPlace
  /** Start value of every metadata checksum. */
  readonly checksumSeed: number
  readonly hasJournal: boolean
  readonly needsRecovery: boolean
  readonly hasFiletype: boolean
  readonly hasMetaBg: boolean
  readonly hasFlexBg: boolean
  readonly hasLargeDir: boolean
  readonly hasSparseSuper: boolean
  readonly hasSparseSuper2: boolean
  readonly hasEaInode: boolean
  readonly hasHugeFile: boolean
  readonly hasMetadataCsum: boolean
  readonly hasGdtCsum: boolean
  readonly linuxInodes: boolean
}

/** Where the journal is: in a file of the filesystem, or where `inode` is 0 on a device of its own. */
export interface JournalPlace {
  readonly inode: number
  readonly device: number
  readonly uuid: string
  /** `i_block` of the file, then the upper and the lower half of its size; absent where no copy is kept. */
  readonly backup: Uint8Array | undefined
}

/** Lower case with hyphens. */
function formatUuid(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function untilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0)
  return end < 0 ? bytes : bytes.subarray(0, end)
}

/** Whether the magic number stands where a superblock has it. */
export function hasSuperMagic(bytes: Uint8Array, at: number = 0): boolean {
  return bytes.length >= at + S_MAGIC + 2 && (bytes[at + S_MAGIC]! | (bytes[at + S_MAGIC + 1]! << 8)) === EXT2_SUPER_MAGIC
}

/** Whether the copy is of the filesystem whose damaged primary superblock these bytes are: its UUID, or where that is what was hit its age. */
export function isCopyOf(primary: Uint8Array, copy: Superblock): boolean {
  const view = new DataView(primary.buffer, primary.byteOffset, SUPERBLOCK_SIZE)
  const sameUuid = copy.uuidBytes.every((byte, i) => byte === primary[S_UUID + i])
  return sameUuid || view.getUint32(S_MKFS_TIME, true) === copy.mkfsTime
}

/** Whether s_checksum fits, or the filesystem has none. */
export function superblockChecksumFits(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, SUPERBLOCK_SIZE)
  if (!(view.getUint32(S_FEATURE_RO_COMPAT, true) & RO_COMPAT_METADATA_CSUM)) return true
  return crc32c(0xffffffff, bytes, 0, S_CHECKSUM) === view.getUint32(S_CHECKSUM, true)
}

/**
 * Decode the 1,024 bytes of a superblock, primary or copy, and hold its geometry to what the kernel accepts.
 * @throws CorruptError, UnsupportedError (naming the feature), LimitError
 */
export function decodeSuperblock(bytes: Uint8Array): Superblock {
  if (bytes.length < SUPERBLOCK_SIZE) throw new CorruptError('ext4_super_block', `only ${bytes.length} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, SUPERBLOCK_SIZE)
  const u16 = (at: number): number => view.getUint16(at, true)
  const u32 = (at: number): number => view.getUint32(at, true)
  if (u16(S_MAGIC) !== EXT2_SUPER_MAGIC) throw new CorruptError('ext4_super_block', 'bad s_magic', S_MAGIC)

  const features: FeatureWords = { compat: u32(S_FEATURE_COMPAT), incompat: u32(S_FEATURE_INCOMPAT), roCompat: u32(S_FEATURE_RO_COMPAT) }
  const { compat, incompat, roCompat } = features
  const hasMetadataCsum = (roCompat & RO_COMPAT_METADATA_CSUM) !== 0
  const uuidBytes = Uint8Array.from(bytes.subarray(S_UUID, S_UUID + 16))
  requireReadable(features)
  if (hasMetadataCsum && bytes[S_CHECKSUM_TYPE] !== EXT4_CRC32C_CHKSUM) {
    throw new UnsupportedError(`metadata_csum algorithm ${bytes[S_CHECKSUM_TYPE]}`)
  }
  return {
    features,
    ...decodeGeometry(view, incompat, roCompat),
    hiddenInodes: [S_USR_QUOTA_INUM, S_GRP_QUOTA_INUM, S_PRJ_QUOTA_INUM, S_ORPHAN_FILE_INUM].map(u32),
    firstMetaBg: u32(S_FIRST_META_BG),
    backupBgs: [u32(S_BACKUP_BGS), u32(S_BACKUP_BGS + 4)],
    blockGroupNr: u16(S_BLOCK_GROUP_NR),
    mkfsTime: u32(S_MKFS_TIME),
    uuidBytes,
    uuid: formatUuid(uuidBytes),
    label: decodeName(untilNul(bytes.subarray(S_VOLUME_NAME, S_VOLUME_NAME + 16))),
    journal: {
      inode: u32(S_JOURNAL_INUM),
      device: u32(S_JOURNAL_DEV),
      uuid: formatUuid(bytes.subarray(S_JOURNAL_UUID, S_JOURNAL_UUID + 16)),
      backup: bytes[S_JNL_BACKUP_TYPE] === EXT3_JNL_BACKUP_BLOCKS ? bytes.slice(S_JNL_BLOCKS, S_JNL_BLOCKS + JNL_BLOCKS_SIZE) : undefined,
    },
    checksumSeed: incompat & INCOMPAT_CSUM_SEED ? u32(S_CHECKSUM_SEED) : crc32c(0xffffffff, uuidBytes),
    hasJournal: (compat & COMPAT_HAS_JOURNAL) !== 0,
    needsRecovery: (incompat & INCOMPAT_RECOVER) !== 0,
    hasFiletype: (incompat & INCOMPAT_FILETYPE) !== 0,
    hasMetaBg: (incompat & INCOMPAT_META_BG) !== 0,
    hasFlexBg: (incompat & INCOMPAT_FLEX_BG) !== 0,
    hasLargeDir: (incompat & INCOMPAT_LARGEDIR) !== 0,
    hasSparseSuper: (roCompat & RO_COMPAT_SPARSE_SUPER) !== 0,
    hasSparseSuper2: (compat & COMPAT_SPARSE_SUPER2) !== 0,
    hasEaInode: (incompat & INCOMPAT_EA_INODE) !== 0,
    hasHugeFile: (roCompat & RO_COMPAT_HUGE_FILE) !== 0,
    hasMetadataCsum,
    hasGdtCsum: !hasMetadataCsum && (roCompat & RO_COMPAT_GDT_CSUM) !== 0,
    linuxInodes: u32(S_CREATOR_OS) === EXT4_OS_LINUX,
  }
}

type Geometry = Pick<
  Superblock,
  | 'blockSize'
  | 'clusterSize'
  | 'blocksCount'
  | 'firstDataBlock'
  | 'blocksPerGroup'
  | 'groupCount'
  | 'inodesCount'
  | 'inodesPerGroup'
  | 'inodeSize'
  | 'firstIno'
  | 'descSize'
>

/** The checks are those of the kernel's ext4_fill_super. */
function decodeGeometry(view: DataView, incompat: number, roCompat: number): Geometry {
  const u32 = (at: number): number => view.getUint32(at, true)
  const check = (good: boolean, problem: string, at: number): void => {
    if (!good) throw new CorruptError('ext4_super_block', problem, at)
  }
  const logBlockSize = u32(S_LOG_BLOCK_SIZE)
  check(logBlockSize <= 6, `s_log_block_size ${logBlockSize}`, S_LOG_BLOCK_SIZE)
  const blockSize = 1024 << logBlockSize

  const goodOld = u32(S_REV_LEVEL) === EXT4_GOOD_OLD_REV
  const inodeSize = goodOld ? EXT4_GOOD_OLD_INODE_SIZE : view.getUint16(S_INODE_SIZE, true)
  const firstIno = goodOld ? EXT4_GOOD_OLD_FIRST_INO : u32(S_FIRST_INO)
  const powerOfTwo = (inodeSize & (inodeSize - 1)) === 0
  check(inodeSize >= 128 && inodeSize <= blockSize && powerOfTwo, `s_inode_size ${inodeSize}`, S_INODE_SIZE)
  check(firstIno >= EXT4_GOOD_OLD_FIRST_INO, `s_first_ino ${firstIno}`, S_FIRST_INO)

  const is64Bit = (incompat & INCOMPAT_64BIT) !== 0
  const descSize = is64Bit ? view.getUint16(S_DESC_SIZE, true) : 32
  const descSizeGood = !is64Bit || (descSize >= 64 && descSize <= 1024 && (descSize & (descSize - 1)) === 0)
  check(descSizeGood, `s_desc_size ${descSize}`, S_DESC_SIZE)

  const blocksPerGroup = u32(S_BLOCKS_PER_GROUP)
  const clusterSize = decodeClusterSize(view, blockSize, roCompat)
  const clustersPerGroup = blocksPerGroup / (clusterSize / blockSize)
  check(clustersPerGroup >= 1 && clustersPerGroup <= blockSize * 8, `s_blocks_per_group ${blocksPerGroup}`, S_BLOCKS_PER_GROUP)
  const clustersAgree = clusterSize === blockSize || u32(S_CLUSTERS_PER_GROUP) === clustersPerGroup
  check(clustersAgree, `s_clusters_per_group ${u32(S_CLUSTERS_PER_GROUP)} of ${blocksPerGroup} blocks`, S_CLUSTERS_PER_GROUP)

  const inodesPerGroup = u32(S_INODES_PER_GROUP)
  const inodesGood = inodesPerGroup >= blockSize / inodeSize && inodesPerGroup <= blockSize * 8
  check(inodesGood, `s_inodes_per_group ${inodesPerGroup}`, S_INODES_PER_GROUP)

  const blocksCount = u32(S_BLOCKS_COUNT_HI) * 2 ** 32 + u32(S_BLOCKS_COUNT_LO)
  const firstDataBlock = u32(S_FIRST_DATA_BLOCK)
  const firstGood = firstDataBlock === (clusterSize === 1024 ? 1 : 0)
  check(firstGood && firstDataBlock < blocksCount, `s_first_data_block ${firstDataBlock}`, S_FIRST_DATA_BLOCK)
  check(blocksCount * blockSize <= Number.MAX_SAFE_INTEGER, `s_blocks_count ${blocksCount}`, S_BLOCKS_COUNT_HI)

  const groupCount = Math.ceil((blocksCount - firstDataBlock) / blocksPerGroup)
  if (groupCount > MAX_GROUPS) throw new LimitError('ext4_super_block: block groups', MAX_GROUPS)
  const inodesCount = u32(S_INODES_COUNT)
  check(inodesCount === groupCount * inodesPerGroup, `s_inodes_count ${inodesCount} in ${groupCount} groups`, S_INODES_COUNT)
  return {
    blockSize,
    clusterSize,
    blocksCount,
    firstDataBlock,
    blocksPerGroup,
    groupCount,
    inodesCount,
    inodesPerGroup,
    inodeSize,
    firstIno,
    descSize,
  }
}

function decodeClusterSize(view: DataView, blockSize: number, roCompat: number): number {
  if (!(roCompat & RO_COMPAT_BIGALLOC)) return blockSize
  const logClusterSize = view.getUint32(S_LOG_CLUSTER_SIZE, true)
  const clusterSize = 1024 * 2 ** logClusterSize
  if (logClusterSize > 20 || clusterSize < blockSize) {
    throw new CorruptError('ext4_super_block', `s_log_cluster_size ${logClusterSize}`, S_LOG_CLUSTER_SIZE)
  }
  return clusterSize
}
