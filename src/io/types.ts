/** A value, or a promise of it: callers on a hot path await only what is not there yet. */
export type MaybePromise<T> = T | Promise<T>

/** `offset` and `length` in bytes of the reader that is asked. */
export interface ByteRange {
  readonly offset: number
  readonly length: number
}

/** Bytes of a block of an EBS snapshot, and of other sources unless told otherwise. */
export const EBS_BLOCK_SIZE: number = 512 * 1024

/** Blocks of equal size by index: an EBS snapshot, an image file, a fixture. */
export interface BlockSource {
  /** Bytes. */
  readonly size: number
  /** Bytes; 512 KiB for EBS. The last block may be cut short by `size`. */
  readonly blockSize: number
  /**
   * False for a block that was never written: it reads as zeros and costs no request. True for any other, and for one of which that is
   * not known before `prepare` or `readBlock`.
   */
  hasBlock(blockIndex: number): boolean
  /** The block's bytes, `blockSize` long (or up to `size`). The caller must not write into them. */
  readBlock(blockIndex: number, signal?: AbortSignal): Promise<Uint8Array>
  /** Called with sorted, distinct block indexes before they are read, so that a source can prepare for them (list their tokens). */
  prepare?(blockIndexes: readonly number[], signal?: AbortSignal): Promise<void>
  close?(): Promise<void>
}

/** How a reader's bytes lie in the blocks of the source beneath: the byte at `offset` in block `floor((offset + shift) / blockSize)`. */
export interface BlockGrid {
  readonly blockSize: number
  readonly shift: number
}

/** Random access over a source, a partition, a logical volume, a journal overlay or a file. */
export interface Reader {
  /** Bytes. */
  readonly size: number
  /**
   * Exactly `length` bytes as a read-only view; synchronous when they are cached.
   * @throws IoError where the range leaves the reader or a block cannot be had.
   */
  read(offset: number, length: number): MaybePromise<Uint8Array>
  /** Load ranges ahead of use: sorted, merged, fetched in parallel. Never rejects: a block that fails, fails its `read`. */
  prefetch(ranges: readonly ByteRange[]): Promise<void>
  /** Bytes that can be prefetched before earlier ones are evicted; callers plan their windows by it. */
  readonly cacheBytes: number
  /** Absent where the bytes do not lie in the source in order. */
  readonly grid?: BlockGrid | undefined
}

/** What reading cost so far. */
export interface ReadStats {
  /** Blocks that came from the source (written blocks only). */
  blocks: number
  /** Bytes of those blocks. */
  bytes: number
  /** Block reads answered from the cache. */
  cacheHits: number
}
