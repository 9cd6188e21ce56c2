import { CorruptError } from '../../errors.js'
import type { Run } from '../run.js'
import type { Volume } from './volume.js'

// Packed extent record, four big-endian words: XFS Algorithms & Data Structures, "Extent List"; xfs_bmbt_rec in libxfs/xfs_format.h.
// From the top: 1 bit unwritten, 54 bits first block in the file, 52 bits first block on disk, 21 bits count of blocks.
export const EXTENT_SIZE = 16

/** One past the last block of a file that is addressed here; XFS has one bit more. */
export const MAX_FILE_BLOCK: number = Number.MAX_SAFE_INTEGER

/**
 * The runs of `count` extent records at `at`, within blocks `[from, to)` of the file: unwritten extents are left out, as holes are.
 * @throws CorruptError
 */
export function decodeExtents(volume: Volume, view: DataView, at: number, count: number, from: number, to: number): Run[] {
  const runs: Run[] = []
  let next = from
  for (let i = 0; i < count; i++) {
    const record = at + i * EXTENT_SIZE
    const word0 = view.getUint32(record)
    const word1 = view.getUint32(record + 4)
    const word2 = view.getUint32(record + 8)
    const word3 = view.getUint32(record + 12)
    const unwritten = word0 >>> 31 === 1
    const fileBlock = (word0 & 0x7fffffff) * 2 ** 23 + (word1 >>> 9)
    const stored = (word1 & 0x1ff) * 2 ** 43 + word2 * 2 ** 11 + (word3 >>> 21)
    const blockCount = word3 & 0x1fffff
    if (blockCount === 0 || fileBlock < next || fileBlock + blockCount > to)
      throw new CorruptError('xfs_bmbt_rec', `extent ${i} out of order`)
    const fsBlock = volume.linearBlock(stored)
    if (fsBlock === undefined || !volume.isFileSpace(fsBlock, blockCount)) {
      throw new CorruptError('xfs_bmbt_rec', `extent ${i} at block ${stored}, which is no file's`)
    }
    if (!unwritten) runs.push({ fileBlock, blockCount, fsBlock, level: 0 })
    next = fileBlock + blockCount
  }
  return runs
}
