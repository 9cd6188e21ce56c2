import pLimit from 'p-limit'
import { messageOf } from '../errors.js'
import type { LeftoverSnapshot, ProgressEvent, SnapshotsOutcome } from '../model.js'
import type { Clock } from './clock.js'
import { createPatiently } from './create-snapshots.js'
import { deleteSnapshot } from './delete-snapshot.js'
import type { Ec2, Snapshot, SnapshotRequest } from './ec2-types.js'

/** After these waits, in milliseconds, EC2 is asked what became of an unanswered CreateSnapshots: its listings lag behind. */
const SETTLE_MS = [1_000, 3_000, 6_000]

/** DeleteSnapshot allows bursts of 100 and 5 a second (EC2 request throttling). */
const DELETIONS_AT_ONCE = 5

export interface SnapshotSetOptions {
  readonly ec2: Ec2
  readonly clock: Clock
  readonly scanId: string
  /** The scan id is the caller's, so an earlier attempt at the same request may have left its snapshots. */
  readonly mayExist: boolean
  /** Bound of `remove` in milliseconds. */
  readonly cleanupTimeoutMs: number
}

/** The snapshots of one scan, from their creation to the last one's deletion. */
export class SnapshotSet {
  readonly #options: SnapshotSetOptions
  readonly #created = new Set<string>()
  readonly #deleted = new Set<string>()
  readonly #leftover = new Map<string, string>()
  #requested = false
  /** A request went unanswered, and its snapshots have not been seen. */
  #uncertain = false
  /** The volumes that a whole set has snapshots of. */
  #volumeIds: readonly string[] = []

  constructor(options: SnapshotSetOptions) {
    this.#options = options
  }

  /**
   * One set of snapshots: those of an earlier attempt where they cover every volume, else new ones.
   * @throws AwsError, or the reason of `signal`; `remove` is due then as well
   */
  async create(request: SnapshotRequest, volumeIds: readonly string[], signal?: AbortSignal): Promise<Snapshot[]> {
    this.#volumeIds = volumeIds
    if (this.#options.mayExist) {
      const found = await this.#find(signal)
      if (this.#isWhole(found)) return found
      // A set that was partly deleted, or failed, is of no use; and there are never two.
      await this.#delete(this.#remaining(), signal)
    }
    return createPatiently({
      clock: this.#options.clock,
      signal,
      create: () => this.#request(request),
      lookUp: () => this.#settle(signal),
    })
  }

  /**
   * Delete every snapshot of this scan, those known and those that EC2 finds by its tag. Never rejects, and heeds no signal but its own time
   * limit: an aborted scan must clean up as well.
   */
  async remove(onProgress?: (event: ProgressEvent) => void): Promise<SnapshotsOutcome> {
    const { scanId, mayExist, cleanupTimeoutMs } = this.#options
    let unverified: string | undefined
    if (this.#requested || mayExist) {
      const signal = AbortSignal.timeout(cleanupTimeoutMs)
      this.#leftover.clear()
      await this.#delete(this.#remaining(), signal, onProgress)
      try {
        await (this.#uncertain ? this.#settle(signal) : this.#find(signal))
      } catch (error) {
        // What was not asked for here, an earlier attempt has to answer for.
        if (this.#requested) unverified = messageOf(error)
      }
      await this.#delete(this.#remaining(), signal, onProgress)
    }
    const leftover: LeftoverSnapshot[] = [...this.#leftover].map(([snapshotId, reason]) => ({ snapshotId, reason }))
    return { scanId, created: [...this.#created], deleted: [...this.#deleted], leftover, ...(unverified !== undefined && { unverified }) }
  }

  async #request(request: SnapshotRequest): Promise<Snapshot[]> {
    this.#requested = true
    return this.#remember(await this.#options.ec2.createSnapshots(request))
  }

  /** Look until a whole set is there or EC2 has had time to show what there is. */
  async #settle(signal?: AbortSignal): Promise<Snapshot[]> {
    this.#uncertain = true
    let found: Snapshot[] = []
    for (const milliseconds of SETTLE_MS) {
      await this.#options.clock.sleep(milliseconds, signal)
      found = await this.#find(signal)
      if (!this.#isWhole(found)) continue
      this.#uncertain = false
      break
    }
    return found
  }

  async #find(signal?: AbortSignal): Promise<Snapshot[]> {
    const { ec2, scanId } = this.#options
    const found = this.#remember(await ec2.findSnapshots({ name: 'tag:InspectorScan', values: [scanId] }, signal))
    // Listings lag behind deletions as well.
    return found.filter(({ snapshotId }) => !this.#deleted.has(snapshotId))
  }

  #remember(snapshots: Snapshot[]): Snapshot[] {
    for (const { snapshotId } of snapshots) this.#created.add(snapshotId)
    return snapshots
  }

  #remaining(): string[] {
    return [...this.#created].filter((id) => !this.#deleted.has(id) && !this.#leftover.has(id))
  }

  async #delete(snapshotIds: readonly string[], signal?: AbortSignal, onProgress?: (event: ProgressEvent) => void): Promise<void> {
    const limit = pLimit(DELETIONS_AT_ONCE)
    await limit.map([...snapshotIds], async (snapshotId) => {
      const refusal = await deleteSnapshot(this.#options.ec2, snapshotId, signal)
      if (refusal === undefined) this.#deleted.add(snapshotId)
      else this.#leftover.set(snapshotId, refusal)
      try {
        onProgress?.({ phase: 'delete', deleted: this.#deleted.size, total: this.#created.size })
      } catch {
        // A listener that fails must not keep the other snapshots alive.
      }
    })
  }

  #isWhole(snapshots: readonly Snapshot[]): boolean {
    const good = new Set(snapshots.filter(({ state }) => state === 'pending' || state === 'completed').map(({ volumeId }) => volumeId))
    return this.#volumeIds.every((volumeId) => good.has(volumeId))
  }
}
