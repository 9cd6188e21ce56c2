import type { ProgressEvent } from '../model.js'
import type { Clock } from './clock.js'
import type { Ec2, Snapshot } from './ec2-types.js'
import { hasCode } from './failure.js'

const FIRST_POLL_MS = 1_000
const SLOWEST_POLL_MS = 15_000
const POLL_GROWTH = 1.5
/** How long a snapshot may be unknown to DescribeSnapshots, whose listings lag behind, before it counts as gone. */
const UNKNOWN_MS = 60_000

export interface WaitOptions {
  readonly ec2: Ec2
  readonly clock: Clock
  readonly signal?: AbortSignal
  readonly onProgress?: (event: ProgressEvent) => void
}

/**
 * Wait until every snapshot is completed or can no longer be. An own poller: the SDK's waiter takes every error for "not yet", also AccessDenied.
 * @returns why, for each snapshot that will not be completed
 * @throws AwsError, or the reason of `signal`
 */
export async function waitForSnapshots(snapshotIds: readonly string[], options: WaitOptions): Promise<Map<string, string>> {
  const { ec2, clock, signal, onProgress } = options
  const failures = new Map<string, string>()
  const progress = new Map(snapshotIds.map((id) => [id, 0]))
  const lastKnown = new Map(snapshotIds.map((id) => [id, clock.now()]))
  const pending = new Set(snapshotIds)
  for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(SLOWEST_POLL_MS, pollMs * POLL_GROWTH)) {
    const found = new Map((await describe(ec2, [...pending], signal)).map((snapshot) => [snapshot.snapshotId, snapshot]))
    for (const id of pending) {
      const snapshot = found.get(id)
      const failure = snapshot ? failureOf(snapshot) : unknownFor(clock.now() - lastKnown.get(id)!)
      if (snapshot) {
        lastKnown.set(id, clock.now())
        progress.set(id, snapshot.state === 'completed' ? 100 : snapshot.progress)
      }
      if (failure !== undefined) failures.set(id, failure)
      if (failure !== undefined || snapshot?.state === 'completed') pending.delete(id)
    }
    const total = snapshotIds.length
    const percent = Math.floor([...progress.values()].reduce((sum, value) => sum + value, 0) / Math.max(1, total))
    onProgress?.({ phase: 'wait', completed: total - pending.size - failures.size, total, percent })
    if (pending.size === 0) return failures
    await clock.sleep(pollMs, signal)
  }
}

async function describe(ec2: Ec2, ids: readonly string[], signal?: AbortSignal): Promise<Snapshot[]> {
  try {
    return await ec2.findSnapshots({ name: 'snapshot-id', values: ids }, signal)
  } catch (error) {
    if (hasCode(error, 'InvalidSnapshot.NotFound')) return []
    throw error
  }
}

function failureOf({ state, stateMessage }: Snapshot): string | undefined {
  if (state === 'pending' || state === 'completed') return undefined
  return `the snapshot ended in state ${state}${stateMessage ? `: ${stateMessage}` : ''}`
}

function unknownFor(milliseconds: number): string | undefined {
  return milliseconds < UNKNOWN_MS ? undefined : 'the snapshot has vanished'
}
