import { ScanError } from '../../errors.js'
import { streamRanges } from '../../io/stream-ranges.js'
import type { ByteRange } from '../../io/types.js'
import { decodeInode, type Inode, inodeInUse } from './inode.js'
import type { Volume } from './volume.js'

/** Bytes of one read; well below half of any cache. */
const MAX_PIECE_BYTES = 256 * 1024

/** What becomes of the inodes of a wave. */
export interface InodeSink {
  add(inode: Inode): void
  /** These could not be read. */
  lose(firstIno: number, count: number): void
}

interface Piece extends ByteRange {
  readonly firstIno: number
}

/** Stream every part of an inode table that may be in use, in disk order, and hand on the inodes in use. */
export async function streamInodes(volume: Volume, sink: InodeSink, signal?: AbortSignal): Promise<void> {
  const { superblock, groups } = volume
  const { inodeSize, inodesPerGroup, blockSize } = superblock
  const pieces: Piece[] = []
  for (let group = 0; group < superblock.groupCount; group++) {
    const used = groups.usedInodes(group) * inodeSize
    if (used === 0) continue
    const start = groups.inodeTable(group) * blockSize
    for (let done = 0; done < used; done += MAX_PIECE_BYTES) {
      const firstIno = group * inodesPerGroup + done / inodeSize + 1
      pieces.push({ offset: start + done, length: Math.min(MAX_PIECE_BYTES, used - done), firstIno })
    }
  }
  pieces.sort((a, b) => a.offset - b.offset)
  await streamPieces(volume, pieces, sink, signal)
}

/** Read single inodes, in disk order. */
export async function readInodes(volume: Volume, inos: readonly number[], sink: InodeSink, signal?: AbortSignal): Promise<void> {
  const pieces: Piece[] = []
  for (const ino of inos) {
    const offset = volume.inodeOffset(ino)
    if (offset === undefined) sink.lose(ino, 1)
    else pieces.push({ offset, length: volume.superblock.inodeSize, firstIno: ino })
  }
  pieces.sort((a, b) => a.offset - b.offset)
  await streamPieces(volume, pieces, sink, signal)
}

async function streamPieces(volume: Volume, pieces: readonly Piece[], sink: InodeSink, signal?: AbortSignal): Promise<void> {
  const { superblock, log } = volume
  const { inodeSize } = superblock
  const visit = (index: number, bytes: Uint8Array | Error): void => {
    const { firstIno, length } = pieces[index]!
    if (bytes instanceof ScanError) {
      log.add(bytes, true)
      sink.lose(firstIno, length / inodeSize)
      return
    }
    if (bytes instanceof Error) throw bytes
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    for (let at = 0; at < length; at += inodeSize) {
      if (inodeInUse(view, at)) sink.add(decodeInode(volume, firstIno + at / inodeSize, view, bytes, at))
    }
  }
  await streamRanges(volume.reader, pieces, visit, signal)
}
