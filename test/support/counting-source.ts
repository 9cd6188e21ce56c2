import type { BlockSource } from '../../src/io/types.js'
import { Random } from './random.js'

/** A source over bytes in memory that logs what is asked of it, and fails or waits where it is told to. */
export class CountingSource implements BlockSource {
  readonly size: number
  readonly blockSize: number
  /** Block indexes in the order they were read. */
  readonly reads: number[] = []
  inFlight = 0
  mostInFlight = 0
  /** Called before a block is given out. */
  before: (blockIndex: number, signal?: AbortSignal) => Promise<void> | void = () => undefined
  readonly #bytes: Uint8Array
  readonly #holes: ReadonlySet<number>

  constructor(bytes: Uint8Array, blockSize: number, holes: Iterable<number> = []) {
    this.#bytes = bytes
    this.size = bytes.length
    this.blockSize = blockSize
    this.#holes = new Set(holes)
  }

  hasBlock(blockIndex: number): boolean {
    return blockIndex * this.blockSize < this.size && !this.#holes.has(blockIndex)
  }

  async readBlock(blockIndex: number, signal?: AbortSignal): Promise<Uint8Array> {
    this.reads.push(blockIndex)
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight)
    try {
      await this.before(blockIndex, signal)
      return this.#bytes.subarray(blockIndex * this.blockSize, (blockIndex + 1) * this.blockSize)
    } finally {
      this.inFlight--
    }
  }
}

/** Bytes of which no two stretches are alike. */
export function distinctBytes(length: number): Uint8Array {
  const random = new Random(length)
  return Uint8Array.from({ length }, () => random.below(256))
}
