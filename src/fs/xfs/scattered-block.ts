import { ScanError } from '../../errors.js'
import type { ByteRange, Reader } from '../../io/types.js'
import type { Claim } from '../block-claims.js'
import type { EntryList } from '../entry-list.js'
import { type Run, runEnd } from '../run.js'
import type { Directory } from './directory.js'

/** Scattered directory blocks that are fetched together. */
const SCATTERED_BATCH = 64

/** A directory block whose parts do not lie side by side. */
export interface ScatteredBlock {
  readonly directory: Directory
  readonly fileBlock: number
  readonly parts: readonly Run[]
}

/** Cut claims into whole directory blocks, of `size` blocks each, and those of which the parts lie apart. Both in disk order. */
export function byDirBlock(claims: readonly Claim<Directory>[], size: number): { whole: Claim<Directory>[]; scattered: ScatteredBlock[] } {
  if (size === 1) return { whole: [...claims], scattered: [] }
  const whole: Claim<Directory>[] = []
  const parts = new Map<Directory, Map<number, Run[]>>()
  for (const { directory, run } of claims) {
    const first = Math.ceil(run.fileBlock / size) * size
    const last = Math.floor(runEnd(run) / size) * size
    const cut = (from: number, to: number): Run => ({
      ...run,
      fileBlock: from,
      fsBlock: run.fsBlock + from - run.fileBlock,
      blockCount: to - from,
    })
    const addPart = (from: number, to: number): void => {
      if (to <= from) return
      const own = parts.get(directory) ?? new Map<number, Run[]>()
      const fileBlock = Math.floor(from / size) * size
      parts.set(directory, own.set(fileBlock, [...(own.get(fileBlock) ?? []), cut(from, to)]))
    }
    if (first < last) whole.push({ directory, run: cut(first, last) })
    addPart(run.fileBlock, Math.min(first, runEnd(run)))
    if (last >= first) addPart(last, runEnd(run))
  }
  const scattered: ScatteredBlock[] = []
  for (const [directory, own] of parts) {
    for (const [fileBlock, runs] of own) {
      const blockCount = runs.reduce((sum, run) => sum + run.blockCount, 0)
      if (blockCount < size) directory.fail(`hole in the directory block at block ${fileBlock}`)
      else scattered.push({ directory, fileBlock, parts: runs.sort((a, b) => a.fileBlock - b.fileBlock) })
    }
  }
  return { whole, scattered: scattered.sort((a, b) => a.parts[0]!.fsBlock - b.parts[0]!.fsBlock) }
}

/** Read and put together directory blocks whose parts lie apart. */
export async function readScattered(
  reader: Reader,
  blockSize: number,
  scattered: readonly ScatteredBlock[],
  entries: EntryList,
  signal?: AbortSignal,
): Promise<void> {
  const rangeOf = (run: Run): ByteRange => ({
    offset: run.fsBlock * blockSize,
    length: run.blockCount * blockSize,
  })
  for (let start = 0; start < scattered.length; start += SCATTERED_BATCH) {
    signal?.throwIfAborted()
    const batch = scattered.slice(start, start + SCATTERED_BATCH)
    await reader.prefetch(batch.flatMap(({ parts }) => parts.map(rangeOf)))
    for (const { directory, fileBlock, parts } of batch) {
      try {
        const bytes = new Uint8Array(parts.reduce((sum, run) => sum + run.blockCount, 0) * blockSize)
        for (const run of parts) {
          const { offset, length } = rangeOf(run)
          bytes.set(await reader.read(offset, length), (run.fileBlock - fileBlock) * blockSize)
        }
        directory.decodeBlock(fileBlock, parts[0]!.fsBlock, bytes, new DataView(bytes.buffer), 0, entries)
      } catch (error) {
        if (!(error instanceof ScanError && error.code === 'IO')) throw error
        directory.fail(error.message)
      }
    }
  }
}
