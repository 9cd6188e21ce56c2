import { type BlockSource, EBS_BLOCK_SIZE } from './types.js'

/** A source over bytes in memory. Blocks of zeros count as never written, as in a snapshot. */
export class MemorySource implements BlockSource {
  readonly size: number
  readonly blockSize: number
  readonly #bytes: Uint8Array
  readonly #written: readonly boolean[]

  constructor(bytes: Uint8Array, blockSize: number = EBS_BLOCK_SIZE) {
    this.size = bytes.length
    this.blockSize = blockSize
    this.#bytes = bytes
    const zeros = new Uint8Array(blockSize)
    this.#written = Array.from({ length: Math.ceil(bytes.length / blockSize) }, (_, blockIndex) => {
      const block = this.#block(blockIndex)
      return Buffer.compare(block, zeros.subarray(0, block.length)) !== 0
    })
  }

  hasBlock(blockIndex: number): boolean {
    return this.#written[blockIndex] ?? false
  }

  async readBlock(blockIndex: number): Promise<Uint8Array> {
    return this.#block(blockIndex)
  }

  #block(blockIndex: number): Uint8Array {
    return this.#bytes.subarray(blockIndex * this.blockSize, (blockIndex + 1) * this.blockSize)
  }
}
