import { IoError } from '../errors.js'
import type { BlockGrid, ByteRange, MaybePromise, Reader } from './types.js'

/** A window onto another reader: a partition of a disk. */
export class SliceReader implements Reader {
  readonly size: number
  readonly cacheBytes: number
  readonly grid: BlockGrid | undefined
  readonly #base: Reader
  readonly #start: number

  /** `start` and `size` in bytes of `base`; a window that leaves the base is cut at its end. */
  constructor(base: Reader, start: number, size: number) {
    this.#base = base
    this.#start = start
    this.size = Math.max(0, Math.min(size, base.size - start))
    this.cacheBytes = base.cacheBytes
    this.grid = base.grid && { blockSize: base.grid.blockSize, shift: base.grid.shift + start }
  }

  read(offset: number, length: number): MaybePromise<Uint8Array> {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.size)) {
      return Promise.reject(new IoError(`read of ${length} bytes at ${offset} leaves the ${this.size} bytes of this window`))
    }
    return this.#base.read(this.#start + offset, length)
  }

  prefetch(ranges: readonly ByteRange[]): Promise<void> {
    const moved: ByteRange[] = []
    for (const { offset, length } of ranges) {
      const end = Math.min(offset + length, this.size)
      if (offset >= 0 && end > offset) moved.push({ offset: this.#start + offset, length: end - offset })
    }
    return this.#base.prefetch(moved)
  }
}
