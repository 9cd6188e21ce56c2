import { AwsError } from '../errors.js'
import type { Clock } from './clock.js'
import type { Snapshot } from './ec2-types.js'
import { classifyCall, mayHaveHappened } from './failure.js'

/** How often a kind of failure is met with another request, and the wait before it in milliseconds. */
interface Patience {
  readonly times: number
  readonly waitMs: number
}

// docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html: the SDK knows none of these to be worth a retry.
const BUSY: ReadonlyMap<string, Patience> = new Map([
  // "Wait at least 15 seconds between concurrent volume snapshots."
  ['SnapshotCreationPerVolumeRateExceeded', { times: 8, waitMs: 15_000 }],
  // Five pending snapshots of one volume (one for st1 and sc1): over when one of them completes.
  ['ConcurrentSnapshotLimitExceeded', { times: 20, waitMs: 30_000 }],
  ['PendingSnapshotLimitExceeded', { times: 10, waitMs: 60_000 }],
])
const THROTTLED: Patience = { times: 10, waitMs: 2_000 }
const TRANSIENT: Patience = { times: 3, waitMs: 2_000 }
/** Waits are stretched by up to this share, so that scans held up together do not come back together. */
const JITTER = 0.5

export interface CreateOptions {
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
  /** One request. */
  readonly create: () => Promise<Snapshot[]>
  /** What a request that went unanswered has made, once EC2 has had time to show it. */
  readonly lookUp: () => Promise<Snapshot[]>
}

/**
 * CreateSnapshots with the patience its errors ask for. The call is not idempotent (it takes no client token), so after an answer that was lost the
 * snapshots are looked for before it is sent again: there is never a second set.
 * @throws AwsError, or the reason of `signal`
 */
export async function createPatiently({ clock, signal, create, lookUp }: CreateOptions): Promise<Snapshot[]> {
  const failures = new Map<Patience, number>()
  for (;;) {
    signal?.throwIfAborted()
    try {
      return await create()
    } catch (error) {
      if (mayHaveHappened(error)) {
        const found = await lookUp()
        if (found.length > 0) return found
      }
      const patience = patienceWith(error)
      const times = patience ? (failures.get(patience) ?? 0) : 0
      if (!patience || times >= patience.times) throw error
      failures.set(patience, times + 1)
      await clock.sleep(patience.waitMs * (1 + Math.random() * JITTER), signal)
    }
  }
}

function patienceWith(error: unknown): Patience | undefined {
  const busy = error instanceof AwsError ? BUSY.get(error.awsCode) : undefined
  if (busy) return busy
  const verdict = classifyCall(error)
  if (verdict === 'throttled') return THROTTLED
  return verdict === 'transient' ? TRANSIENT : undefined
}
