import { type Run, runEnd } from '../../run.js'
import { extBlockMap } from '../block-map.js'
import { MAX_FILE_BLOCK } from '../extent.js'
import type { Inode } from '../inode.js'
import type { Volume } from '../volume.js'

/** All data runs of a file with extents, its index blocks read. @throws LimitError */
export async function wholeMap(volume: Volume, { runs, seed }: Inode): Promise<Run[]> {
  const map = extBlockMap(volume, runs, seed)
  await map.resolve(volume.reader, 0, MAX_FILE_BLOCK)
  return map.within(0, MAX_FILE_BLOCK)
}

/** The runs of a file after `[fileBlock, fileBlock + blockCount)` was mapped anew: to `fsBlock` and on, or to nothing. */
export function replaceRange(runs: readonly Run[], fileBlock: number, blockCount: number, fsBlock: number | undefined): Run[] {
  const end = fileBlock + blockCount
  const before: Run[] = []
  const after: Run[] = []
  for (const run of runs) {
    if (run.fileBlock < fileBlock) before.push({ ...run, blockCount: Math.min(run.blockCount, fileBlock - run.fileBlock) })
    const skip = Math.max(0, end - run.fileBlock)
    if (runEnd(run) > end)
      after.push({ ...run, fileBlock: run.fileBlock + skip, fsBlock: run.fsBlock + skip, blockCount: run.blockCount - skip })
  }
  return fsBlock === undefined ? [...before, ...after] : [...before, { fileBlock, blockCount, fsBlock, level: 0 }, ...after]
}
