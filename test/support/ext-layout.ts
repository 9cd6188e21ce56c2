import type { Patch } from './damage.js'
import type { Entry } from './entry.js'

// Just enough of the layout to write wrong values into it: docs.kernel.org/filesystems/ext4/globals.html, inodes.html.
const SUPERBLOCK = 1024
const S_FIRST_DATA_BLOCK = 0x14
const S_LOG_BLOCK_SIZE = 0x18
const S_INODES_PER_GROUP = 0x28
const S_INODE_SIZE = 0x58
const BG_INODE_TABLE_LO = 0x8
const I_BLOCK = 0x28

/** Places in an image with 32-byte group descriptors, without meta_bg. */
export class ExtLayout {
  readonly image: Buffer
  readonly blockSize: number
  readonly #truth: readonly Entry[]

  constructor(image: Buffer, truth: readonly Entry[]) {
    this.image = image
    this.#truth = truth
    this.blockSize = 1024 << image.readUInt32LE(SUPERBLOCK + S_LOG_BLOCK_SIZE)
  }

  ino(path: string): number {
    const entry = this.#truth.find((candidate) => candidate.path === path)
    if (!entry) throw new Error(`no ${path}`)
    return entry.ino
  }

  super(what: string, field: number, bytes: readonly number[]): Patch {
    return { what, offset: SUPERBLOCK + field, bytes: Uint8Array.from(bytes) }
  }

  descriptor(what: string, group: number, field: number, bytes: readonly number[]): Patch {
    return { what, offset: this.#descriptor(group) + field, bytes: Uint8Array.from(bytes) }
  }

  inode(what: string, path: string, field: number, bytes: readonly number[]): Patch {
    return { what, offset: this.#inode(this.ino(path)) + field, bytes: Uint8Array.from(bytes) }
  }

  /** Into the first block of a block-mapped file or directory. */
  firstBlock(what: string, path: string, at: number, bytes: readonly number[]): Patch {
    return { what, offset: this.blockOf(path, 0) * this.blockSize + at, bytes: Uint8Array.from(bytes) }
  }

  /** Number in `i_block[index]`. */
  blockOf(path: string, index: number): number {
    return this.image.readUInt32LE(this.#inode(this.ino(path)) + I_BLOCK + 4 * index)
  }

  /** Offset in the first block of a directory of the entry with this name. */
  entryAt(path: string, name: string): number {
    const start = this.blockOf(path, 0) * this.blockSize
    for (let at = 0; at < this.blockSize; at += this.image.readUInt16LE(start + at + 4)) {
      const length = this.image.readUInt8(start + at + 6)
      if (this.image.toString('latin1', start + at + 8, start + at + 8 + length) === name) return at
    }
    throw new Error(`no ${name} in the first block of ${path}`)
  }

  #descriptor(group: number): number {
    return (this.image.readUInt32LE(SUPERBLOCK + S_FIRST_DATA_BLOCK) + 1) * this.blockSize + 32 * group
  }

  #inode(ino: number): number {
    const perGroup = this.image.readUInt32LE(SUPERBLOCK + S_INODES_PER_GROUP)
    const table = this.image.readUInt32LE(this.#descriptor(Math.floor((ino - 1) / perGroup)) + BG_INODE_TABLE_LO)
    return table * this.blockSize + ((ino - 1) % perGroup) * (this.image.readUInt16LE(SUPERBLOCK + S_INODE_SIZE) || 128)
  }
}

/** Little-endian bytes of a number. */
export function le16(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff]
}

export function le32(value: number): number[] {
  return [...le16(value & 0xffff), ...le16(value >>> 16)]
}
