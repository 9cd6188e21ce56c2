import { IoError } from '../../src/errors.js'
import type { BlockSource } from '../../src/io/types.js'
import type { Random } from './random.js'

/** Bytes to put at an offset of an image. */
export interface Patch {
  readonly what: string
  readonly offset: number
  readonly bytes: Uint8Array
}

/** A source with patches applied, and cut to `size`. */
export class DamagedSource implements BlockSource {
  readonly size: number
  readonly blockSize: number
  readonly #base: BlockSource
  readonly #patches: readonly Patch[]

  constructor(base: BlockSource, patches: readonly Patch[], size: number = base.size) {
    this.#base = base
    this.#patches = patches
    this.size = size
    this.blockSize = base.blockSize
  }

  hasBlock(blockIndex: number): boolean {
    return this.#base.hasBlock(blockIndex) || this.#patchesOf(blockIndex).length > 0
  }

  async readBlock(blockIndex: number): Promise<Uint8Array> {
    const start = blockIndex * this.blockSize
    const block = Uint8Array.from(await this.#base.readBlock(blockIndex))
    for (const { offset, bytes } of this.#patchesOf(blockIndex)) {
      const from = Math.max(0, start - offset)
      const to = Math.min(bytes.length, start + block.length - offset)
      block.set(bytes.subarray(from, to), offset + from - start)
    }
    return block.subarray(0, Math.max(0, Math.min(block.length, this.size - start)))
  }

  #patchesOf(blockIndex: number): readonly Patch[] {
    const start = blockIndex * this.blockSize
    return this.#patches.filter(({ offset, bytes }) => offset < start + this.blockSize && offset + bytes.length > start)
  }
}

/** A source of which one block cannot be had. */
export function withoutBlock(base: BlockSource, lost: number): BlockSource {
  return {
    size: base.size,
    blockSize: base.blockSize,
    hasBlock: (blockIndex) => base.hasBlock(blockIndex),
    readBlock: async (blockIndex) => {
      if (blockIndex === lost) throw new IoError(`block ${blockIndex} cannot be had`)
      return base.readBlock(blockIndex)
    },
  }
}

const SECTOR = 512

/** Offsets of the sectors of an image that are not all zeros. */
export function writtenSectors(image: Uint8Array): number[] {
  const sectors: number[] = []
  const zeros = Buffer.alloc(SECTOR)
  for (let offset = 0; offset + SECTOR <= image.length; offset += SECTOR) {
    if (!zeros.equals(image.subarray(offset, offset + SECTOR))) sectors.push(offset)
  }
  return sectors
}

/** One random fault in a written sector: a bit, a byte, a word, or a whole KiB of zeros, of ones or from elsewhere. */
export function randomPatch(image: Uint8Array, sectors: readonly number[], random: Random): Patch {
  const sector = random.pick(sectors)
  const offset = sector + random.below(SECTOR)
  const word = sector + 4 * random.below(SECTOR / 4)
  const kib = Math.floor(sector / 1024) * 1024
  const elsewhere = Math.floor(random.pick(sectors) / 1024) * 1024
  const patches: readonly Patch[] = [
    { what: 'bit', offset, bytes: Uint8Array.of(image[offset]! ^ (1 << random.below(8))) },
    { what: 'byte', offset, bytes: Uint8Array.of(random.below(256)) },
    { what: 'zero word', offset: word, bytes: new Uint8Array(4) },
    { what: 'word of ones', offset: word, bytes: new Uint8Array(4).fill(0xff) },
    { what: 'random word', offset: word, bytes: Uint8Array.from({ length: 4 }, () => random.below(256)) },
    { what: 'zero KiB', offset: kib, bytes: new Uint8Array(1024) },
    { what: 'KiB of ones', offset: kib, bytes: new Uint8Array(1024).fill(0xff) },
    { what: 'KiB from elsewhere', offset: kib, bytes: image.slice(elsewhere, elsewhere + 1024) },
  ]
  return random.pick(patches)
}
