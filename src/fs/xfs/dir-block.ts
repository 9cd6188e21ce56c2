import { CorruptError } from '../../errors.js'
import { type Description, requireDescribed } from './checksum.js'
import { u64 } from './integer.js'
import type { Superblock } from './superblock.js'

// Directory blocks with entries: XFS Algorithms & Data Structures, "Directories"; libxfs/xfs_da_format.h.
// struct xfs_dir2_data_hdr, and xfs_dir3_data_hdr with a checksum
const MAGIC = 0x0
const DATA_HDR_SIZE = 16
const DATA3_HDR_SIZE = 64
const XFS_DIR2_BLOCK_MAGIC = 0x58443242
const XFS_DIR2_DATA_MAGIC = 0x58443244
const XFS_DIR3_BLOCK_MAGIC = 0x58444233
const XFS_DIR3_DATA_MAGIC = 0x58444433
// struct xfs_dir2_data_entry: after the name its type, then at the end of the entry its own offset
const INUMBER = 0x0 // be64
const NAMELEN = 0x8
const NAME = 0x9
const TAG_SIZE = 2
// struct xfs_dir2_data_unused
const FREETAG = 0x0 // be16
const LENGTH = 0x2 // be16
const XFS_DIR2_DATA_FREE_TAG = 0xffff
const ALIGN = 8
// struct xfs_dir2_block_tail, at the end of a directory of one block, behind its leaf entries
const TAIL_SIZE = 8
const LEAF_ENTRY_SIZE = 8

const DESCRIPTION: Description = { structure: 'xfs_dir3_data_hdr', crc: 4, blkno: 8, uuid: 24, owner: 40, ownerBytes: 8 }

const SLASH = 0x2f
const DOT = 0x2e

/** Gets each entry: its name is `bytes[nameAt, nameAt + nameLength)`, `fileType` the raw code, 0 where it is not recorded. */
export type DirEntrySink = (ino: number, fileType: number, nameAt: number, nameLength: number) => void

/** Where a directory block lies, and in which directory. */
export interface DirBlockPlace {
  readonly ino: number
  /** Block of the filesystem with its first byte. */
  readonly fsBlock: number
  /** Whether it is all of the directory: then its leaf entries lie in it too. */
  readonly only: boolean
}

/**
 * The entries of the directory block `bytes[start, start + dirBlockSize)`, without `.` and `..`. Nothing is passed on from a block
 * whose checksum does not fit, or that says that it is another; else what stands before a bad entry.
 * @throws CorruptError
 */
export function decodeDirBlock(
  superblock: Superblock,
  place: DirBlockPlace,
  view: DataView,
  bytes: Uint8Array,
  start: number,
  sink: DirEntrySink,
): void {
  const { features, dirBlockSize } = superblock
  const fail = (problem: string): never => {
    throw new CorruptError('directory block', `${problem} in block ${place.fsBlock}`)
  }
  const magic = view.getUint32(start + MAGIC)
  const dataMagic = features.crc ? XFS_DIR3_DATA_MAGIC : XFS_DIR2_DATA_MAGIC
  const blockMagic = features.crc ? XFS_DIR3_BLOCK_MAGIC : XFS_DIR2_BLOCK_MAGIC
  if (magic !== (place.only ? blockMagic : dataMagic)) fail(`magic 0x${magic.toString(16)}`)
  if (features.crc)
    requireDescribed(superblock, DESCRIPTION, { fsBlock: place.fsBlock, owner: place.ino }, view, bytes, start, dirBlockSize)

  let end = start + dirBlockSize
  if (place.only) {
    const count = view.getUint32(end - TAIL_SIZE)
    end -= TAIL_SIZE + count * LEAF_ENTRY_SIZE
  }
  let at = start + (features.crc ? DATA3_HDR_SIZE : DATA_HDR_SIZE)
  if (end < at) fail('leaf entries without room')
  while (at < end) {
    if (end - at < ALIGN) fail('an entry runs into the end')
    if (view.getUint16(at + FREETAG) === XFS_DIR2_DATA_FREE_TAG) {
      const length = view.getUint16(at + LENGTH)
      if (length === 0 || length % ALIGN !== 0 || length > end - at) fail(`unused space of ${length} bytes at byte ${at - start}`)
      if (view.getUint16(at + length - TAG_SIZE) !== at - start) fail(`unused space that is not at byte ${at - start}`)
      at += length
      continue
    }
    const nameLength = bytes[at + NAMELEN] ?? 0
    const typeAt = at + NAME + nameLength
    const length = Math.ceil((NAME + nameLength + (features.ftype ? 1 : 0) + TAG_SIZE) / ALIGN) * ALIGN
    if (nameLength === 0 || length > end - at) fail(`a name of ${nameLength} bytes at byte ${at - start}`)
    if (view.getUint16(at + length - TAG_SIZE) !== at - start) fail(`an entry that is not at byte ${at - start}`)
    const ino = u64(view, at + INUMBER) || fail(`an inode number that is 0 or above 2^53 at byte ${at - start}`)
    if (!isName(bytes, at + NAME, nameLength)) fail(`a name with a slash or NUL at byte ${at - start}`)
    if (!isDots(bytes, at + NAME, nameLength)) sink(ino, features.ftype ? bytes[typeAt]! : 0, at + NAME, nameLength)
    at += length
  }
}

function isDots(bytes: Uint8Array, at: number, length: number): boolean {
  return bytes[at] === DOT && (length === 1 || (length === 2 && bytes[at + 1] === DOT))
}

/** Whether no byte of it is one that a name cannot have. */
export function isName(bytes: Uint8Array, at: number, length: number): boolean {
  for (let i = at; i < at + length; i++) if (bytes[i] === SLASH || bytes[i] === 0) return false
  return length > 0
}
