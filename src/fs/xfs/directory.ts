import { messageOf, ScanError } from '../../errors.js'
import { streamRanges } from '../../io/stream-ranges.js'
import type { Reader } from '../../io/types.js'
import { type BlockOwner, type Claim, readIndexBlocks, withoutOverlaps } from '../block-claims.js'
import type { BlockMap } from '../block-map.js'
import type { EntryList, Segment } from '../entry-list.js'
import { type Run, runEnd, splitRun } from '../run.js'
import { xfsBlockMap } from './bmap-btree.js'
import { type DirEntrySink, decodeDirBlock } from './dir-block.js'
import type { Inode } from './inode.js'
import { decodeShortForm } from './short-form.js'
import type { Volume } from './volume.js'

/** XFS_DIR2_LEAF_OFFSET: blocks with entries lie below, those of the hash index from here on. */
const LEAF_OFFSET = 2 ** 35
/** Bytes of one read; well below half of any cache. */
const MAX_PIECE_BYTES = 256 * 1024
/** Scattered directory blocks that are fetched together. */
const SCATTERED_BATCH = 64

/** A directory block whose parts do not lie side by side. */
interface ScatteredBlock {
  readonly directory: Directory
  readonly fileBlock: number
  readonly parts: readonly Run[]
}

/** A directory whose entries are being read. */
export class Directory implements BlockOwner {
  readonly ino: number
  readonly encrypted = false
  /** In order of the directory once it is read. */
  segments: Segment[] = []
  /** Why not all of its entries are known, or not for sure. */
  error: string | undefined
  readonly #volume: Volume
  readonly #inline: Uint8Array | undefined
  /** All of it is one directory block. */
  #isBlock = false
  #map: BlockMap | undefined

  constructor(volume: Volume, inode: Inode) {
    this.ino = inode.ino
    this.#volume = volume
    this.#inline = inode.inline
    if (!inode.inline) this.#map = xfsBlockMap(volume, inode.ino, inode.runs)
  }

  pending(): readonly Run[] {
    return this.#map?.pending(0, LEAF_OFFSET / this.#volume.superblock.blockSize) ?? []
  }

  supply(run: Run, bytes: Uint8Array | ScanError): void {
    this.#map?.supply(run, bytes)
  }

  /** Runs with entries, once nothing is pending; gives the map up. What is missing is noted as its error. */
  takeRuns(): Run[] {
    const { blockSize, dirBlockSize } = this.#volume.superblock
    const end = LEAF_OFFSET / blockSize
    const all = this.#map?.within(0, Number.MAX_SAFE_INTEGER) ?? []
    this.#isBlock = all.length > 0 && runEnd(all.at(-1)!) === dirBlockSize / blockSize
    this.#map = undefined
    const runs: Run[] = []
    for (const run of all) {
      if (run.fileBlock >= end) break
      if (run.error) this.fail(run.error.message)
      else runs.push({ ...run, blockCount: Math.min(runEnd(run), end) - run.fileBlock })
    }
    return runs
  }

  fail(problem: string): void {
    this.error ??= problem
  }

  /** Entries that lie in the inode itself. */
  decodeInline(entries: EntryList): void {
    const inline = this.#inline
    if (inline) this.#collect(0, inline, entries, (sink) => decodeShortForm(this.#volume.superblock.features.ftype, inline, sink))
  }

  /** Entries of the directory block `bytes[at, at + dirBlockSize)`, of which the first block is `fileBlock`, at `fsBlock`. */
  decodeBlock(fileBlock: number, fsBlock: number, bytes: Uint8Array, view: DataView, at: number, entries: EntryList): void {
    const place = { ino: this.ino, fsBlock, only: this.#isBlock }
    this.#collect(fileBlock, bytes, entries, (sink) => decodeDirBlock(this.#volume.superblock, place, view, bytes, at, sink))
  }

  #collect(fileBlock: number, bytes: Uint8Array, entries: EntryList, decode: (sink: DirEntrySink) => void): void {
    const start = entries.length
    try {
      decode((ino, type, nameAt, length) => entries.add(ino, type, bytes, nameAt, length))
    } catch (error) {
      if (!(error instanceof ScanError && error.code === 'CORRUPT')) throw error
      this.fail(error.message)
    }
    if (entries.length > start) this.segments.push({ fileBlock, start, end: entries.length })
  }
}

/**
 * Read the entries of many directories: their index blocks, a wave for each level, then all their blocks in one wave in disk order.
 * Problems are left in `error` of the directory.
 */
export async function readDirectories(
  volume: Volume,
  directories: readonly Directory[],
  entries: EntryList,
  signal?: AbortSignal,
): Promise<void> {
  const { reader, superblock } = volume
  const { blockSize, dirBlockSize } = superblock
  await readIndexBlocks(reader, blockSize, directories, signal)
  const claims: Claim<Directory>[] = []
  for (const directory of directories) {
    directory.decodeInline(entries)
    for (const run of directory.takeRuns()) claims.push({ directory, run })
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
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    for (let at = 0; at < bytes.length; at += dirBlockSize) {
      directory.decodeBlock(run.fileBlock + at / blockSize, run.fsBlock + at / blockSize, bytes, view, at, entries)
    }
  }
  await streamRanges(reader, ranges, visit, signal)
  await readScattered(reader, blockSize, scattered, entries, signal)
  for (const directory of directories) {
    directory.segments.sort((a, b) => a.fileBlock - b.fileBlock)
    if (entries.dropRepeated(directory.segments)) directory.fail('the same name twice')
  }
}

/** Cut claims into whole directory blocks, of `size` blocks each, and those of which the parts lie apart. Both in disk order. */
function byDirBlock(claims: readonly Claim<Directory>[], size: number): { whole: Claim<Directory>[]; scattered: ScatteredBlock[] } {
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

async function readScattered(
  reader: Reader,
  blockSize: number,
  scattered: readonly ScatteredBlock[],
  entries: EntryList,
  signal?: AbortSignal,
): Promise<void> {
  const rangeOf = (run: Run): { offset: number; length: number } => ({
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
