import { sleep } from './abort.js'

/** Time as the life cycle of snapshots sees it; tests put their own in its place. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after `milliseconds`; rejects with the reason of `signal` when that comes first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = { now: Date.now, sleep }
