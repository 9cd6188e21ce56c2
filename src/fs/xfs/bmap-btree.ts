import { CorruptError } from '../../errors.js'
import { BlockMap } from '../block-map.js'
import { type Run, runEnd } from '../run.js'
import { type Description, requireDescribed } from './checksum.js'
import { decodeExtents, EXTENT_SIZE, MAX_FILE_BLOCK } from './extent.js'
import { u64 } from './integer.js'
import type { Volume } from './volume.js'

// Block map B+tree: XFS Algorithms & Data Structures, "B+tree Extent List"; libxfs/xfs_format.h.
// Its root lies in the inode: struct xfs_bmdr_block.
const BMDR_LEVEL = 0x0 // be16
const BMDR_NUMRECS = 0x2 // be16
const BMDR_SIZE = 4
// struct xfs_btree_block, long form
const BB_MAGIC = 0x0 // be32
const BB_LEVEL = 0x4 // be16
const BB_NUMRECS = 0x6 // be16
const BB_SIZE = 24
const BB_SIZE_CRC = 72
const XFS_BMAP_MAGIC = 0x424d4150
const XFS_BMAP_CRC_MAGIC = 0x424d4133
/** Bytes of a key, and of a pointer. */
const WORD = 8
/** Deeper than 2^48 extents in half full blocks of 512 bytes. */
const MAX_LEVELS = 16

const DESCRIPTION: Description = { structure: 'bmbt block', crc: 64, blkno: 24, uuid: 40, owner: 56, ownerBytes: 8 }

/** The runs of the children that `count` keys and pointers name, which cover `[from, to)` together. @throws CorruptError */
function decodeChildren(
  volume: Volume,
  view: DataView,
  keysAt: number,
  pointersAt: number,
  count: number,
  level: number,
  from: number,
  to: number,
): Run[] {
  const runs: Run[] = []
  let next = from
  for (let i = 0; i < count; i++) {
    const fileBlock = u64(view, keysAt + i * WORD) ?? MAX_FILE_BLOCK
    const end = i + 1 < count ? (u64(view, keysAt + (i + 1) * WORD) ?? MAX_FILE_BLOCK) : to
    if (fileBlock < next || end <= fileBlock || end > to) throw new CorruptError('bmbt block', `key ${i} out of order`)
    const fsBlock = volume.linearBlock(u64(view, pointersAt + i * WORD) ?? MAX_FILE_BLOCK)
    if (fsBlock === undefined) throw new CorruptError('bmbt block', `pointer ${i} to no file's block`)
    runs.push({ fileBlock, blockCount: end - fileBlock, fsBlock, level })
    next = fileBlock + 1
  }
  return runs
}

/** Runs of the root in the `size` bytes at `at` of an inode. @throws CorruptError */
export function decodeBmapRoot(volume: Volume, view: DataView, at: number, size: number): Run[] {
  const capacity = Math.floor((size - BMDR_SIZE) / (2 * WORD))
  const level = size < BMDR_SIZE ? 0 : view.getUint16(at + BMDR_LEVEL)
  const count = size < BMDR_SIZE ? 0 : view.getUint16(at + BMDR_NUMRECS)
  if (level === 0 || level > MAX_LEVELS) throw new CorruptError('xfs_bmdr_block', `bb_level ${level}`)
  if (count === 0 || count > capacity) throw new CorruptError('xfs_bmdr_block', `bb_numrecs ${count} of ${capacity}`)
  const keysAt = at + BMDR_SIZE
  return decodeChildren(volume, view, keysAt, keysAt + capacity * WORD, count, level, 0, MAX_FILE_BLOCK)
}

/** Runs of the block that `parent` names, of the inode `ino`. @throws CorruptError */
function decodeBmapBlock(volume: Volume, ino: number, parent: Run, bytes: Uint8Array): Run[] {
  const { superblock } = volume
  const { crc } = superblock.features
  const { fsBlock, fileBlock } = parent
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const fail = (problem: string): never => {
    throw new CorruptError('bmbt block', `${problem} in block ${fsBlock}`)
  }
  if (view.getUint32(BB_MAGIC) !== (crc ? XFS_BMAP_CRC_MAGIC : XFS_BMAP_MAGIC)) fail('bad bb_magic')
  if (crc) requireDescribed(superblock, DESCRIPTION, { fsBlock, owner: ino }, view, bytes, 0, bytes.length)
  const level = view.getUint16(BB_LEVEL)
  const count = view.getUint16(BB_NUMRECS)
  if (level !== parent.level - 1) fail(`bb_level ${level} below ${parent.level}`)
  // A record, and a key with a pointer, take the same room.
  const start = crc ? BB_SIZE_CRC : BB_SIZE
  const capacity = Math.floor((bytes.length - start) / EXTENT_SIZE)
  if (count === 0 || count > capacity) fail(`bb_numrecs ${count} of ${capacity}`)
  if (level === 0) return decodeExtents(volume, view, start, count, fileBlock, runEnd(parent))
  return decodeChildren(volume, view, start, start + capacity * WORD, count, level, fileBlock, runEnd(parent))
}

/** `root`: runs that the inode tells, from extents or from the root of a B+tree. */
export function xfsBlockMap(volume: Volume, ino: number, root: readonly Run[]): BlockMap {
  return new BlockMap(volume.superblock.blockSize, root, (parent, bytes) => decodeBmapBlock(volume, ino, parent, bytes))
}
