import type { ListSnapshotBlocksRequest, ListSnapshotBlocksResponse } from '@aws-sdk/client-ebs'
import type { LimitFunction } from 'p-limit'
import { IoError } from '../errors.js'
import { abortable, withinTime } from './abort.js'
import { failureOf } from './call.js'
import type { EbsCalls } from './ebs-client.js'
import { classify, type EbsAction, EbsError } from './ebs-error.js'
import { addStats, type EbsStats, emptyStats, USD_PER_BLOCK, USD_PER_LIST_REQUEST } from './ebs-stats.js'
import type { RateLimit } from './rate-limit.js'
import { retry, type Verdict } from './retry.js'

/** What all snapshots of one account and region share: the client, and the quotas that the service counts per account. */
export interface EbsAccount {
  readonly calls: () => Promise<EbsCalls>
  readonly stats: EbsStats
  readonly blockLimit: LimitFunction
  readonly blockRate: RateLimit
  readonly listRate: RateLimit
  readonly attemptTimeoutMs: number
  /** Since when every attempt has failed, on the clock of `performance.now()`. */
  failingSince: number | undefined
}

/** After so long without one answer the endpoint counts as gone: each request is tried once, so that a scan ends. */
const SILENCE_MS = 60_000

interface Attempt<T> {
  readonly action: EbsAction
  /** What is asked for, to name it in an error. */
  readonly what: string
  readonly rates: readonly RateLimit[]
  readonly cost: Partial<EbsStats>
  readonly usd: number
  readonly signal: AbortSignal | undefined
  readonly send: (calls: EbsCalls, signal: AbortSignal) => Promise<T>
}

/** The requests about one snapshot: paced, bounded in time, retried, counted, and their errors named. */
export class SnapshotRequests {
  readonly snapshotId: string
  readonly stats: EbsStats = emptyStats()
  readonly #account: EbsAccount
  readonly #blockRate: RateLimit
  readonly #absentUntil: number

  /** @param absentMs for how long from now "not found" may mean "not yet" */
  constructor(account: EbsAccount, snapshotId: string, blockRate: RateLimit, absentMs: number) {
    this.#account = account
    this.snapshotId = snapshotId
    this.#blockRate = blockRate
    this.#absentUntil = performance.now() + absentMs
  }

  /** One page of ListSnapshotBlocks. */
  list(page: Omit<ListSnapshotBlocksRequest, 'SnapshotId'>, signal: AbortSignal | undefined): Promise<ListSnapshotBlocksResponse> {
    return this.#request({
      action: 'ebs:ListSnapshotBlocks',
      what: this.snapshotId,
      rates: [this.#account.listRate],
      cost: { requests: 1, listRequests: 1 },
      usd: USD_PER_LIST_REQUEST,
      signal,
      send: (calls, attemptSignal) => calls.list({ SnapshotId: this.snapshotId, ...page }, attemptSignal),
    })
  }

  /** The verified bytes of a written block. */
  async get(blockIndex: number, token: string, blockSize: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const attempt: Attempt<Uint8Array> = {
      action: 'ebs:GetSnapshotBlock',
      what: `block ${blockIndex} of ${this.snapshotId}`,
      rates: [this.#blockRate, this.#account.blockRate],
      cost: { requests: 1 },
      usd: USD_PER_BLOCK,
      signal,
      send: (calls, attemptSignal) => calls.get(this.snapshotId, blockIndex, token, blockSize, attemptSignal),
    }
    const block = await abortable(
      this.#account.blockLimit(() => this.#request(attempt)),
      signal,
    )
    this.#count({ blocks: 1, bytes: block.length })
    return block
  }

  #request<T>(attempt: Attempt<T>): Promise<T> {
    return retry(() => this.#attempt(attempt), {
      signal: attempt.signal,
      classify: (error) => this.#judge(error),
      onRetry: () => this.#count({ retries: 1 }),
    })
  }

  async #attempt<T>({ action, what, rates, cost, usd, signal, send }: Attempt<T>): Promise<T> {
    const calls = await this.#account.calls()
    for (const rate of rates) await rate.take(signal)
    this.#count(cost)
    try {
      const answer = await withinTime(this.#account.attemptTimeoutMs, signal, (attemptSignal) => send(calls, attemptSignal))
      this.#count({ usd })
      this.#account.failingSince = undefined
      return answer
    } catch (thrown) {
      signal?.throwIfAborted()
      if (thrown instanceof IoError) {
        this.#count({ usd })
        throw new IoError(`${what}: ${thrown.message}`, { cause: thrown })
      }
      const error = new EbsError(action, this.snapshotId, what, failureOf(thrown))
      if (classify(error) === 'throttled') this.#slowDown(rates, error.reason)
      throw error
    }
  }

  #judge(error: unknown): Verdict {
    const verdict = classify(error)
    const now = performance.now()
    if (verdict === 'absent') return now < this.#absentUntil ? 'absent' : 'fatal'
    if (verdict !== 'transient') return verdict
    this.#account.failingSince ??= now
    return now - this.#account.failingSince > SILENCE_MS ? 'fatal' : 'transient'
  }

  /** The service says whose quota is used up; where it does not, both give way. */
  #slowDown(rates: readonly RateLimit[], reason: string | undefined): void {
    this.#count({ throttles: 1 })
    for (const rate of rates) {
      if (rate === this.#blockRate ? reason !== 'ACCOUNT_THROTTLED' : reason !== 'RESOURCE_LEVEL_THROTTLE') rate.slowDown()
    }
  }

  #count(part: Partial<EbsStats>): void {
    addStats(this.stats, part)
    addStats(this.#account.stats, part)
  }
}
