import { messageOf } from '../../errors.js'
import { streamRanges } from '../../io/stream-ranges.js'
import { BlockMap } from './block-map.js'
import { type DirBlockFault, type DirIdentity, decodeDirBlock, decodeInlineDir } from './dir-block.js'
import type { EntryList } from './entry-list.js'
import { MAX_FILE_BLOCK } from './extent.js'
import type { Inode } from './inode.js'
import { type Run, runEnd } from './run.js'
import type { Superblock } from './superblock.js'
import type { Volume } from './volume.js'

/** Bytes of one read; well below half of any cache. */
const MAX_PIECE_BYTES = 256 * 1024

/** Entries `[start, end)` of an `EntryList`, from the directory's block `fileBlock`. */
export interface Segment {
  readonly fileBlock: number
  readonly start: number
  readonly end: number
}

/** A directory whose entries are being read. */
export class Directory implements DirIdentity {
  readonly ino: number
  readonly seed: number
  readonly indexed: boolean
  readonly encrypted: boolean
  /** In order of the directory once it is read. */
  segments: Segment[] = []
  /** Why not all of its entries are known, or not for sure. */
  error: string | undefined
  /** Its inode cannot be trusted, so only blocks whose own checksum says that they are its are taken. */
  readonly #doubtful: boolean
  readonly #size: number
  readonly #inline: Uint8Array | undefined
  #map: BlockMap | undefined

  constructor(superblock: Superblock, inode: Inode) {
    this.ino = inode.ino
    this.seed = inode.seed
    this.indexed = inode.indexed
    this.encrypted = inode.encrypted
    this.#size = inode.size
    this.#inline = inode.inline
    this.#doubtful = inode.error !== undefined
    if (!inode.inline) this.#map = new BlockMap(superblock, inode.runs, inode.extents ? inode.seed : undefined)
  }

  /** Index blocks to read next. */
  pending(superblock: Superblock): Run[] {
    return this.#map?.pending(0, this.#blockCount(superblock)) ?? []
  }

  supply(answers: ReadonlyMap<Run, Uint8Array | Error>): void {
    this.#map?.supply(answers)
  }

  /** Data runs within its size, once nothing is pending; gives the map up. What is missing is noted as its error. */
  takeRuns(superblock: Superblock): Run[] {
    const blockCount = this.#blockCount(superblock)
    const runs: Run[] = []
    let next = 0
    for (const run of this.#map?.runs ?? []) {
      if (run.fileBlock >= blockCount) break
      if (run.fileBlock > next) this.fail(`hole at block ${next}`)
      next = Math.min(runEnd(run), blockCount)
      if (run.error) this.fail(run.error.message)
      else runs.push({ ...run, blockCount: next - run.fileBlock })
    }
    if (this.#map && next < blockCount) this.fail(`hole at block ${next}`)
    this.#map = undefined
    return runs
  }

  fail(problem: string): void {
    this.error ??= problem
  }

  /** Entries that lie in the inode itself. */
  decodeInline(superblock: Superblock, entries: EntryList): void {
    const inline = this.#inline
    if (!inline) return
    this.#collect(0, entries, () =>
      decodeInlineDir(superblock, this, inline, this.#size, (ino, type, at, length) => entries.add(ino, type, inline, at, length)),
    )
  }

  /** Entries of its block `fileBlock`, which is `bytes[at, at + blockSize)`. */
  decodeBlock(superblock: Superblock, fileBlock: number, bytes: Uint8Array, view: DataView, at: number, entries: EntryList): void {
    this.#collect(fileBlock, entries, () =>
      decodeDirBlock(superblock, this, fileBlock, view, bytes, at, (ino, type, nameAt, length) => entries.add(ino, type, bytes, nameAt, length)),
    )
  }

  #collect(fileBlock: number, entries: EntryList, decode: () => DirBlockFault | undefined): void {
    const start = entries.length
    const fault = decode()
    if (fault) this.fail(fault.message)
    if (fault?.unverified) entries.markUnverified(start)
    const refused = this.#doubtful && fault?.unverified
    if (!refused && entries.length > start) this.segments.push({ fileBlock, start, end: entries.length })
  }

  #blockCount(superblock: Superblock): number {
    return Math.min(Math.ceil(this.#size / superblock.blockSize), MAX_FILE_BLOCK)
  }
}

interface Piece {
  readonly directory: Directory
  readonly fileBlock: number
  readonly fsBlock: number
  readonly blockCount: number
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
  await readIndexBlocks(volume, directories, signal)
  const pieces: Piece[] = []
  for (const directory of directories) {
    directory.decodeInline(superblock, entries)
    for (const run of directory.takeRuns(superblock)) pushPieces(pieces, directory, run, Math.max(1, MAX_PIECE_BYTES / blockSize))
  }
  const ordered = withoutOverlaps(pieces)
  const ranges = ordered.map(({ fsBlock, blockCount }) => ({ offset: fsBlock * blockSize, length: blockCount * blockSize }))
  const visit = (index: number, bytes: Uint8Array | Error): void => {
    const { directory, fileBlock, blockCount } = ordered[index]!
    if (bytes instanceof Error) return directory.fail(messageOf(bytes))
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    for (let i = 0; i < blockCount; i++) directory.decodeBlock(superblock, fileBlock + i, bytes, view, i * blockSize, entries)
  }
  await streamRanges(reader, ranges, visit, signal)
  for (const { segments } of directories) if (segments.length > 1) segments.sort((a, b) => a.fileBlock - b.fileBlock)
}

async function readIndexBlocks(volume: Volume, directories: readonly Directory[], signal?: AbortSignal): Promise<void> {
  const { blockSize } = volume.superblock
  for (let open = directories; ; ) {
    const wanted = open.flatMap((directory) => directory.pending(volume.superblock).map((run) => ({ directory, run })))
    if (wanted.length === 0) return
    wanted.sort((a, b) => a.run.fsBlock - b.run.fsBlock)
    const ranges = wanted.map(({ run }) => ({ offset: run.fsBlock * blockSize, length: blockSize }))
    const answers = new Map<Directory, Map<Run, Uint8Array | Error>>()
    const visit = (index: number, bytes: Uint8Array | Error): void => {
      const { directory, run } = wanted[index]!
      const own = answers.get(directory) ?? new Map<Run, Uint8Array | Error>()
      answers.set(directory, own.set(run, bytes))
    }
    await streamRanges(volume.reader, ranges, visit, signal)
    for (const [directory, own] of answers) directory.supply(own)
    open = [...answers.keys()]
  }
}

function pushPieces(pieces: Piece[], directory: Directory, run: Run, maxBlocks: number): void {
  for (let done = 0; done < run.blockCount; done += maxBlocks) {
    const blockCount = Math.min(maxBlocks, run.blockCount - done)
    pieces.push({ directory, fileBlock: run.fileBlock + done, fsBlock: run.fsBlock + done, blockCount })
  }
}

/** In disk order. A block belongs to one directory, once: a second claim to it is refused, so that no more is read than there is. */
function withoutOverlaps(pieces: Piece[]): Piece[] {
  pieces.sort((a, b) => a.fsBlock - b.fsBlock)
  let end = 0
  return pieces.filter(({ directory, fsBlock, blockCount }) => {
    if (fsBlock < end) directory.fail(`block ${fsBlock} belongs to another directory, or twice to this one`)
    const good = fsBlock >= end
    end = Math.max(end, fsBlock + blockCount)
    return good
  })
}
