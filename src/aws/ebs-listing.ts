import type { Block, ListSnapshotBlocksRequest, ListSnapshotBlocksResponse } from '@aws-sdk/client-ebs'
import pLimit, { type LimitFunction } from 'p-limit'
import { IoError } from '../errors.js'
import { isPageTokenRefused } from './ebs-error.js'
import { BlockTokens } from './ebs-tokens.js'

export type ListPage = (
  page: Omit<ListSnapshotBlocksRequest, 'SnapshotId'>,
  signal: AbortSignal | undefined,
) => Promise<ListSnapshotBlocksResponse>

/** Most blocks in a page (MaxResults of ListSnapshotBlocks), and the stretch of the index space that is listed and kept as one. */
const CHUNK_BLOCKS = 10_000
/** Up to this many blocks (about 50 GiB) the whole snapshot is listed at once. */
const WHOLE_LISTING_BLOCKS = 100_000
/** Pages in a row without a block further on, and one more per chunk, before a listing counts as endless: those of a long hole are empty. */
const MAX_IDLE_PAGES = 1_000
/** Chunks listed at a time; the rate limit of ListSnapshotBlocks rules beyond. */
const PARALLEL_CHUNKS = 16
const GIB = 2 ** 30
/** 64 TiB, the largest EBS volume. */
const MAX_VOLUME_BYTES = 64 * 1024 * GIB
/** VolumeSize is documented in GB and has been seen in bytes. No volume has 2^20 GiB, none is smaller than 2^20 bytes. */
const SMALLEST_SIZE_IN_BYTES = 2 ** 20
// Above 2^15, so that every block index of the largest volume fits the 32 bits that the API gives it.
const MIN_BLOCK_SIZE = 65_536
const MAX_BLOCK_SIZE = 16 * 1024 * 1024
const MAX_TOKEN_LENGTH = 256

/**
 * Which blocks of a snapshot were written, and the tokens to get them with. Snapshots do not change, so what is listed stays true;
 * tokens expire and are renewed. docs.aws.amazon.com/ebs/latest/APIReference/API_ListSnapshotBlocks.html
 */
export class SnapshotListing {
  readonly sizeBytes: number
  readonly blockSize: number
  readonly blockCount: number
  readonly #snapshotId: string
  readonly #listPage: ListPage
  /** By chunk; undefined where nothing was listed yet. */
  readonly #chunks: (BlockTokens | undefined)[]
  readonly #pending = new Map<number, Promise<void>>()
  readonly #limit: LimitFunction = pLimit(PARALLEL_CHUNKS)

  private constructor(snapshotId: string, listPage: ListPage, sizeBytes: number, blockSize: number) {
    this.#snapshotId = snapshotId
    this.#listPage = listPage
    this.sizeBytes = sizeBytes
    this.blockSize = blockSize
    this.blockCount = Math.ceil(sizeBytes / blockSize)
    this.#chunks = new Array(Math.ceil(this.blockCount / CHUNK_BLOCKS)).fill(undefined)
  }

  /**
   * Lists all of a small volume, the beginning of a large one.
   * @param sizeBytes the volume's size where it is known
   */
  static async open(snapshotId: string, listPage: ListPage, sizeBytes?: number, signal?: AbortSignal): Promise<SnapshotListing> {
    const first = await listPage({ StartingBlockIndex: 0, MaxResults: CHUNK_BLOCKS }, signal)
    const size = sizeBytes ?? volumeBytes(first.VolumeSize)
    if (!(size > 0 && size <= MAX_VOLUME_BYTES)) throw new IoError(`${snapshotId}: the listing says a volume size of ${first.VolumeSize}`)
    const blockSize = first.BlockSize ?? 0
    if (!(blockSize >= MIN_BLOCK_SIZE && blockSize <= MAX_BLOCK_SIZE && Number.isInteger(Math.log2(blockSize)))) {
      throw new IoError(`${snapshotId}: the listing says a block size of ${first.BlockSize}`)
    }
    const listing = new SnapshotListing(snapshotId, listPage, size, blockSize)
    await listing.#list(0, listing.blockCount <= WHOLE_LISTING_BLOCKS ? listing.blockCount : CHUNK_BLOCKS, first, signal)
    return listing
  }

  /** False for a block known never to have been written; true for one that was, or that is not listed yet. */
  mayHave(blockIndex: number): boolean {
    if (!(blockIndex >= 0 && blockIndex < this.blockCount)) return false
    const chunk = this.#chunks[Math.floor(blockIndex / CHUNK_BLOCKS)]
    return chunk === undefined || chunk.has(blockIndex)
  }

  /** Undefined for a block that was never written, or is not listed yet. */
  token(blockIndex: number): string | undefined {
    return this.#chunks[Math.floor(blockIndex / CHUNK_BLOCKS)]?.get(blockIndex)
  }

  /** Have these blocks listed. */
  async ensure(blockIndexes: readonly number[], signal?: AbortSignal): Promise<void> {
    const missing = new Set<number>()
    for (const blockIndex of blockIndexes) {
      const chunk = Math.floor(blockIndex / CHUNK_BLOCKS)
      if (chunk >= 0 && chunk < this.#chunks.length && this.#chunks[chunk] === undefined) missing.add(chunk)
    }
    if (missing.size === 0) return
    // The listing of a chunk of a sparse volume runs on into the next ones, so look again when a chunk's turn comes.
    await Promise.all(
      Array.from(missing, (chunk) => this.#limit(() => (this.#chunks[chunk] === undefined ? this.#listChunk(chunk, signal) : undefined))),
    )
  }

  /** List a block's chunk again, unless its token is no longer the one that was refused. */
  async renew(blockIndex: number, refusedToken: string, signal?: AbortSignal): Promise<void> {
    if (this.token(blockIndex) === refusedToken) await this.#listChunk(Math.floor(blockIndex / CHUNK_BLOCKS), signal)
  }

  #listChunk(chunk: number, signal: AbortSignal | undefined): Promise<void> {
    const pending = this.#pending.get(chunk)
    if (pending) return pending
    const from = chunk * CHUNK_BLOCKS
    const listed = this.#listPage({ StartingBlockIndex: from, MaxResults: CHUNK_BLOCKS }, signal)
      .then((first) => this.#list(from, Math.min(from + CHUNK_BLOCKS, this.blockCount), first, signal))
      .finally(() => this.#pending.delete(chunk))
    this.#pending.set(chunk, listed)
    return listed
  }

  /** Follow the pages after `first`, from block `from` (the beginning of a chunk) until all blocks below `until` are listed. */
  async #list(from: number, until: number, first: ListSnapshotBlocksResponse, signal: AbortSignal | undefined): Promise<void> {
    const blocks: Required<Block>[] = []
    const pageTokens = new Set<string>()
    let page = first
    let next = from
    let ascending = true
    for (let idlePages = 0; ; ) {
      const before = next
      for (const block of page.Blocks ?? []) {
        const blockIndex = this.#check(block)
        if (blockIndex < from) continue
        blocks.push(block as Required<Block>)
        ascending &&= blockIndex >= next - 1
        next = Math.max(next, blockIndex + 1)
      }
      const NextToken = page.NextToken
      if (!NextToken) {
        next = this.blockCount
        break
      }
      // Blocks that do not come in the order promised may still come later: then only the end of the listing is sure.
      if (next >= until && until < this.blockCount && ascending) break
      idlePages = next > before ? 0 : idlePages + 1
      if (pageTokens.has(NextToken) || idlePages > MAX_IDLE_PAGES + this.#chunks.length) {
        throw new IoError(`${this.#snapshotId}: the listing has no end`)
      }
      pageTokens.add(NextToken)
      page = await this.#listPage({ NextToken, MaxResults: CHUNK_BLOCKS }, signal).catch((error: unknown) => {
        if (!isPageTokenRefused(error) || next >= this.blockCount) throw error
        return this.#listPage({ StartingBlockIndex: next, MaxResults: CHUNK_BLOCKS }, signal)
      })
    }
    this.#keep(from, next, blocks)
  }

  #check({ BlockIndex, BlockToken }: Block): number {
    if (!(Number.isInteger(BlockIndex) && BlockIndex! >= 0 && BlockIndex! < this.blockCount)) {
      throw new IoError(`${this.#snapshotId}: block ${BlockIndex} is listed in a volume of ${this.blockCount} blocks`)
    }
    if (!BlockToken || BlockToken.length > MAX_TOKEN_LENGTH) {
      throw new IoError(`${this.#snapshotId}: no usable token for block ${BlockIndex}`)
    }
    return BlockIndex!
  }

  /** Pack the chunks that lie wholly in `from` to `next`. */
  #keep(from: number, next: number, blocks: Required<Block>[]): void {
    blocks.sort((a, b) => a.BlockIndex! - b.BlockIndex!)
    let at = 0
    for (let chunk = from / CHUNK_BLOCKS; chunk < this.#chunks.length; chunk++) {
      const end = Math.min((chunk + 1) * CHUNK_BLOCKS, this.blockCount)
      if (end > next) break
      const chunkBlocks: Required<Block>[] = []
      for (; at < blocks.length && blocks[at]!.BlockIndex! < end; at++) {
        if (blocks[at]!.BlockIndex !== chunkBlocks.at(-1)?.BlockIndex) chunkBlocks.push(blocks[at]!)
      }
      this.#chunks[chunk] = new BlockTokens(chunkBlocks)
    }
  }
}

/** NaN where the answer has no usable size. */
function volumeBytes(VolumeSize: number | undefined): number {
  if (VolumeSize === undefined || !Number.isSafeInteger(VolumeSize)) return Number.NaN
  return VolumeSize < SMALLEST_SIZE_IN_BYTES ? VolumeSize * GIB : VolumeSize
}
