import { ConfigError, LimitError } from '../errors.js'
import { onAbort } from './abort.js'

/** A signal that aborts with the caller's, or when its time is up. */
export interface Deadline {
  readonly signal: AbortSignal
  /** True where the time limit ended it, not the caller. */
  readonly expired: boolean
  /** Stop watching: call it when the work is done. */
  close(): void
}

export function openDeadline(timeoutMs: number | undefined, signal?: AbortSignal): Deadline {
  if (timeoutMs !== undefined && !(timeoutMs > 0)) throw new ConfigError(`timeoutMs must be above 0, not ${timeoutMs}`)
  const controller = new AbortController()
  const timeUp = new LimitError('milliseconds for the scan', timeoutMs ?? 0)
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => controller.abort(timeUp), timeoutMs)
  if (signal?.aborted) controller.abort(signal.reason)
  const off = onAbort(signal, () => controller.abort(signal?.reason))
  return {
    signal: controller.signal,
    get expired() {
      return controller.signal.reason === timeUp
    },
    close: () => {
      clearTimeout(timer)
      off()
    },
  }
}
