import { IoError } from '../errors.js'
import { blockRuns } from './block-runs.js'
import type { BlockGrid, BlockSource, ByteRange, MaybePromise, Reader, ReadStats } from './types.js'

export interface BlockReaderOptions {
  /** Bound of the block cache in bytes; 64 MiB by default. At least two blocks are kept. */
  readonly cacheBytes?: number | undefined
  readonly signal?: AbortSignal | undefined
}

const DEFAULT_CACHE_BYTES = 64 * 1024 * 1024
/** Blocks that one prefetch looks at in search of written ones: bounds the time that a range over a huge hole takes. */
const MAX_BLOCKS_CONSIDERED = 100_000
/** The source has retried before it fails a block; until so much later, whoever needs the block gets the same error at once. */
const FAILURE_MS = 30_000
const MAX_FAILURES_KEPT = 10_000

interface CachedBlock {
  readonly bytes: Uint8Array
  /** Memory of `bytes`, and where in it the source's byte 0 would be: getters of typed arrays would double the cost of a cached read. */
  readonly memory: ArrayBufferLike
  readonly origin: number
  /** Byte of the source at which it begins and ends. */
  readonly start: number
  readonly end: number
  /** Count of uses at its last one; not kept up while the block is at hand. */
  usedAt: number
}

const NO_BLOCK: CachedBlock = { bytes: new Uint8Array(0), memory: new ArrayBuffer(0), origin: 0, start: 0, end: 0, usedAt: 0 }

/** A `Reader` over a `BlockSource`: a bounded cache that drops the least recently used block, single flight, parallel prefetch. */
export class BlockReader implements Reader {
  readonly size: number
  readonly cacheBytes: number
  readonly grid: BlockGrid
  readonly stats: ReadStats = { blocks: 0, bytes: 0, cacheHits: 0 }
  readonly #source: BlockSource
  readonly #blockSize: number
  readonly #signal: AbortSignal | undefined
  readonly #cache = new Map<number, CachedBlock>()
  readonly #inFlight = new Map<number, Promise<Uint8Array>>()
  readonly #failures = new Map<number, { readonly error: unknown; readonly until: number }>()
  readonly #capacity: number
  readonly #zeros: Uint8Array
  /** The block read last: most reads are of the same block as the one before, and cost no lookup so. */
  #hand = NO_BLOCK
  #uses = 0

  constructor(source: BlockSource, options: BlockReaderOptions = {}) {
    this.#source = source
    this.#blockSize = source.blockSize
    this.#signal = options.signal
    this.size = source.size
    this.grid = { blockSize: source.blockSize, shift: 0 }
    this.#capacity = Math.max(2, Math.floor((options.cacheBytes ?? DEFAULT_CACHE_BYTES) / source.blockSize))
    this.cacheBytes = this.#capacity * source.blockSize
    this.#zeros = new Uint8Array(source.blockSize)
  }

  read(offset: number, length: number): MaybePromise<Uint8Array> {
    const end = offset + length
    const hand = this.#hand
    if (length >= 0 && offset >= hand.start && end <= hand.end) {
      this.stats.cacheHits++
      return new Uint8Array(hand.memory, hand.origin + offset, length)
    }
    if (!(Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0 && end <= this.size)) {
      return Promise.reject(new IoError(`read of ${length} bytes at ${offset} leaves the ${this.size} bytes of this volume`))
    }
    const blockIndex = Math.floor(offset / this.#blockSize)
    const start = offset - blockIndex * this.#blockSize
    if (start + length > this.#blockSize) return this.#readAcross(offset, length)
    const block = this.#block(blockIndex)
    return block instanceof Promise ? block.then((bytes) => part(bytes, start, length)) : part(block, start, length)
  }

  async prefetch(ranges: readonly ByteRange[]): Promise<void> {
    let wanted = this.#wanted(ranges)
    if (this.#source.prepare && wanted.length > 0) {
      // What could not be prepared fails again in `readBlock`, for the blocks that need it.
      await this.#source.prepare(wanted, this.#signal).catch(() => undefined)
      wanted = wanted.filter((blockIndex) => this.#source.hasBlock(blockIndex))
    }
    await Promise.allSettled(wanted.map((blockIndex) => this.#block(blockIndex)))
  }

  /** The written blocks of `ranges` that are not here yet, ascending; together with those that are, no more than the cache holds. */
  #wanted(ranges: readonly ByteRange[]): number[] {
    const wanted: number[] = []
    let room = this.#capacity
    let considered = 0
    for (const { first, last } of blockRuns(ranges, this.#blockSize, this.size)) {
      for (let blockIndex = first; blockIndex <= last; blockIndex++) {
        if (room === 0 || considered++ === MAX_BLOCKS_CONSIDERED) return wanted
        const cached = this.#cache.get(blockIndex)
        if (cached) cached.usedAt = ++this.#uses
        else if (this.#source.hasBlock(blockIndex)) wanted.push(blockIndex)
        else continue
        room--
      }
    }
    return wanted
  }

  async #readAcross(offset: number, length: number): Promise<Uint8Array> {
    const out = new Uint8Array(length)
    const last = Math.floor((offset + length - 1) / this.#blockSize)
    for (let first = Math.floor(offset / this.#blockSize); first <= last; first += this.#capacity) {
      const indexes = Array.from({ length: Math.min(this.#capacity, last + 1 - first) }, (_, i) => first + i)
      await this.#source.prepare?.(indexes, this.#signal)
      const blocks = await Promise.all(indexes.map((blockIndex) => this.#block(blockIndex)))
      blocks.forEach((block, i) => {
        const blockStart = (first + i) * this.#blockSize
        const from = Math.max(offset, blockStart)
        const to = Math.min(offset + length, blockStart + this.#blockSize)
        out.set(part(block, from - blockStart, to - from), from - offset)
      })
    }
    return out
  }

  #block(blockIndex: number): MaybePromise<Uint8Array> {
    const cached = this.#cache.get(blockIndex)
    if (cached) {
      this.stats.cacheHits++
      this.#hand.usedAt = ++this.#uses
      this.#hand = cached
      return cached.bytes
    }
    const pending = this.#inFlight.get(blockIndex)
    if (pending) return pending
    if (!this.#source.hasBlock(blockIndex)) return this.#zeros
    if (this.#signal?.aborted) return Promise.reject(this.#signal.reason)
    const failure = this.#failures.get(blockIndex)
    if (failure && performance.now() < failure.until) return Promise.reject(failure.error)
    const fetched = this.#fetch(blockIndex).finally(() => this.#inFlight.delete(blockIndex))
    this.#inFlight.set(blockIndex, fetched)
    return fetched
  }

  async #fetch(blockIndex: number): Promise<Uint8Array> {
    try {
      const bytes = await this.#source.readBlock(blockIndex, this.#signal)
      // The source learnt only now that it was never written.
      if (!this.#source.hasBlock(blockIndex)) return this.#zeros
      const expected = Math.min(this.#blockSize, this.size - blockIndex * this.#blockSize)
      if (bytes.length !== expected) throw new IoError(`block ${blockIndex} came with ${bytes.length} bytes instead of ${expected}`)
      this.stats.blocks++
      this.stats.bytes += bytes.length
      this.#keep(blockIndex, bytes)
      return bytes
    } catch (error) {
      if (this.#signal?.aborted) throw this.#signal.reason
      if (this.#failures.size === MAX_FAILURES_KEPT) this.#failures.clear()
      this.#failures.set(blockIndex, { error, until: performance.now() + FAILURE_MS })
      throw error
    }
  }

  #keep(blockIndex: number, bytes: Uint8Array): void {
    this.#failures.delete(blockIndex)
    if (this.#cache.size === this.#capacity) this.#dropOldest()
    const start = blockIndex * this.#blockSize
    const origin = bytes.byteOffset - start
    this.#cache.set(blockIndex, { bytes, memory: bytes.buffer, origin, start, end: start + bytes.length, usedAt: ++this.#uses })
  }

  #dropOldest(): void {
    let oldestIndex = -1
    let oldestUse = Number.POSITIVE_INFINITY
    for (const [blockIndex, block] of this.#cache) {
      if (block.usedAt >= oldestUse || block === this.#hand) continue
      oldestUse = block.usedAt
      oldestIndex = blockIndex
    }
    this.#cache.delete(oldestIndex)
  }
}

/** A view; a plain `Uint8Array` also of a `Buffer`, whose own `subarray` is slower. */
function part(block: Uint8Array, start: number, length: number): Uint8Array {
  return new Uint8Array(block.buffer, block.byteOffset + start, length)
}
