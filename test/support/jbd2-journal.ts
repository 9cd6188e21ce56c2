import { crc32c } from '../../src/fs/crc32c.js'
import { JournalLog } from '../../src/fs/ext/jbd2/log.js'
import type { Run } from '../../src/fs/run.js'
import { readerOver } from './memory-reader.js'

const MAGIC = 0xc03b3998
const BLOCK = 1024
/** Blocks of the filesystem before its journal. */
export const FS_BLOCKS = 200
const JOURNAL_BLOCKS = 64
const UUID = Buffer.from('00112233445566778899aabbccddeeff', 'hex')

export interface JournalForm {
  readonly checksums?: 'none' | 'v1' | 'v2' | 'v3'
  readonly is64Bit?: boolean
  readonly async?: boolean
  /** Block of the journal at which the log starts. */
  readonly start?: number
  /** A UUID stands after every tag, not after none. */
  readonly uuids?: boolean
}

/** A block that a transaction writes: `fill` is each of its bytes. */
export interface Write {
  readonly fsBlock: number
  readonly fill: number
  /** The block begins with the journal's magic number. */
  readonly escaped?: boolean
}

/** A filesystem of 1 KiB blocks, full of zeros, with a journal behind it that is written block by block. */
export class HandMadeJournal {
  readonly bytes: Buffer = Buffer.alloc((FS_BLOCKS + JOURNAL_BLOCKS) * BLOCK)
  readonly #form: JournalForm
  readonly #seed: number
  #next: number
  #crc = 0xffffffff

  constructor(form: JournalForm = {}) {
    this.#form = form
    this.#seed = crc32c(0xffffffff, UUID)
    this.#next = form.start ?? 1
    const { checksums = 'none' } = form
    const superblock = this.block(0)
    superblock.writeUInt32BE(MAGIC, 0)
    superblock.writeUInt32BE(4, 4)
    superblock.writeUInt32BE(BLOCK, 0xc)
    superblock.writeUInt32BE(JOURNAL_BLOCKS, 0x10)
    superblock.writeUInt32BE(1, 0x14)
    superblock.writeUInt32BE(10, 0x18)
    superblock.writeUInt32BE(this.#next, 0x1c)
    superblock.writeUInt32BE(checksums === 'v1' ? 1 : 0, 0x24)
    const incompat = 1 | (form.is64Bit ? 2 : 0) | (form.async ? 4 : 0) | (checksums === 'v2' ? 8 : 0) | (checksums === 'v3' ? 16 : 0)
    superblock.writeUInt32BE(incompat, 0x28)
    UUID.copy(superblock, 0x30)
    superblock[0x50] = 4
    this.sumSuperblock()
  }

  sumSuperblock(): void {
    const superblock = this.block(0)
    superblock.writeUInt32BE(0, 0xfc)
    superblock.writeUInt32BE(crc32c(0xffffffff, superblock), 0xfc)
  }

  /** A block of the journal. */
  block(logBlock: number): Buffer {
    return this.bytes.subarray((FS_BLOCKS + logBlock) * BLOCK, (FS_BLOCKS + logBlock + 1) * BLOCK)
  }

  get #hasTails(): boolean {
    return this.#form.checksums === 'v2' || this.#form.checksums === 'v3'
  }

  #take(type: number, sequence: number): Buffer {
    const block = this.takeBlock()
    block.writeUInt32BE(MAGIC, 0)
    block.writeUInt32BE(type, 4)
    block.writeUInt32BE(sequence, 8)
    return block
  }

  /** The next block of the log, emptied. */
  takeBlock(): Buffer {
    const block = this.block(this.#next).fill(0)
    this.#next = this.#next + 1 < JOURNAL_BLOCKS ? this.#next + 1 : 1
    return block
  }

  write(sequence: number, ...writes: readonly Write[]): this {
    const { checksums, is64Bit, uuids } = this.#form
    const descriptor = this.#take(1, sequence)
    const contents: Buffer[] = []
    let at = 12
    writes.forEach(({ fsBlock, fill, escaped }, i) => {
      const block = this.takeBlock().fill(fill)
      if (escaped) block.writeUInt32BE(0, 0)
      contents.push(block)
      const head = Buffer.alloc(4)
      head.writeUInt32BE(sequence)
      const crc = crc32c(crc32c(this.#seed, head), block)
      const flags = (escaped ? 1 : 0) | (uuids ? 0 : 2) | (i === writes.length - 1 ? 8 : 0)
      descriptor.writeUInt32BE(fsBlock % 2 ** 32, at)
      descriptor.writeUInt16BE(flags, at + 6)
      if (is64Bit) descriptor.writeUInt32BE(Math.floor(fsBlock / 2 ** 32), at + 8)
      if (checksums === 'v3') descriptor.writeUInt32BE(crc, at + 12)
      else if (checksums === 'v2') descriptor.writeUInt16BE(crc & 0xffff, at + 4)
      at += checksums === 'v3' ? 16 : (is64Bit ? 12 : 8) + (checksums === 'v2' ? 2 : 0)
      if (uuids) at += UUID.copy(descriptor, at)
    })
    this.#sumTail(descriptor)
    for (const block of [descriptor, ...contents]) this.#crc = crc32Mpeg2(this.#crc, block)
    return this
  }

  revoke(sequence: number, ...fsBlocks: readonly number[]): this {
    const size = this.#form.is64Bit ? 8 : 4
    const block = this.#take(5, sequence)
    block.writeUInt32BE(16 + fsBlocks.length * size, 12)
    fsBlocks.forEach((fsBlock, i) => {
      block.writeUInt32BE(fsBlock % 2 ** 32, 16 + (i + 1) * size - 4)
    })
    this.#sumTail(block)
    return this
  }

  commit(sequence: number, seconds: number = 1_700_000_000 + (sequence % 1000)): this {
    const block = this.#take(2, sequence)
    block.writeUInt32BE(seconds, 0x34)
    if (this.#form.checksums === 'v1') {
      block[12] = 1
      block[13] = 4
      block.writeUInt32BE(this.#crc, 16)
      this.#crc = 0xffffffff
    } else if (this.#hasTails) block.writeUInt32BE(crc32c(this.#seed, block), 16)
    return this
  }

  #sumTail(block: Buffer): void {
    if (this.#hasTails) block.writeUInt32BE(crc32c(this.#seed, block), BLOCK - 4)
  }

  /** `runs`: where its blocks lie; behind the filesystem, in order, unless told otherwise. */
  open(runs: readonly Run[] = [{ fileBlock: 0, blockCount: JOURNAL_BLOCKS, fsBlock: FS_BLOCKS, level: 0 }]): Promise<JournalLog> {
    return JournalLog.open(readerOver(this.bytes, 4096), BLOCK, runs, JOURNAL_BLOCKS)
  }
}

/** CRC-32/MPEG-2, bit by bit. */
function crc32Mpeg2(crc: number, bytes: Uint8Array): number {
  let c = crc
  for (const byte of bytes) {
    c ^= byte << 24
    for (let bit = 0; bit < 8; bit++) c = c & 0x80000000 ? (c << 1) ^ 0x04c11db7 : c << 1
  }
  return c >>> 0
}
