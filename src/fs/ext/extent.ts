import { CorruptError } from '../../errors.js'
import { crc32c } from '../crc32c.js'
import type { Run } from '../run.js'
import type { BlockSpace } from './block-space.js'

// Extent tree: docs.kernel.org/filesystems/ext4/ifork.html#extent-tree
const EH_MAGIC = 0
const EH_ENTRIES = 2
const EH_MAX = 4
const EH_DEPTH = 6
const EE_BLOCK = 0
const EE_LEN = 4
const EE_START_HI = 6
const EE_START_LO = 8
const EI_BLOCK = 0
const EI_LEAF_LO = 4
const EI_LEAF_HI = 8
/** Bytes of `struct ext4_extent_header`, `ext4_extent` and `ext4_extent_idx` alike. */
const ENTRY_SIZE = 12
export const EXT4_EXT_MAGIC = 0xf30a
const EXT4_MAX_EXTENT_DEPTH = 5
/** An extent longer than this is unwritten; one of exactly this length is data. */
const EXT_INIT_MAX_LEN = 32768

/** One past the last block a file can have. */
export const MAX_FILE_BLOCK: number = 2 ** 32

/** The runs of a node at `at` with `room` bytes for it: unwritten extents are left out, as holes are. */
function decodeNode(space: BlockSpace, view: DataView, at: number, room: number, depth: number, from: number, to: number): Run[] {
  const fail = (problem: string): never => {
    throw new CorruptError('ext4_extent_header', problem)
  }
  const entries = view.getUint16(at + EH_ENTRIES, true)
  const max = view.getUint16(at + EH_MAX, true)
  if (max === 0 || max > Math.floor(room / ENTRY_SIZE) - 1) fail(`eh_max ${max}`)
  if (entries > max) fail(`eh_entries ${entries} of ${max}`)
  if (entries === 0 && depth > 0) fail(`no entries at depth ${depth}`)

  const runs: Run[] = []
  let next = from
  for (let i = 1; i <= entries; i++) {
    const entry = at + i * ENTRY_SIZE
    if (depth > 0) {
      const fileBlock = view.getUint32(entry + EI_BLOCK, true)
      const fsBlock = view.getUint16(entry + EI_LEAF_HI, true) * 2 ** 32 + view.getUint32(entry + EI_LEAF_LO, true)
      const end = i < entries ? view.getUint32(entry + ENTRY_SIZE + EI_BLOCK, true) : to
      if (fileBlock < next || end <= fileBlock) fail(`index ${i} out of order`)
      if (!space.isFileSpace(fsBlock, 1)) fail(`index ${i} at block ${fsBlock}, which is no file's`)
      runs.push({ fileBlock, blockCount: end - fileBlock, fsBlock, level: depth })
      next = fileBlock + 1
      continue
    }
    const fileBlock = view.getUint32(entry + EE_BLOCK, true)
    const length = view.getUint16(entry + EE_LEN, true)
    const fsBlock = view.getUint16(entry + EE_START_HI, true) * 2 ** 32 + view.getUint32(entry + EE_START_LO, true)
    const unwritten = length > EXT_INIT_MAX_LEN
    const blockCount = unwritten ? length - EXT_INIT_MAX_LEN : length
    if (blockCount === 0 || fileBlock < next || fileBlock + blockCount > to) fail(`extent ${i} out of order`)
    if (!space.isFileSpace(fsBlock, blockCount)) fail(`extent ${i} at block ${fsBlock}, which is no file's`)
    if (!unwritten) runs.push({ fileBlock, blockCount, fsBlock, level: 0 })
    next = fileBlock + blockCount
  }
  return runs
}

/** Runs of the root node, the 60 bytes of `i_block` at `at`. @throws CorruptError */
export function decodeExtentRoot(space: BlockSpace, view: DataView, at: number): Run[] {
  if (view.getUint16(at + EH_MAGIC, true) !== EXT4_EXT_MAGIC) throw new CorruptError('ext4_extent_header', 'bad eh_magic')
  const depth = view.getUint16(at + EH_DEPTH, true)
  if (depth > EXT4_MAX_EXTENT_DEPTH) throw new CorruptError('ext4_extent_header', `eh_depth ${depth}`)
  return decodeNode(space, view, at, 60, depth, 0, MAX_FILE_BLOCK - 1)
}

/**
 * Runs of the index block that `parent` names. `seed` is the inode's checksum seed.
 * @throws CorruptError also where its checksum does not fit: then which blocks are the file's is not known
 */
export function decodeExtentBlock(space: BlockSpace, bytes: Uint8Array, parent: Run, seed: number): Run[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const fail = (problem: string): never => {
    throw new CorruptError('ext4_extent_header', `${problem} in block ${parent.fsBlock}`)
  }
  if (view.getUint16(EH_MAGIC, true) !== EXT4_EXT_MAGIC) fail('bad eh_magic')
  const depth = view.getUint16(EH_DEPTH, true)
  if (depth !== parent.level - 1) fail(`eh_depth ${depth} under depth ${parent.level}`)
  const tail = ENTRY_SIZE * (1 + view.getUint16(EH_MAX, true))
  if (tail + 4 > bytes.length) fail('eh_max exceeds the block')
  if (space.superblock.hasMetadataCsum && crc32c(seed, bytes, 0, tail) !== view.getUint32(tail, true)) fail('bad checksum')
  const hasEntries = view.getUint16(EH_ENTRIES, true) > 0
  if (hasEntries && view.getUint32(ENTRY_SIZE + EE_BLOCK, true) !== parent.fileBlock) fail('first entry differs from its index')
  return decodeNode(space, view, 0, bytes.length, depth, parent.fileBlock, parent.fileBlock + parent.blockCount)
}
