import type { Patch } from './damage.js'
import type { Entry } from './entry.js'

// Just enough of the layout to write wrong values into it: XFS Algorithms & Data Structures, "Superblocks", "On-disk Inode".
const SB_BLOCKSIZE = 4
const SB_AGBLOCKS = 84
const SB_SECTSIZE = 102
const SB_INODESIZE = 104
const SB_INOPBLOG = 123
const SB_AGBLKLOG = 124
const AGI_ROOT = 20
/** Where the data fork begins in inodes without checksums. */
export const FORK = 100

/** Places in an image of version 4. */
export class XfsLayout {
  readonly image: Buffer
  readonly blockSize: number
  readonly agBlocks: number
  readonly #entries: readonly Entry[]

  constructor(image: Buffer, entries: readonly Entry[]) {
    this.image = image
    this.#entries = entries
    this.blockSize = image.readUInt32BE(SB_BLOCKSIZE)
    this.agBlocks = image.readUInt32BE(SB_AGBLOCKS)
  }

  ino(path: string): number {
    const entry = this.#entries.find((candidate) => candidate.path === path)
    if (!entry) throw new Error(`no ${path}`)
    return entry.ino
  }

  patch(what: string, offset: number, bytes: readonly number[]): Patch {
    return { what, offset, bytes: Uint8Array.from(bytes) }
  }

  /** The same into the superblock and all its copies, or where `primary` is set into the primary alone. */
  super(what: string, field: number, bytes: readonly number[], primary = false): Patch[] {
    const agBytes = this.agBlocks * this.blockSize
    const count = primary ? 1 : Math.ceil(this.image.length / agBytes)
    return Array.from({ length: count }, (_, ag) => this.patch(what, ag * agBytes + field, bytes))
  }

  agi(what: string, field: number, bytes: readonly number[]): Patch {
    return this.patch(what, 2 * this.image.readUInt16BE(SB_SECTSIZE) + field, bytes)
  }

  /** Into the root of the first AG's inode B+tree. */
  inobt(what: string, field: number, bytes: readonly number[]): Patch {
    const root = this.image.readUInt32BE(2 * this.image.readUInt16BE(SB_SECTSIZE) + AGI_ROOT)
    return this.patch(what, root * this.blockSize + field, bytes)
  }

  inode(what: string, path: string, field: number, bytes: readonly number[]): Patch {
    return this.patch(what, this.inodeAt(path) + field, bytes)
  }

  /** Into the first block of a file or directory with extents. */
  firstBlock(what: string, path: string, field: number, bytes: readonly number[]): Patch {
    return this.patch(what, this.byteOf(this.blockOf(path)) + field, bytes)
  }

  inodeAt(path: string): number {
    const ino = this.ino(path)
    const inodeBits = this.image.readUInt8(SB_INOPBLOG)
    const inBlock = ino % 2 ** inodeBits
    return this.byteOf(Math.floor(ino / 2 ** inodeBits)) + inBlock * this.image.readUInt16BE(SB_INODESIZE)
  }

  /** The first block of the first extent, as it is stored. */
  blockOf(path: string): number {
    const at = this.inodeAt(path) + FORK
    return (
      (this.image.readUInt32BE(at + 4) & 0x1ff) * 2 ** 43 +
      this.image.readUInt32BE(at + 8) * 2 ** 11 +
      (this.image.readUInt32BE(at + 12) >>> 21)
    )
  }

  /** Offset in the first block of a directory of the entry with this name. */
  entryAt(path: string, name: string): number {
    const start = this.byteOf(this.blockOf(path))
    const at = this.image.subarray(start, start + this.blockSize * 8).indexOf(Buffer.concat([Buffer.of(name.length), Buffer.from(name)]))
    if (at < 0) throw new Error(`no ${name} in the first block of ${path}`)
    return at - 8
  }

  byteOf(stored: number): number {
    const agBlockBits = this.image.readUInt8(SB_AGBLKLOG)
    return (Math.floor(stored / 2 ** agBlockBits) * this.agBlocks + (stored % 2 ** agBlockBits)) * this.blockSize
  }
}

/** Big-endian bytes of a number. */
export function be16(value: number): number[] {
  return [(value >>> 8) & 0xff, value & 0xff]
}

export function be32(value: number): number[] {
  return [...be16(value >>> 16), ...be16(value & 0xffff)]
}

export function be64(value: number): number[] {
  return [...be32(Math.floor(value / 2 ** 32)), ...be32(value >>> 0)]
}

/** An extent record. */
export function extentRecord(fileBlock: number, stored: number, blockCount: number, unwritten = false): number[] {
  const high = (unwritten ? 2 ** 31 : 0) + Math.floor(fileBlock / 2 ** 23)
  const low = (fileBlock % 2 ** 23) * 2 ** 9 + Math.floor(stored / 2 ** 43)
  return [...be32(high), ...be32(low), ...be32(Math.floor(stored / 2 ** 11) % 2 ** 32), ...be32((stored % 2 ** 11) * 2 ** 21 + blockCount)]
}
