import { CorruptError, IoError, messageOf, ScanError } from '../errors.js'
import { streamRanges } from '../io/stream-ranges.js'
import type { Reader } from '../io/types.js'
import type { Run } from './run.js'

/** A directory, as far as the blocks that it says are its own go. */
export interface BlockOwner {
  /** Index blocks to read next; none where `supply` of the last ones made all known. */
  pending(): readonly Run[]
  /** The index block of a pending run, or why it cannot be had. */
  supply(run: Run, bytes: Uint8Array | ScanError): void
  fail(problem: string): void
}

/** A stretch of a directory's blocks, or one of its index blocks. */
export interface Claim<T extends BlockOwner> {
  readonly directory: T
  readonly run: Run
}

/** Read the index blocks of many directories, a wave for each level. */
export async function readIndexBlocks(
  reader: Reader,
  blockSize: number,
  directories: readonly BlockOwner[],
  signal?: AbortSignal,
): Promise<void> {
  const seen = new Set<number>()
  for (let open = directories; open.length > 0; ) {
    const claims = open.flatMap((directory) => directory.pending().map((run) => ({ directory, run })))
    claims.sort((a, b) => a.run.fsBlock - b.run.fsBlock)
    const ranges = claims.map(({ run }) => ({ offset: run.fsBlock * blockSize, length: blockSize }))
    const visit = (index: number, bytes: Uint8Array | Error): void => {
      const { directory, run } = claims[index]!
      if (bytes instanceof Error) directory.supply(run, bytes instanceof ScanError ? bytes : new IoError(messageOf(bytes)))
      // A block indexes one directory, once: hostile loops would multiply without end.
      else if (seen.has(run.fsBlock)) directory.supply(run, new CorruptError('index block', `block ${run.fsBlock} is used twice`))
      else directory.supply(run, bytes)
      seen.add(run.fsBlock)
    }
    await streamRanges(reader, ranges, visit, signal)
    open = [...new Set(claims.map(({ directory }) => directory))]
  }
}

/** In disk order. A block belongs to one directory, once: a second claim to it is refused, so that no more is read than there is. */
export function withoutOverlaps<T extends BlockOwner>(claims: Claim<T>[]): Claim<T>[] {
  claims.sort((a, b) => a.run.fsBlock - b.run.fsBlock)
  let end = 0
  return claims.filter(({ directory, run }) => {
    const good = run.fsBlock >= end
    if (!good) directory.fail(`block ${run.fsBlock} belongs to another directory, or twice to this one`)
    end = Math.max(end, run.fsBlock + run.blockCount)
    return good
  })
}
