import type { ByteRange } from './types.js'

/** Blocks `first` to `last`, both included. */
export interface BlockRun {
  readonly first: number
  readonly last: number
}

/** The blocks that `ranges` touch, as runs in ascending order that neither overlap nor adjoin. Cut at `size`; what makes no sense is left out. */
export function blockRuns(ranges: readonly ByteRange[], blockSize: number, size: number): BlockRun[] {
  const runs: { first: number; last: number }[] = []
  let sorted = true
  for (const { offset, length } of ranges) {
    const end = Math.min(offset + length, size)
    if (!(offset >= 0 && end > offset)) continue
    const first = Math.floor(offset / blockSize)
    const last = Math.floor((end - 1) / blockSize)
    const before = runs.at(-1)
    if (before && first < before.first) sorted = false
    if (before && first >= before.first && first <= before.last + 1) before.last = Math.max(before.last, last)
    else runs.push({ first, last })
  }
  if (sorted) return runs
  runs.sort((a, b) => a.first - b.first)
  const merged: { first: number; last: number }[] = []
  for (const run of runs) {
    const before = merged.at(-1)
    if (before && run.first <= before.last + 1) before.last = Math.max(before.last, run.last)
    else merged.push(run)
  }
  return merged
}
