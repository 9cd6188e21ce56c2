import { messageOf } from '../../errors.js'
import { streamRanges } from '../../io/stream-ranges.js'
import type { ByteRange } from '../../io/types.js'
import { type Claim, readIndexBlocks, withoutOverlaps } from '../block-claims.js'
import type { EntryList } from '../entry-list.js'
import { type Run, splitRun } from '../run.js'
import type { Directory } from './directory.js'
import { byDirBlock, readScattered } from './scattered-block.js'
import type { Volume } from './volume.js'

/** Bytes of one read; well below half of any cache. */
const MAX_PIECE_BYTES = 256 * 1024

/**
 * Read the entries of many directories: their index blocks, a wave for each level, then all their blocks in one wave in disk order.
 * Problems are left in `error` of the directory. `taken`: blocks that belong to other directories.
 */
export async function readDirectories(
  volume: Volume,
  directories: readonly Directory[],
  entries: EntryList,
  options: { readonly taken?: ReadonlySet<number>; readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { taken, signal } = options
  const { reader, superblock } = volume
  const { blockSize, dirBlockSize } = superblock
  await readIndexBlocks(reader, blockSize, directories, signal)
  const claims: Claim<Directory>[] = []
  for (const directory of directories) {
    directory.decodeInline(entries)
    for (const run of directory.takeRuns()) {
      if (taken && isTaken(run, taken)) directory.fail(`block ${run.fsBlock} belongs to another directory`)
      else claims.push({ directory, run })
    }
  }
  const { whole, scattered } = byDirBlock(withoutOverlaps(claims), dirBlockSize / blockSize)
  const pieces = whole.flatMap((claim) => splitRun(claim.run, MAX_PIECE_BYTES / blockSize).map((run) => ({ ...claim, run })))
  const ranges = pieces.map(({ run }) => ({ offset: run.fsBlock * blockSize, length: run.blockCount * blockSize }))
  const visit = (index: number, bytes: Uint8Array | Error): void => {
    const { directory, run } = pieces[index]!
    if (bytes instanceof Error) {
      directory.fail(messageOf(bytes))
      return
    }
    decodeRun(volume, directory, run, bytes, entries)
  }
  await streamRanges(reader, ranges, visit, signal)
  await readScattered(reader, blockSize, scattered, entries, signal)
  for (const directory of directories) directory.finish(entries)
}

/**
 * Decode, without waiting, each directory of which all blocks lie in `window`, bytes of the reader that it has at hand, and in none that
 * is `taken`; theirs become so. Returns the other directories.
 */
export function decodeAtHand(
  volume: Volume,
  directories: readonly Directory[],
  entries: EntryList,
  window: ByteRange,
  taken: Set<number>,
): Directory[] {
  return directories.filter((directory) => {
    const runs = directory.dataRuns()
    if (directory.pending().length > 0 || !runs.every((run) => liesWhole(volume, run, window))) return true
    const blocks = runs.flatMap((run) => Array.from({ length: run.blockCount }, (_, i) => run.fsBlock + i))
    const isFree = new Set(blocks).size === blocks.length && !blocks.some((block) => taken.has(block))
    const bytes = isFree ? readAtHand(volume, runs) : undefined
    if (!bytes) return true
    for (const block of blocks) taken.add(block)
    directory.decodeInline(entries)
    for (const [i, run] of directory.takeRuns().entries()) decodeRun(volume, directory, run, bytes[i]!, entries)
    directory.finish(entries)
    return false
  })
}

/** Whether the run is made of whole directory blocks within the window. */
function liesWhole({ superblock }: Volume, run: Run, { offset, length }: ByteRange): boolean {
  const { blockSize, dirBlockSize } = superblock
  const size = dirBlockSize / blockSize
  const start = run.fsBlock * blockSize
  const isWhole = !run.error && run.level === 0 && run.fileBlock % size === 0 && run.blockCount % size === 0
  return isWhole && start >= offset && start + run.blockCount * blockSize <= offset + length
}

function readAtHand({ reader, superblock }: Volume, runs: readonly Run[]): Uint8Array[] | undefined {
  const out: Uint8Array[] = []
  for (const run of runs) {
    const bytes = reader.read(run.fsBlock * superblock.blockSize, run.blockCount * superblock.blockSize)
    if (bytes instanceof Uint8Array) out.push(bytes)
    // It is read again in its turn, and what goes wrong is told then.
    else bytes.catch(() => undefined)
  }
  return out.length === runs.length ? out : undefined
}

function decodeRun({ superblock }: Volume, directory: Directory, run: Run, bytes: Uint8Array, entries: EntryList): void {
  const { blockSize, dirBlockSize } = superblock
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at < bytes.length; at += dirBlockSize) {
    directory.decodeBlock(run.fileBlock + at / blockSize, run.fsBlock + at / blockSize, bytes, view, at, entries)
  }
}

function isTaken(run: Run, taken: ReadonlySet<number>): boolean {
  if (taken.size === 0) return false
  for (let block = 0; block < run.blockCount; block++) if (taken.has(run.fsBlock + block)) return true
  return false
}
