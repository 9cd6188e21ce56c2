import type { BlockSource } from './types.js'

/** A source over bytes in memory. Blocks of zeros count as never written, as in a snapshot. */
export class MemorySource implements BlockSource {
  readonly size: number
  readonly blockSize: number
  readonly #blocks = new Map<number, Uint8Array>()

  constructor(bytes: Uint8Array, blockSize: number = 512 * 1024) {
    this.size = bytes.length
    this.blockSize = blockSize
    for (let index = 0; index * blockSize < bytes.length; index++) {
      const block = bytes.subarray(index * blockSize, (index + 1) * blockSize)
      if (block.some((byte) => byte !== 0)) this.#blocks.set(index, block)
    }
  }

  hasBlock(blockIndex: number): boolean {
    return this.#blocks.has(blockIndex)
  }

  async readBlock(blockIndex: number): Promise<Uint8Array> {
    return this.#blocks.get(blockIndex) ?? new Uint8Array(Math.min(this.blockSize, this.size - blockIndex * this.blockSize))
  }
}
