import { type BlockGrid, type ByteRange, EBS_BLOCK_SIZE, type Reader } from './types.js'

/** Windows that share the cache: one is visited while two are fetched, and one is left for reads besides. */
const WINDOWS_IN_CACHE = 4

/**
 * One wave: visit ranges in the order given while the next ones are fetched. Give them sorted by offset, so that each block is fetched
 * once. `visit` gets the bytes of `ranges[index]`, or the error that kept them from being read. A range larger than a quarter of the
 * cache is read whole, but not ahead of its turn beyond that: split it where that matters.
 * @throws what `visit` throws, which ends the wave; `signal.reason` on abort
 */
export async function streamRanges(
  reader: Reader,
  ranges: readonly ByteRange[],
  visit: (index: number, bytes: Uint8Array | Error) => void,
  signal?: AbortSignal,
): Promise<void> {
  const grid = reader.grid
  const windowBlocks = Math.max(1, Math.floor(reader.cacheBytes / WINDOWS_IN_CACHE / (grid?.blockSize ?? EBS_BLOCK_SIZE)))
  const ends: number[] = []
  const loads: Promise<void>[] = []
  const loadNext = (): void => {
    const start = ends.at(-1) ?? 0
    if (start === ranges.length) return
    const end = windowEnd(ranges, start, windowBlocks, grid)
    ends.push(end)
    loads.push(reader.prefetch(ranges.slice(start, end)))
  }
  loadNext()
  loadNext()
  for (let index = 0, window = 0; index < ranges.length; window++) {
    await loads[window]
    loadNext()
    for (; index < ends[window]!; index++) {
      signal?.throwIfAborted()
      const read = readOrError(reader, ranges[index]!)
      const bytes = read instanceof Promise ? await read : read
      signal?.throwIfAborted()
      visit(index, bytes)
    }
  }
}

function readOrError(reader: Reader, { offset, length }: ByteRange): Uint8Array | Promise<Uint8Array | Error> {
  const read = reader.read(offset, length)
  return read instanceof Uint8Array ? read : read.catch((error) => (error instanceof Error ? error : new Error(String(error))))
}

/** Where the window that begins at `start` ends: it holds at least one range, and no more blocks than `windowBlocks` where it holds several. */
function windowEnd(ranges: readonly ByteRange[], start: number, windowBlocks: number, grid: BlockGrid | undefined): number {
  let blocks = 0
  let seenFirst = Number.POSITIVE_INFINITY
  let seenLast = Number.NEGATIVE_INFINITY
  for (let index = start; index < ranges.length; index++) {
    const { offset, length } = ranges[index]!
    // Without a grid any range may lie across the border of two blocks that it shares with no other.
    const first = grid ? Math.floor((offset + grid.shift) / grid.blockSize) : 0
    const last = grid ? Math.floor((offset + grid.shift + Math.max(1, length) - 1) / grid.blockSize) : Math.ceil(length / EBS_BLOCK_SIZE)
    const shared = grid && first >= seenFirst && first <= seenLast ? Math.min(last, seenLast) - first + 1 : 0
    blocks += last - first + 1 - shared
    if (blocks > windowBlocks && index > start) return index
    seenFirst = first
    seenLast = Math.max(last, shared ? seenLast : last)
  }
  return ranges.length
}
