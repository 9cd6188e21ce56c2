import { setMaxListeners } from 'node:events'

/** Run `listener` when `signal` aborts; returns what takes it off again. */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (!signal) return () => undefined
  // One signal ends hundreds of requests in flight, each with a listener: no sign of a leak.
  setMaxListeners(0, signal)
  signal.addEventListener('abort', listener, { once: true })
  return () => signal.removeEventListener('abort', listener)
}

/** `promise`, or a rejection with `signal.reason` as soon as the signal aborts. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const off = onAbort(signal, () => reject(signal.reason))
    if (signal.aborted) reject(signal.reason)
    promise.then(resolve, reject).finally(off)
  })
}

/** Wait; rejects with `signal.reason` as soon as the signal aborts. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const off = onAbort(signal, () => {
      clearTimeout(timer)
      reject(signal!.reason)
    })
    const timer = setTimeout(() => {
      off()
      resolve()
    }, milliseconds)
  })
}

/** `run` got no answer in time. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError'
}

/** `run` with a signal that also aborts after `milliseconds`; ends then even where `run` does not heed it. */
export function withinTime<T>(milliseconds: number, signal: AbortSignal | undefined, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const attempt = new AbortController()
    const stop = (reason: unknown): void => {
      reject(reason)
      attempt.abort(reason)
    }
    const timer = setTimeout(() => stop(new TimeoutError(`no answer within ${milliseconds} ms`)), milliseconds)
    const off = onAbort(signal, () => stop(signal!.reason))
    run(attempt.signal)
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer)
        off()
      })
  })
}
