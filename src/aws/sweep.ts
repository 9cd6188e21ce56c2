import pLimit from 'p-limit'
import { ConfigError } from '../errors.js'
import type { LeftoverSnapshot } from '../model.js'
import { type ClientOptions, openAws } from './clients.js'
import { type Clock, systemClock } from './clock.js'
import { deleteSnapshot } from './delete-snapshot.js'
import type { Snapshot } from './ec2-types.js'
import { isOwnSnapshot, SCAN_TAG } from './scan-id.js'

/** Longer than any scan takes, the wait for a first snapshot of a large volume included. */
const DEFAULT_AGE_HOURS = 6
const HOUR_MS = 3_600_000
const DELETIONS_AT_ONCE = 5

export interface SweepOptions extends ClientOptions {
  /**
   * Age from which a snapshot counts as orphaned; 6 by default. 0 takes every one, also those that a scan under way still needs.
   */
  readonly olderThanHours?: number
  /** Delete nothing; `deleted` tells what would be. */
  readonly dryRun?: boolean
  readonly signal?: AbortSignal
  readonly clock?: Clock
}

export interface SweepResult {
  readonly deleted: readonly SweptSnapshot[]
  readonly failed: readonly (SweptSnapshot & LeftoverSnapshot)[]
  /** Ours, but too young. Snapshots of others are never named. */
  readonly kept: readonly SweptSnapshot[]
}

export interface SweptSnapshot {
  readonly snapshotId: string
  readonly volumeId: string
  readonly scanId: string
  /** ISO 8601. */
  readonly startedAt?: string
}

/**
 * Delete the snapshots that killed scans left in an account and region. Amazon Inspector tags its own with the same key, so only those are touched
 * that carry a scan id of ours and the description that goes with it.
 * @throws AwsError where they cannot be listed, or the reason of `signal`; a snapshot that cannot be deleted is in `failed`
 */
export async function sweepOrphans(options: SweepOptions = {}): Promise<SweepResult> {
  const { olderThanHours = DEFAULT_AGE_HOURS, dryRun = false, signal, clock = systemClock } = options
  if (!(olderThanHours >= 0)) throw new ConfigError(`olderThanHours must be 0 or more, not ${olderThanHours}`)
  const { ec2 } = await openAws(options)
  const own = (await ec2.findSnapshots({ name: 'tag-key', values: [SCAN_TAG] }, signal)).filter(isOwnSnapshot)
  const bornBefore = clock.now() - olderThanHours * HOUR_MS
  // With 0 the two clocks need not agree.
  const isOrphan = ({ startedAt }: Snapshot): boolean => olderThanHours === 0 || (startedAt !== undefined && startedAt <= bornBefore)

  const deleted: SweptSnapshot[] = []
  const failed: (SweptSnapshot & LeftoverSnapshot)[] = []
  await pLimit(DELETIONS_AT_ONCE).map(own.filter(isOrphan), async (snapshot) => {
    const refusal = dryRun ? undefined : await deleteSnapshot(ec2, snapshot.snapshotId, signal)
    if (refusal === undefined) deleted.push(swept(snapshot))
    else failed.push({ ...swept(snapshot), reason: refusal })
  })
  signal?.throwIfAborted()
  return { deleted, failed, kept: own.filter((snapshot) => !isOrphan(snapshot)).map(swept) }
}

function swept({ snapshotId, volumeId, tags, startedAt }: Snapshot): SweptSnapshot {
  return {
    snapshotId,
    volumeId,
    scanId: tags[SCAN_TAG] ?? '',
    ...(startedAt !== undefined && { startedAt: new Date(startedAt).toISOString() }),
  }
}
