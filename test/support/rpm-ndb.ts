import { adler32 } from '../../src/formats/rpm/adler32.js'

// The format as in https://github.com/rpm-software-management/rpm/blob/rpm-4.18.0-release/lib/backend/ndb/rpmpkg.c
const BLOCK = 16
const PAGE = 4096

interface Slot {
  number: number
  block: number
  blocks: number
}

/** Writes an NDB database as rpm does: blobs go into the first gap that fits, deleted ones leave zeros and a free slot. */
export class NdbWriter {
  readonly #slotPages: number
  readonly #slots: Slot[] = []
  readonly #data = new Map<number, Buffer>()
  #generation = 0

  constructor(slotPages = 1) {
    this.#slotPages = slotPages
  }

  put(number: number, blob: Uint8Array): void {
    this.delete(number)
    const bytes = encodeBlob(number, blob)
    const slot = { number, block: this.#gap(bytes.length / BLOCK), blocks: bytes.length / BLOCK }
    const free = this.#slots.findIndex(({ blocks }) => blocks === 0)
    if (free < 0) this.#slots.push(slot)
    else this.#slots[free] = slot
    this.#data.set(slot.block, bytes)
    this.#generation++
  }

  delete(number: number): void {
    const slot = this.#slots.find((other) => other.number === number)
    if (slot === undefined) return
    this.#data.delete(slot.block)
    Object.assign(slot, { number: 0, block: 0, blocks: 0 })
    this.#generation++
  }

  bytes(): Buffer {
    const end = Math.max(this.#firstBlock, ...this.#slots.map(({ block, blocks }) => block + blocks))
    const out = Buffer.alloc(end * BLOCK)
    const header = [this.#slotPages, 1 + Math.max(0, ...this.#slots.map(({ number }) => number))]
    for (const [i, value] of [0x506d7052, 0, this.#generation, ...header].entries()) out.writeUInt32LE(value, 4 * i)
    const slotCount = (this.#slotPages * PAGE) / BLOCK - 2
    for (let i = 0; i < slotCount; i++) {
      const { number, block, blocks } = this.#slots[i] ?? { number: 0, block: 0, blocks: 0 }
      for (const [field, value] of [0x746f6c53, number, block, blocks].entries()) out.writeUInt32LE(value, 32 + BLOCK * i + 4 * field)
    }
    for (const [block, bytes] of this.#data) bytes.copy(out, block * BLOCK)
    return out
  }

  get #firstBlock(): number {
    return (this.#slotPages * PAGE) / BLOCK
  }

  #gap(blocks: number): number {
    let at = this.#firstBlock
    for (const slot of [...this.#slots].filter((slot) => slot.blocks > 0).sort((a, b) => a.block - b.block)) {
      if (slot.block - at >= blocks) return at
      at = slot.block + slot.blocks
    }
    return at
  }
}

function encodeBlob(number: number, blob: Uint8Array): Buffer {
  const out = Buffer.alloc(Math.ceil((16 + blob.length + 12) / BLOCK) * BLOCK)
  for (const [i, value] of [0x53626c42, number, 1_700_000_000, blob.length].entries()) out.writeUInt32LE(value, 4 * i)
  out.set(blob, 16)
  const tail = out.length - 12
  for (const [i, value] of [adler32(out.subarray(0, tail)), blob.length, 0x45626c42].entries()) out.writeUInt32LE(value, tail + 4 * i)
  return out
}
