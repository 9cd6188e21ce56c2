import { IoError } from '../errors.js'
import type { BlockGrid, ByteRange, MaybePromise, Reader } from './types.js'

/** Bytes that stand in for others; they do not reach beyond one block. */
export interface Patch {
  readonly offset: number
  readonly bytes: Uint8Array
}

/** A stretch of a read: where it comes from in the base. */
interface Piece {
  start: number
  length: number
}

/**
 * A reader over another, some of whose blocks have other contents: those of blocks elsewhere in the base, so that nothing is copied, and
 * small patches on top of either.
 */
export class OverlayReader implements Reader {
  readonly size: number
  readonly cacheBytes: number
  readonly grid: BlockGrid | undefined
  readonly #base: Reader
  readonly #blockSize: number
  /** Numbers of the blocks that are not as in the base, ascending, and where in the base each one's contents begin. */
  readonly #blocks: Float64Array
  readonly #starts: Float64Array
  /** By block. */
  readonly #patches = new Map<number, Patch[]>()

  /** `moved`: from the number of a block to the byte of the base at which its contents begin. Of overlapping patches the last counts. */
  constructor(base: Reader, blockSize: number, moved: ReadonlyMap<number, number>, patches: readonly Patch[] = []) {
    this.size = base.size
    this.cacheBytes = base.cacheBytes
    this.grid = base.grid
    this.#base = base
    this.#blockSize = blockSize
    for (const patch of patches) {
      const block = Math.floor(patch.offset / blockSize)
      const before = this.#patches.get(block)
      if (before) before.push(patch)
      else this.#patches.set(block, [patch])
    }
    this.#blocks = Float64Array.from(new Set([...moved.keys(), ...this.#patches.keys()])).sort()
    this.#starts = this.#blocks.map((block) => moved.get(block) ?? block * blockSize)
  }

  read(offset: number, length: number): MaybePromise<Uint8Array> {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.size)) {
      return Promise.reject(new IoError(`read of ${length} bytes at ${offset} leaves the ${this.size} bytes of this overlay`))
    }
    if (!this.#differs(offset, length)) return this.#base.read(offset, length)
    const pieces = this.#pieces(offset, length)
    const parts: MaybePromise<Uint8Array>[] = pieces.map(({ start, length }) => this.#base.read(start, length))
    const ready = parts.filter((part) => part instanceof Uint8Array)
    if (ready.length === parts.length) return this.#assemble(offset, length, ready)
    return Promise.all(parts).then((bytes) => this.#assemble(offset, length, bytes))
  }

  prefetch(ranges: readonly ByteRange[]): Promise<void> {
    const moved: ByteRange[] = []
    for (const { offset, length } of ranges) {
      const end = Math.min(offset + length, this.size)
      if (!(offset >= 0 && end > offset)) continue
      if (!this.#differs(offset, end - offset)) moved.push({ offset, length: end - offset })
      else for (const piece of this.#pieces(offset, end - offset)) moved.push({ offset: piece.start, length: piece.length })
    }
    return this.#base.prefetch(moved)
  }

  /** Index in `#blocks` of the first one at or after `block`. */
  #find(block: number): number {
    let low = 0
    let high = this.#blocks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#blocks[middle]! < block) low = middle + 1
      else high = middle
    }
    return low
  }

  #differs(offset: number, length: number): boolean {
    const next = this.#blocks[this.#find(Math.floor(offset / this.#blockSize))]
    return next !== undefined && next * this.#blockSize < offset + length
  }

  /** `[offset, offset + length)` in order, as few pieces as there can be. */
  #pieces(offset: number, length: number): Piece[] {
    const blockSize = this.#blockSize
    const pieces: Piece[] = []
    const push = (start: number, length: number): void => {
      const last = pieces.at(-1)
      if (last && last.start + last.length === start) last.length += length
      else if (length > 0) pieces.push({ start, length })
    }
    const end = offset + length
    let at = offset
    for (let i = this.#find(Math.floor(offset / blockSize)); i < this.#blocks.length && at < end; i++) {
      const blockStart = this.#blocks[i]! * blockSize
      if (blockStart >= end) break
      if (blockStart > at) {
        push(at, blockStart - at)
        at = blockStart
      }
      const stop = Math.min(end, blockStart + blockSize)
      push(this.#starts[i]! + at - blockStart, stop - at)
      at = stop
    }
    push(at, end - at)
    return pieces
  }

  #assemble(offset: number, length: number, parts: readonly Uint8Array[]): Uint8Array {
    const patches = this.#patchesIn(offset, length)
    if (parts.length === 1 && patches.length === 0) return parts[0]!
    const out = new Uint8Array(length)
    let at = 0
    for (const part of parts) {
      out.set(part, at)
      at += part.length
    }
    for (const { offset: start, bytes } of patches) {
      const from = Math.max(start, offset)
      const to = Math.min(start + bytes.length, offset + length)
      if (to > from) out.set(bytes.subarray(from - start, to - start), from - offset)
    }
    return out
  }

  #patchesIn(offset: number, length: number): Patch[] {
    if (this.#patches.size === 0) return []
    const found: Patch[] = []
    for (let i = this.#find(Math.floor(offset / this.#blockSize)); i < this.#blocks.length; i++) {
      const block = this.#blocks[i]!
      if (block * this.#blockSize >= offset + length) break
      found.push(...(this.#patches.get(block) ?? []))
    }
    return found
  }
}
