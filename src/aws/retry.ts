import { sleep } from './abort.js'

/**
 * - `fatal` asking again is no use
 * - `transient` the service or the way to it failed
 * - `throttled` too many requests: met with more patience
 * - `absent` not there, but may be soon: retried until the classifier calls it fatal
 */
export type Verdict = 'fatal' | 'transient' | 'throttled' | 'absent'

/** Failures of one kind that end in success if none follows, and the exponential backoff between them in milliseconds. */
const BACKOFF: Readonly<Record<Exclude<Verdict, 'fatal'>, { readonly failures: number; readonly baseMs: number; readonly capMs: number }>> =
  {
    transient: { failures: 7, baseMs: 100, capMs: 5_000 },
    throttled: { failures: 15, baseMs: 100, capMs: 10_000 },
    absent: { failures: Number.POSITIVE_INFINITY, baseMs: 500, capMs: 5_000 },
  }

export interface RetryOptions {
  readonly classify: (error: unknown) => Verdict
  /** Called before the wait for another attempt. */
  readonly onRetry?: (verdict: Verdict, error: unknown) => void
  readonly signal?: AbortSignal | undefined
}

/**
 * Call `attempt` until it succeeds, with full-jitter exponential backoff
 * (aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter).
 * @throws the last attempt's error, or `signal.reason`
 */
export async function retry<T>(attempt: () => Promise<T>, { classify, onRetry, signal }: RetryOptions): Promise<T> {
  const failures = { transient: 0, throttled: 0, absent: 0 }
  for (;;) {
    signal?.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      signal?.throwIfAborted()
      const verdict = classify(error)
      if (verdict === 'fatal' || failures[verdict] >= BACKOFF[verdict].failures) throw error
      onRetry?.(verdict, error)
      const { baseMs, capMs } = BACKOFF[verdict]
      await sleep(Math.random() * Math.min(capMs, baseMs * 2 ** failures[verdict]++), signal)
    }
  }
}
