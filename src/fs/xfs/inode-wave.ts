import { CorruptError } from '../../errors.js'
import { streamRanges } from '../../io/stream-ranges.js'
import type { ByteRange } from '../../io/types.js'
import { decodeInode, type Inode, inodeInUse } from './inode.js'
import { type InodeChunk, readInodeChunks, XFS_INODES_PER_CHUNK, XFS_INODES_PER_HOLEMASK_BIT } from './inode-btree.js'
import type { Volume } from './volume.js'

/** What becomes of the inodes of a wave. */
export interface InodeSink {
  add(inode: Inode): void
  /** These could not be read. */
  lose(firstIno: number, count: number): void
  /** Those of a stretch were added: the reader has its bytes at hand. */
  passed(range: ByteRange): void
}

/** Inodes side by side on disk, all of one chunk. */
interface Piece extends ByteRange {
  readonly firstIno: number
  /** What tells which of them are free; absent where none is to be left out. */
  readonly chunk?: InodeChunk
}

/** Stream every chunk of inodes, in disk order, and hand on the inodes in use. */
export async function streamInodes(volume: Volume, sink: InodeSink, signal?: AbortSignal): Promise<void> {
  const chunks = await readInodeChunks(volume, signal)
  await streamPieces(
    volume,
    chunks.flatMap((chunk) => piecesOf(volume, chunk)),
    sink,
    signal,
  )
}

/** Read single inodes, in disk order; those that have no place are as free ones. */
export async function readInodes(volume: Volume, inos: readonly number[], sink: InodeSink, signal?: AbortSignal): Promise<void> {
  const pieces: Piece[] = []
  for (const ino of inos) {
    const offset = volume.inodeOffset(ino)
    if (offset !== undefined) pieces.push({ offset, length: volume.superblock.inodeSize, firstIno: ino })
  }
  pieces.sort((a, b) => a.offset - b.offset)
  await streamPieces(volume, pieces, sink, signal)
}

function isFree({ freeLow, freeHigh }: InodeChunk, index: number): boolean {
  return ((index < 32 ? freeLow >>> index : freeHigh >>> (index - 32)) & 1) === 1
}

function isHole({ holes }: InodeChunk, index: number): boolean {
  return ((holes >>> Math.floor(index / XFS_INODES_PER_HOLEMASK_BIT)) & 1) === 1
}

/** From the first inode in use to the last one, without holes. */
function piecesOf(volume: Volume, chunk: InodeChunk): Piece[] {
  const { inodeSize } = volume.superblock
  const pieces: Piece[] = []
  let first = -1
  let last = -1
  const flush = (): void => {
    if (first < 0) return
    const firstIno = chunk.firstIno + first
    const offset = volume.inodeOffset(firstIno)
    // The other end too must have a place, and as far from the first as their numbers say.
    const end = volume.inodeOffset(chunk.firstIno + last)
    const length = (last + 1 - first) * inodeSize
    if (offset === undefined || end !== offset + length - inodeSize) {
      volume.log.add(new CorruptError('xfs_inobt_rec', `no place for inode ${firstIno}`), false)
    } else pieces.push({ offset, length, firstIno, chunk })
    first = -1
  }
  for (let index = 0; index < XFS_INODES_PER_CHUNK; index++) {
    if (isHole(chunk, index)) flush()
    else if (!isFree(chunk, index)) {
      if (first < 0) first = index
      last = index
    }
  }
  flush()
  return pieces
}

async function streamPieces(volume: Volume, pieces: readonly Piece[], sink: InodeSink, signal?: AbortSignal): Promise<void> {
  const { superblock, log } = volume
  const { inodeSize } = superblock
  const visit = (index: number, bytes: Uint8Array | Error): void => {
    const { firstIno, length, chunk } = pieces[index]!
    if (bytes instanceof Error) {
      log.add(bytes, true)
      sink.lose(firstIno, length / inodeSize)
      return
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    for (let at = 0; at < length; at += inodeSize) {
      const ino = firstIno + at / inodeSize
      if (chunk && isFree(chunk, ino - chunk.firstIno)) continue
      if (inodeInUse(view, at)) sink.add(decodeInode(volume, ino, view, bytes, at))
    }
    sink.passed(pieces[index]!)
  }
  await streamRanges(volume.reader, pieces, visit, signal)
}
