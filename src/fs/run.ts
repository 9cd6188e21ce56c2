import type { ScanError } from '../errors.js'

/** A stretch of a file: data, an index block yet to be read, or what could not be read. What no run covers is a hole and reads as zeros. */
export interface Run {
  readonly fileBlock: number
  readonly blockCount: number
  /** First block of the data, or the index block. */
  readonly fsBlock: number
  /** 0: data. Above: `fsBlock` is an index block with so many levels of blocks from here to the data. */
  readonly level: number
  /** Why this stretch cannot be read. */
  readonly error?: ScanError
}

/** First fileBlock after the run. */
export function runEnd(run: Run): number {
  return run.fileBlock + run.blockCount
}

/** The first run that ends after `fileBlock`, by index; `runs.length` where there is none. */
export function findRun(runs: readonly Run[], fileBlock: number): number {
  let low = 0
  let high = runs.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (runEnd(runs[middle]!) <= fileBlock) low = middle + 1
    else high = middle
  }
  return low
}

/** The same blocks in runs of at most `maxBlocks`. */
export function splitRun(run: Run, maxBlocks: number): Run[] {
  if (run.blockCount <= maxBlocks) return [run]
  const out: Run[] = []
  for (let done = 0; done < run.blockCount; done += maxBlocks) {
    const blockCount = Math.min(maxBlocks, run.blockCount - done)
    out.push({ ...run, fileBlock: run.fileBlock + done, fsBlock: run.fsBlock + done, blockCount })
  }
  return out
}
