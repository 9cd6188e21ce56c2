import { findRun, type Run, runEnd } from '../../run.js'
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

/** Map `[fileBlock, fileBlock + blockCount)` of a file's runs anew: to `fsBlock` and on, or to nothing. */
export function replaceRange(runs: Run[], fileBlock: number, blockCount: number, fsBlock: number | undefined): void {
  const end = fileBlock + blockCount
  const first = findRun(runs, fileBlock)
  let next = first
  while (next < runs.length && runs[next]!.fileBlock < end) next++
  const parts: Run[] = []
  if (next > first) {
    const run = runs[first]!
    if (run.fileBlock < fileBlock) parts.push({ ...run, blockCount: fileBlock - run.fileBlock })
  }
  if (fsBlock !== undefined) parts.push({ fileBlock, blockCount, fsBlock, level: 0 })
  if (next > first) {
    const run = runs[next - 1]!
    const skip = end - run.fileBlock
    if (runEnd(run) > end) parts.push({ ...run, fileBlock: end, fsBlock: run.fsBlock + skip, blockCount: run.blockCount - skip })
  }
  runs.splice(first, next - first, ...parts)
}
