import { AwsError, messageOf } from '../errors.js'
import type { BlockSource } from '../io/types.js'
import type { ScanResult, StatusReason } from '../model.js'
import type { ClientOptions } from './clients.js'
import { EbsError } from './ebs-error.js'
import { createEbsPool, type EbsPool } from './ebs-pool.js'
import { addStats, type EbsStats, emptyStats } from './ebs-stats.js'
import { isDenied } from './failure.js'

/** A snapshot ready to be read, under the volume it was taken of. */
export interface SnapshotVolume {
  /** `vol-…` */
  readonly id: string
  /** `/dev/xvda` */
  readonly device?: string
  readonly snapshotId: string
  readonly source: BlockSource
}

/** Where the blocks come from. */
export interface PoolOptions {
  /** Blocks read at once; 64 by default. */
  readonly concurrency?: number
  /** Shared by all scans of one account and region in a process, so that together they stay below its quotas; then `concurrency` is the pool's. */
  readonly pool?: EbsPool
}

export interface VolumeFailure {
  readonly reason: StatusReason
  readonly detail: string
}

/** Run `use` with an opener over the pool of `options`, or over one of its own that is closed in the end. */
export async function withVolumeOpener<T>(
  { pool, clients, concurrency, region }: PoolOptions & Pick<ClientOptions, 'clients'> & { readonly region: string },
  use: (opener: VolumeOpener) => Promise<T>,
): Promise<T> {
  if (pool) return use(new VolumeOpener(pool))
  const own = createEbsPool({ region, ...(clients?.ebs && { client: clients.ebs }), ...(concurrency !== undefined && { concurrency }) })
  try {
    return await use(new VolumeOpener(own))
  } finally {
    await own.close()
  }
}

/** Snapshots opened as volumes; remembers by volume what went wrong with them, and what they cost. */
export class VolumeOpener {
  /** Why AWS refused a volume's blocks, by volume id: the first refusal of each. */
  readonly failures: Map<string, VolumeFailure> = new Map()
  readonly #pool: EbsPool
  readonly #opened: { readonly stats: EbsStats }[] = []

  constructor(pool: EbsPool) {
    this.#pool = pool
  }

  /** The volume, or undefined where it cannot be opened: `failures` says why. @throws the reason of `signal` only. */
  async open(
    { id, device, snapshotId }: Omit<SnapshotVolume, 'source'>,
    { sizeBytes, fresh, signal }: { readonly sizeBytes: number; readonly fresh: boolean; readonly signal: AbortSignal },
  ): Promise<SnapshotVolume | undefined> {
    try {
      const source = await this.#pool.openSnapshot(snapshotId, { fresh, signal, ...(sizeBytes > 0 && { sizeBytes }) })
      this.#opened.push(source)
      return { id, snapshotId, source: this.#watch(id, source), ...(device && { device }) }
    } catch (error) {
      signal.throwIfAborted()
      this.#fail(id, error)
      return undefined
    }
  }

  /** The report with what the requests to the EBS direct APIs have cost. */
  withCosts(report: ScanResult): ScanResult {
    const total = emptyStats()
    for (const { stats } of this.#opened) addStats(total, stats)
    const { requests, listRequests, retries, usd } = total
    return { ...report, stats: { ...report.stats, requests, listRequests, retries, usd } }
  }

  /** The scan reports a block it cannot have by its message; Inspector's reason is in the error. */
  #watch(id: string, source: BlockSource): BlockSource {
    return {
      size: source.size,
      blockSize: source.blockSize,
      hasBlock: (blockIndex) => source.hasBlock(blockIndex),
      readBlock: (blockIndex, signal) =>
        source.readBlock(blockIndex, signal).catch((error: unknown) => {
          if (error instanceof AwsError) this.#fail(id, error)
          throw error
        }),
      prepare: async (blockIndexes, signal) => source.prepare?.(blockIndexes, signal),
    }
  }

  #fail(id: string, error: unknown): void {
    if (!this.failures.has(id)) this.failures.set(id, { reason: reasonFor(error), detail: messageOf(error) })
  }
}

function reasonFor(error: unknown): StatusReason {
  if (error instanceof EbsError && error.isKeyAccessDenied) return 'ACCESS_DENIED_TO_ENCRYPTION_KEY'
  return isDenied(error) ? 'ACCESS_DENIED' : 'INTERNAL_ERROR'
}
