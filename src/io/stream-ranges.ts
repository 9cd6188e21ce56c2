import { type BlockGrid, type ByteRange, EBS_BLOCK_SIZE, type MaybePromise, type Reader } from './types.js'

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

function readOrError(reader: Reader, { offset, length }: ByteRange): MaybePromise<Uint8Array | Error> {
  try {
    const read = reader.read(offset, length)
    return read instanceof Uint8Array ? read : read.catch(asError)
  } catch (error) {
    return asError(error)
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}

/** Where the window that begins at `start` ends: it holds at least one range, and no more blocks than `windowBlocks` where it holds several. */
function windowEnd(ranges: readonly ByteRange[], start: number, windowBlocks: number, grid: BlockGrid | undefined): number {
  let blocks = 0
  // The blocks that the range before touches, and those after them that earlier ones do: a sorted range shares no others.
  let seenFirst = Number.POSITIVE_INFINITY
  let seenLast = Number.NEGATIVE_INFINITY
  for (let index = start; index < ranges.length; index++) {
    const { first, last } = blocksOf(ranges[index]!, grid)
    const sorted = grid !== undefined && first >= seenFirst
    const shared = sorted ? Math.max(0, Math.min(last, seenLast) - first + 1) : 0
    blocks += last - first + 1 - shared
    if (blocks > windowBlocks && index > start) return index
    seenFirst = first
    seenLast = sorted ? Math.max(last, seenLast) : last
  }
  return ranges.length
}

/** Without a grid, as many blocks as a range of that length can touch at most. */
function blocksOf({ offset, length }: ByteRange, grid: BlockGrid | undefined): { first: number; last: number } {
  if (!grid) return { first: 0, last: Math.ceil(length / EBS_BLOCK_SIZE) }
  const { blockSize, shift } = grid
  return { first: Math.floor((offset + shift) / blockSize), last: Math.floor((offset + shift + Math.max(1, length) - 1) / blockSize) }
}
