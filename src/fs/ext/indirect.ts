import { CorruptError } from '../../errors.js'
import type { Run } from '../run.js'
import type { BlockSpace } from './block-space.js'
import { MAX_FILE_BLOCK } from './extent.js'

// Direct and indirect blocks: docs.kernel.org/filesystems/ext4/ifork.html#direct-indirect-block-addressing
const EXT4_NDIR_BLOCKS = 12
/** Levels of the three last pointers of `i_block`. */
const INDIRECT_LEVELS = [1, 2, 3] as const

/** Blocks of a file below one pointer whose block has `level` levels down to the data. */
function blocksBelow(space: BlockSpace, level: number): number {
  return (space.superblock.blockSize / 4) ** level
}

/** Append what a pointer leads to, joined to the run before it where both lie side by side; pointer 0 is a hole. */
function pushPointer(space: BlockSpace, runs: Run[], fsBlock: number, fileBlock: number, level: number, end: number): void {
  if (fsBlock === 0 || fileBlock >= end) return
  if (!space.isFileSpace(fsBlock, 1)) throw new CorruptError('i_block', `pointer to block ${fsBlock}, which is no file's`)
  const last = runs[runs.length - 1]
  if (level === 0 && last?.level === 0 && last.fsBlock + last.blockCount === fsBlock && last.fileBlock + last.blockCount === fileBlock) {
    runs[runs.length - 1] = { ...last, blockCount: last.blockCount + 1 }
    return
  }
  const blockCount = Math.min(blocksBelow(space, level), end - fileBlock)
  runs.push({ fileBlock, blockCount, fsBlock, level })
}

/** Runs of the 15 pointers of `i_block` at `at`. @throws CorruptError */
export function decodeIndirectRoot(space: BlockSpace, view: DataView, at: number): Run[] {
  const runs: Run[] = []
  let fileBlock = 0
  for (let i = 0; i < EXT4_NDIR_BLOCKS; i++, fileBlock++) {
    pushPointer(space, runs, view.getUint32(at + i * 4, true), fileBlock, 0, MAX_FILE_BLOCK)
  }
  for (const level of INDIRECT_LEVELS) {
    pushPointer(space, runs, view.getUint32(at + (EXT4_NDIR_BLOCKS + level - 1) * 4, true), fileBlock, level, MAX_FILE_BLOCK)
    fileBlock += blocksBelow(space, level)
  }
  return runs
}

/** Runs of the indirect block that `parent` names. @throws CorruptError */
export function decodeIndirectBlock(space: BlockSpace, bytes: Uint8Array, parent: Run): Run[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const runs: Run[] = []
  const level = parent.level - 1
  const step = blocksBelow(space, level)
  const end = parent.fileBlock + parent.blockCount
  for (let i = 0; i < bytes.length / 4; i++) {
    pushPointer(space, runs, view.getUint32(i * 4, true), parent.fileBlock + i * step, level, end)
  }
  return runs
}
