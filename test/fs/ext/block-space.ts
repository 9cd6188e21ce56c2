import type { BlockSpace } from '../../../src/fs/ext/block-space.js'
import type { Superblock } from '../../../src/fs/ext/superblock.js'

/** A filesystem of 1 KiB blocks without checksums, as far as decoders ask for it. */
export function blockSpace(superblock: Partial<Superblock> = {}): BlockSpace {
  const full = {
    blockSize: 1024,
    clusterSize: 1024,
    blocksCount: 100_000,
    firstDataBlock: 1,
    inodeSize: 256,
    inodesCount: 1000,
    hasFiletype: true,
    hasMetadataCsum: false,
    hasLargeDir: false,
    hasHugeFile: true,
    ...superblock,
  } as Superblock
  return { superblock: full, isFileSpace: (fsBlock, blockCount) => fsBlock > 1 && fsBlock + blockCount <= full.blocksCount }
}

export function u16le(...words: number[]): number[] {
  return words.flatMap((word) => [word & 0xff, (word >>> 8) & 0xff])
}

export function u32le(...words: number[]): number[] {
  return words.flatMap((word) => [word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24])
}

/** The bytes, followed by zeros up to `length`. */
export function padded(bytes: readonly number[], length: number): Uint8Array {
  const out = new Uint8Array(length)
  out.set(bytes)
  return out
}

/** `struct ext4_extent_header` and the entries after it. */
export function extentNode(depth: number, entries: readonly (readonly number[])[], max: number = 4): number[] {
  return [...u16le(0xf30a, entries.length, max, depth), ...u32le(0), ...entries.flat()]
}

export function extent(fileBlock: number, length: number, fsBlock: number): number[] {
  return [...u32le(fileBlock), ...u16le(length, Math.floor(fsBlock / 2 ** 32)), ...u32le(fsBlock >>> 0)]
}

export function extentIndex(fileBlock: number, fsBlock: number): number[] {
  return [...u32le(fileBlock), ...u32le(fsBlock), ...u16le(0, 0)]
}

/** One directory entry; `recLen` defaults to what the name needs. */
export function dirent(ino: number, name: string, fileType: number, recLen: number = (8 + name.length + 3) & ~3): number[] {
  const bytes = [...u32le(ino), ...u16le(recLen), name.length, fileType, ...Buffer.from(name, 'latin1')]
  return [...bytes, ...new Array<number>(Math.max(0, recLen - bytes.length)).fill(0)]
}
