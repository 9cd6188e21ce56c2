import type { EBSClient } from '@aws-sdk/client-ebs'
import pLimit from 'p-limit'
import { ConfigError } from '../errors.js'
import { type EbsCalls, openEbsCalls } from './ebs-client.js'
import { type EbsAccount, SnapshotRequests } from './ebs-requests.js'
import { EbsSnapshotSource } from './ebs-source.js'
import { type EbsStats, emptyStats } from './ebs-stats.js'
import { RateLimit } from './rate-limit.js'

export interface EbsPoolOptions {
  /** Used as it is and not closed; its socket pool bounds what `concurrency` can do (the SDK's default is 50). */
  readonly client?: EBSClient | undefined
  /** Else as the SDK finds it. */
  readonly region?: string | undefined
  /** Blocks fetched at once over all snapshots; 64 by default, as coldsnap does. */
  readonly concurrency?: number | undefined
  /** GetSnapshotBlock requests per second over all snapshots; 900 by default, of the 1,000 that AWS grants an account and region. */
  readonly requestsPerSecond?: number | undefined
  /** Milliseconds until an attempt, its body included, counts as hung; 20,000 by default. */
  readonly attemptTimeoutMs?: number | undefined
}

export interface OpenSnapshotOptions {
  /** The volume's size where it is known: DescribeSnapshots says it. */
  readonly sizeBytes?: number | undefined
  /** It was completed just now, so that for two minutes "not found" is taken as "not yet". */
  readonly fresh?: boolean
  readonly signal?: AbortSignal | undefined
}

/** Of the 1,000 GetSnapshotBlock requests per second that AWS grants each snapshot (quota L-028ACFB9, not adjustable). */
const REQUESTS_PER_SNAPSHOT = 900
/** Of the 50 ListSnapshotBlocks requests per second that AWS grants an account and region (quota L-18E976AB). */
const LISTS_PER_SECOND = 45
const FRESH_MS = 120_000
/** A snapshot that is not there is reported after a few tries. */
const ABSENT_MS = 3_000

/** The snapshots of one account and region: they share its quotas, so give one pool to all scans of it in a process. */
export class EbsPool {
  /** What all its snapshots cost so far. */
  readonly stats: EbsStats = emptyStats()
  readonly #account: EbsAccount
  readonly #snapshotRate: number
  #calls: Promise<EbsCalls> | undefined

  constructor(options: EbsPoolOptions = {}) {
    const { client, region, concurrency = 64, requestsPerSecond = 900, attemptTimeoutMs = 20_000 } = options
    requirePositive({ concurrency, requestsPerSecond, attemptTimeoutMs })
    if (!Number.isInteger(concurrency)) throw new ConfigError(`concurrency must be a whole number, not ${concurrency}`)
    const openCalls = (): Promise<EbsCalls> => openEbsCalls({ client, region, sockets: concurrency, attemptTimeoutMs })
    this.#snapshotRate = Math.min(REQUESTS_PER_SNAPSHOT, requestsPerSecond)
    this.#account = {
      calls: () => (this.#calls ??= openCalls()),
      stats: this.stats,
      blockLimit: pLimit(concurrency),
      blockRate: new RateLimit(requestsPerSecond),
      listRate: new RateLimit(LISTS_PER_SECOND),
      attemptTimeoutMs,
      failingSince: undefined,
    }
  }

  /**
   * List a completed snapshot's blocks and give a source over them.
   * @throws EbsError where the service refuses or fails; IoError where the listing makes no sense; `signal.reason` on abort
   */
  openSnapshot(snapshotId: string, { sizeBytes, fresh = false, signal }: OpenSnapshotOptions = {}): Promise<EbsSnapshotSource> {
    const requests = new SnapshotRequests(this.#account, snapshotId, new RateLimit(this.#snapshotRate), fresh ? FRESH_MS : ABSENT_MS)
    return EbsSnapshotSource.open(requests, sizeBytes, signal)
  }

  /** Close the connections, unless the client was given. */
  async close(): Promise<void> {
    const calls = this.#calls
    this.#calls = undefined
    await calls?.then(
      (open) => open.close(),
      () => undefined, // never opened: whoever needed it was told
    )
  }
}

/** Nothing is loaded or asked until the first snapshot is opened. */
export function createEbsPool(options?: EbsPoolOptions): EbsPool {
  return new EbsPool(options)
}

function requirePositive(options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (!(value > 0 && Number.isFinite(value))) throw new ConfigError(`${name} must be a number above 0, not ${value}`)
  }
}
