import type { ByteRange, Reader } from './types.js'

/**
 * One wave: visit ranges in the order given while the next window of them is fetched. Give them sorted by offset, so that each block is
 * fetched once. `visit` gets the bytes of `ranges[index]`, or the error that kept them from being read; a range larger than half the
 * cache is the caller's to split.
 */
export async function streamRanges(
  reader: Reader,
  ranges: readonly ByteRange[],
  visit: (index: number, bytes: Uint8Array | Error) => void,
  signal?: AbortSignal,
): Promise<void> {
  const windowBytes = Math.max(1, Math.floor(reader.cacheBytes / 3))
  const windowEnd = (from: number): number => {
    let to = from
    for (let bytes = 0; to < ranges.length && (to === from || bytes + ranges[to]!.length <= windowBytes); to++) bytes += ranges[to]!.length
    return to
  }
  let end = windowEnd(0)
  let loading = reader.prefetch(ranges.slice(0, end))
  for (let start = 0; start < ranges.length; ) {
    await loading
    signal?.throwIfAborted()
    const nextEnd = windowEnd(end)
    loading = reader.prefetch(ranges.slice(end, nextEnd))
    for (let index = start; index < end; index++) {
      const { offset, length } = ranges[index]!
      try {
        const bytes = reader.read(offset, length)
        visit(index, bytes instanceof Uint8Array ? bytes : await bytes)
      } catch (error) {
        signal?.throwIfAborted()
        visit(index, error instanceof Error ? error : new Error(String(error)))
      }
    }
    start = end
    end = nextEnd
  }
  await loading
}
