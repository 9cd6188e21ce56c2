import { IoError } from '../errors.js'
import type { BlockSource, ByteRange, MaybePromise, Reader, ReadStats } from './types.js'

export interface BlockReaderOptions {
  /** Bound of the block cache in bytes; 64 MiB by default. */
  readonly cacheBytes?: number
  readonly signal?: AbortSignal
}

/** A `Reader` over a `BlockSource`: bounded cache in least-recently-used order, single flight, parallel prefetch. */
export class BlockReader implements Reader {
  readonly size: number
  readonly cacheBytes: number
  readonly stats: ReadStats = { blocks: 0, bytes: 0, cacheHits: 0 }
  readonly #source: BlockSource
  readonly #signal: AbortSignal | undefined
  readonly #cache = new Map<number, Uint8Array>()
  readonly #inFlight = new Map<number, Promise<Uint8Array>>()
  readonly #capacity: number
  readonly #zeros: Uint8Array

  constructor(source: BlockSource, options: BlockReaderOptions = {}) {
    this.#source = source
    this.#signal = options.signal
    this.size = source.size
    this.#capacity = Math.max(2, Math.floor((options.cacheBytes ?? 64 * 1024 * 1024) / source.blockSize))
    this.cacheBytes = this.#capacity * source.blockSize
    this.#zeros = new Uint8Array(source.blockSize)
  }

  read(offset: number, length: number): MaybePromise<Uint8Array> {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.size)) {
      return Promise.reject(new IoError(`read of ${length} bytes at ${offset} leaves the ${this.size} bytes of this volume`))
    }
    const blockSize = this.#source.blockSize
    const blockIndex = Math.floor(offset / blockSize)
    const start = offset - blockIndex * blockSize
    if (start + length > blockSize) return this.#readAcross(offset, length)
    const block = this.#block(blockIndex)
    if (block instanceof Uint8Array) return block.subarray(start, start + length)
    return block.then((bytes) => bytes.subarray(start, start + length))
  }

  async prefetch(ranges: readonly ByteRange[]): Promise<void> {
    const wanted = new Set<number>()
    for (const { offset, length } of ranges) {
      if (length <= 0 || offset < 0) continue
      const last = Math.floor((Math.min(offset + length, this.size) - 1) / this.#source.blockSize)
      for (let index = Math.floor(offset / this.#source.blockSize); index <= last; index++) {
        if (wanted.size >= this.#capacity) break
        if (!this.#cache.has(index)) wanted.add(index)
      }
    }
    if (wanted.size === 0) return
    const indexes = [...wanted].sort((a, b) => a - b)
    await this.#source.prepare?.(indexes, this.#signal).catch(() => undefined)
    await Promise.allSettled(indexes.map((index) => this.#block(index)))
  }

  async #readAcross(offset: number, length: number): Promise<Uint8Array> {
    await this.prefetch([{ offset, length }])
    const out = new Uint8Array(length)
    for (let done = 0; done < length; ) {
      const index = Math.floor((offset + done) / this.#source.blockSize)
      const start = offset + done - index * this.#source.blockSize
      const part = (await this.#block(index)).subarray(start, start + length - done)
      if (part.length === 0) throw new IoError(`block ${index} came up short`)
      out.set(part, done)
      done += part.length
    }
    return out
  }

  #block(index: number): MaybePromise<Uint8Array> {
    const cached = this.#cache.get(index)
    if (cached) {
      this.stats.cacheHits++
      this.#cache.delete(index)
      this.#cache.set(index, cached)
      return cached
    }
    const pending = this.#inFlight.get(index)
    if (pending) return pending
    this.#signal?.throwIfAborted()
    if (!this.#source.hasBlock(index)) return this.#zeros
    const fetched = this.#fetch(index).finally(() => this.#inFlight.delete(index))
    this.#inFlight.set(index, fetched)
    return fetched
  }

  async #fetch(index: number): Promise<Uint8Array> {
    const block = await this.#source.readBlock(index, this.#signal)
    this.stats.blocks++
    this.stats.bytes += block.length
    this.#cache.set(index, block)
    for (const oldest of this.#cache.keys()) {
      if (this.#cache.size <= this.#capacity) break
      this.#cache.delete(oldest)
    }
    return block
  }
}
