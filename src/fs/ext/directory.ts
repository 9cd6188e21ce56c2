import { ScanError } from '../../errors.js'
import { streamRanges } from '../../io/stream-ranges.js'
import { type BlockOwner, type Claim, readIndexBlocks, withoutOverlaps } from '../block-claims.js'
import type { BlockMap } from '../block-map.js'
import { type EntryList, fileTypeCode, type Segment } from '../entry-list.js'
import { decodeName, encodeName } from '../name.js'
import { type Run, runEnd, splitRun } from '../run.js'
import { extBlockMap } from './block-map.js'
import type { BlockSpace } from './block-space.js'
import { type DirIdentity, decodeDirBlock, decodeInlineDir } from './dir-block.js'
import { MAX_FILE_BLOCK } from './extent.js'
import type { Inode } from './inode.js'
import type { DirChanges } from './jbd2/fast-commit-state.js'
import type { Superblock } from './superblock.js'
import type { Volume } from './volume.js'

/** Bytes of one read; well below half of any cache. */
const MAX_PIECE_BYTES = 256 * 1024

/** A directory whose entries are being read. */
export class Directory implements DirIdentity, BlockOwner {
  readonly ino: number
  readonly seed: number
  readonly indexed: boolean
  readonly encrypted: boolean
  /** In order of the directory once it is read. */
  segments: Segment[] = []
  /** Why not all of its entries are known, or not for sure. */
  error: string | undefined
  readonly #size: number
  readonly #blockCount: number
  readonly #inline: Uint8Array | undefined
  readonly #changes: DirChanges | undefined
  #map: BlockMap | undefined

  constructor(space: BlockSpace, inode: Inode) {
    this.ino = inode.ino
    this.seed = inode.seed
    this.indexed = inode.indexed
    this.encrypted = inode.stat.encrypted === true
    this.#size = inode.stat.size
    this.#blockCount = Math.min(Math.ceil(this.#size / space.superblock.blockSize), MAX_FILE_BLOCK)
    this.#changes = space.fastCommits?.directories.get(inode.ino)
    if (this.#changes?.made) return
    // Blocks have checksums of their own; what lies in a damaged inode has none.
    this.#inline = inode.stat.error === undefined ? inode.inline : undefined
    if (inode.inline) return
    this.#map = extBlockMap(space, inode.runs, inode.extents ? inode.seed : undefined)
    // Even an empty one has a block, for `.` and `..`.
    if (this.#size === 0 || this.#size % space.superblock.blockSize !== 0) this.fail(`i_size ${this.#size} is no number of blocks`)
  }

  /** Index blocks to read next. */
  pending(): readonly Run[] {
    return this.#map?.pending(0, this.#blockCount) ?? []
  }

  supply(run: Run, bytes: Uint8Array | ScanError): void {
    this.#map?.supply(run, bytes)
  }

  /** Data runs within its size, once nothing is pending; gives the map up. What is missing is noted as its error. */
  takeRuns(): Run[] {
    const blockCount = this.#blockCount
    const runs: Run[] = []
    let next = 0
    for (const run of this.#map?.within(0, blockCount) ?? []) {
      if (run.fileBlock > next) this.#failHole(next)
      next = Math.min(runEnd(run), blockCount)
      if (run.error) this.fail(run.error.message)
      else runs.push({ ...run, blockCount: next - run.fileBlock })
    }
    if (this.#map && next < blockCount) this.#failHole(next)
    this.#map = undefined
    return runs
  }

  fail(problem: string): void {
    this.error ??= problem
  }

  /** Fast commits tell the size of a directory and its names, but not the blocks that the names take. */
  #failHole(fileBlock: number): void {
    if (!this.#changes) this.fail(`hole at block ${fileBlock}`)
  }

  /** The names that fast commits gave it. */
  addChanged(entries: EntryList): void {
    if (!this.#changes) return
    const start = entries.length
    for (const [name, named] of this.#changes.names) {
      if (!named) continue
      const bytes = encodeName(name)
      entries.add(named.ino, fileTypeCode(named.type), bytes, 0, bytes.length)
    }
    if (entries.length > start) this.segments.push({ fileBlock: MAX_FILE_BLOCK, start, end: entries.length })
  }

  #add(entries: EntryList, ino: number, fileType: number, bytes: Uint8Array, at: number, length: number): void {
    if (this.#changes?.names.has(decodeName(bytes.subarray(at, at + length)))) return
    entries.add(ino, fileType, bytes, at, length)
  }

  /** Entries that lie in the inode itself. */
  decodeInline(superblock: Superblock, entries: EntryList): void {
    const inline = this.#inline
    if (!inline) return
    this.#collect(0, entries, () =>
      decodeInlineDir(superblock, this, inline, this.#size, (ino, type, at, length) => this.#add(entries, ino, type, inline, at, length)),
    )
  }

  /** Entries of its block `fileBlock`, which is `bytes[at, at + blockSize)`. */
  decodeBlock(superblock: Superblock, fileBlock: number, bytes: Uint8Array, view: DataView, at: number, entries: EntryList): void {
    this.#collect(fileBlock, entries, () =>
      decodeDirBlock(superblock, this, fileBlock, view, bytes, at, (ino, type, nameAt, length) =>
        this.#add(entries, ino, type, bytes, nameAt, length),
      ),
    )
  }

  #collect(fileBlock: number, entries: EntryList, decode: () => string | undefined): void {
    const start = entries.length
    const problem = decode()
    if (problem !== undefined) this.fail(problem)
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
  const { blockSize } = superblock
  await readIndexBlocks(reader, blockSize, directories, signal)
  const claims: Claim<Directory>[] = []
  for (const directory of directories) {
    directory.decodeInline(superblock, entries)
    for (const run of directory.takeRuns()) claims.push({ directory, run })
  }
  const pieces = withoutOverlaps(claims).flatMap((claim) =>
    splitRun(claim.run, MAX_PIECE_BYTES / blockSize).map((run) => ({ ...claim, run })),
  )
  const ranges = pieces.map(({ run }) => ({ offset: run.fsBlock * blockSize, length: run.blockCount * blockSize }))
  const visit = (index: number, bytes: Uint8Array | Error): void => {
    const { directory, run } = pieces[index]!
    if (bytes instanceof ScanError) {
      directory.fail(bytes.message)
      return
    }
    if (bytes instanceof Error) throw bytes
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    for (let i = 0; i < run.blockCount; i++) directory.decodeBlock(superblock, run.fileBlock + i, bytes, view, i * blockSize, entries)
  }
  await streamRanges(reader, ranges, visit, signal)
  for (const directory of directories) {
    directory.addChanged(entries)
    directory.segments.sort((a, b) => a.fileBlock - b.fileBlock)
    if (entries.dropRepeated(directory.segments)) directory.fail('the same name twice')
  }
}
