import { IoError } from '../errors.js'
import type { BlockSource } from '../io/types.js'
import { isTokenRefused } from './ebs-error.js'
import { SnapshotListing } from './ebs-listing.js'
import type { SnapshotRequests } from './ebs-requests.js'
import type { EbsStats } from './ebs-stats.js'

/** How often a block's token is listed anew when it is refused. */
const MAX_RENEWALS = 3

/** A `BlockSource` over an EBS snapshot, read through the EBS direct APIs. Opened by `EbsPool.openSnapshot`. */
export class EbsSnapshotSource implements BlockSource {
  readonly snapshotId: string
  readonly size: number
  readonly blockSize: number
  /** What this snapshot cost so far; counted in the pool's as well. */
  readonly stats: EbsStats
  readonly #requests: SnapshotRequests
  readonly #listing: SnapshotListing

  private constructor(requests: SnapshotRequests, listing: SnapshotListing) {
    this.#requests = requests
    this.#listing = listing
    this.snapshotId = requests.snapshotId
    this.size = listing.sizeBytes
    this.blockSize = listing.blockSize
    this.stats = requests.stats
  }

  static async open(
    requests: SnapshotRequests,
    sizeBytes: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<EbsSnapshotSource> {
    const listing = await SnapshotListing.open(requests.snapshotId, (page, s) => requests.list(page, s), sizeBytes, signal)
    return new EbsSnapshotSource(requests, listing)
  }

  /** True as well for a block that is not listed yet. */
  hasBlock(blockIndex: number): boolean {
    return this.#listing.mayHave(blockIndex)
  }

  /** Lists the parts of a large snapshot that these blocks lie in. */
  prepare(blockIndexes: readonly number[], signal?: AbortSignal): Promise<void> {
    return this.#listing.ensure(blockIndexes, signal)
  }

  /**
   * @throws IoError where the block arrives damaged every time; EbsError where the service refuses or fails every time;
   *   `signal.reason` on abort
   */
  async readBlock(blockIndex: number, signal?: AbortSignal): Promise<Uint8Array> {
    const length = Math.min(this.blockSize, this.size - blockIndex * this.blockSize)
    if (!(Number.isInteger(blockIndex) && blockIndex >= 0 && length > 0)) {
      throw new IoError(`${this.snapshotId} has no block ${blockIndex}: its ${this.size} bytes end before`)
    }
    await this.#listing.ensure([blockIndex], signal)
    for (let renewals = 0; ; renewals++) {
      const token = this.#listing.token(blockIndex)
      if (token === undefined) {
        if (renewals > 0) throw new IoError(`block ${blockIndex} of ${this.snapshotId} is missing from its second listing`)
        return new Uint8Array(length)
      }
      try {
        return this.#fit(blockIndex, await this.#requests.get(blockIndex, token, this.blockSize, signal), length)
      } catch (error) {
        if (!isTokenRefused(error) || renewals === MAX_RENEWALS) throw error
      }
      await this.#listing.renew(blockIndex, token, signal)
    }
  }

  /** A block that is whole, or the volume's last: that one may reach beyond its end or stop short of it. */
  #fit(blockIndex: number, block: Uint8Array, length: number): Uint8Array {
    if (block.length === length) return block
    if (block.length > length) return block.subarray(0, length)
    if (blockIndex !== this.#listing.blockCount - 1) {
      throw new IoError(`block ${blockIndex} of ${this.snapshotId} has ${block.length} bytes instead of ${length}`)
    }
    const padded = new Uint8Array(length)
    padded.set(block)
    return padded
  }
}
