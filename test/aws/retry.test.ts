import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { abortable, sleep, withinTime } from '../../src/aws/abort.js'
import { retry, type Verdict } from '../../src/aws/retry.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** Attempts that fail in turn with these verdicts, then succeed. */
function failing(...verdicts: Verdict[]): {
  attempt: () => Promise<string>
  times: number[]
  options: { classify: (error: unknown) => Verdict }
} {
  const times: number[] = []
  return {
    times,
    attempt: async () => {
      times.push(performance.now())
      const verdict = verdicts[times.length - 1]
      if (verdict) throw new Error(verdict)
      return 'done'
    },
    options: { classify: (error) => (error as Error).message as Verdict },
  }
}

async function settle<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  await vi.runAllTimersAsync()
  return promise
}

describe('retry', () => {
  it('waits longer each time, by chance up to a bound that doubles', async () => {
    for (const [chance, waits] of [
      [0.999999, [100, 200, 400, 800]],
      [0.5, [50, 100, 200, 400]],
      [0, [0, 0, 0, 0]],
    ] as const) {
      vi.spyOn(Math, 'random').mockReturnValue(chance)
      const { attempt, times, options } = failing('transient', 'transient', 'transient', 'transient')
      expect(await settle(retry(attempt, options))).toBe('done')
      times.slice(1).forEach((time, i) => {
        expect(Math.abs(time - times[i]! - waits[i]!)).toBeLessThanOrEqual(2)
      })
    }
  })

  it('gives up with the last error: at once, after 8 attempts, after 16 when throttled', async () => {
    for (const [verdict, attempts] of [
      ['fatal', 1],
      ['transient', 8],
      ['throttled', 16],
    ] as const) {
      const { attempt, times, options } = failing(...new Array<Verdict>(50).fill(verdict))
      await expect(settle(retry(attempt, options))).rejects.toThrow(verdict)
      expect(times).toHaveLength(attempts)
    }
  })

  it('counts failures of each kind apart', async () => {
    const mixed = failing(...new Array<Verdict[]>(7).fill(['throttled', 'transient', 'throttled']).flat())
    expect(await settle(retry(mixed.attempt, mixed.options))).toBe('done')
    expect(mixed.times).toHaveLength(22)
  })

  it('waits for what is absent until the classifier has had enough', async () => {
    const { attempt, times, options } = failing(...new Array<Verdict>(500).fill('absent'))
    const end = performance.now() + 120_000
    const classify = (error: unknown): Verdict => (performance.now() < end ? options.classify(error) : 'fatal')
    await expect(settle(retry(attempt, { classify }))).rejects.toThrow('absent')
    expect(times.at(-1)! - times[0]!).toBeGreaterThanOrEqual(119_000)
    expect(times.at(-1)! - times[0]!).toBeLessThan(126_000)
  })

  it('tells of every retry, and of nothing else', async () => {
    const told: string[] = []
    const { attempt, options } = failing('throttled', 'transient', 'fatal')
    const retried = retry(attempt, { ...options, onRetry: (verdict, error) => told.push(`${verdict} ${(error as Error).message}`) })
    await expect(settle(retried)).rejects.toThrow('fatal')
    expect(told).toEqual(['throttled throttled', 'transient transient'])
  })

  it('ends with the reason of an abort: before, during, between attempts', async () => {
    const reason = new Error('enough')
    const before = failing()
    await expect(retry(before.attempt, { ...before.options, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(before.times).toHaveLength(0)

    const during = new AbortController()
    const attempt = async (): Promise<never> => {
      during.abort(reason)
      throw new Error('transient')
    }
    await expect(retry(attempt, { ...before.options, signal: during.signal })).rejects.toBe(reason)

    const between = new AbortController()
    const { attempt: fails, times, options } = failing(...new Array<Verdict>(50).fill('throttled'))
    setTimeout(() => between.abort(reason), 1_500)
    await expect(settle(retry(fails, { ...options, signal: between.signal }))).rejects.toBe(reason)
    expect(times.length).toBeGreaterThan(1)
  })
})

describe('withinTime', () => {
  it('gives the answer, and leaves no timer and no listener', async () => {
    const abort = new AbortController()
    const listening = vi.spyOn(abort.signal, 'addEventListener')
    const released = vi.spyOn(abort.signal, 'removeEventListener')
    expect(await withinTime(1_000, abort.signal, async () => 'answer')).toBe('answer')
    await vi.advanceTimersByTimeAsync(0)
    expect(vi.getTimerCount()).toBe(0)
    expect(released.mock.calls.map(([, listener]) => listener)).toEqual(listening.mock.calls.map(([, listener]) => listener))
  })

  it('ends an attempt that takes too long, even one that does not listen', async () => {
    let signal: AbortSignal | undefined
    const hung = withinTime(1_000, undefined, (attemptSignal) => {
      signal = attemptSignal
      return new Promise<never>(() => undefined)
    })
    await expect(settle(hung)).rejects.toMatchObject({ name: 'TimeoutError', message: 'no answer within 1000 ms' })
    expect(signal?.aborted).toBe(true)
  })

  it('ends with the reason of an abort, and tells the attempt', async () => {
    const abort = new AbortController()
    const reason = new Error('enough')
    let told: unknown
    const running = withinTime(1_000, abort.signal, (signal) => {
      signal.addEventListener('abort', () => {
        told = signal.reason
      })
      return new Promise<never>(() => undefined)
    })
    abort.abort(reason)
    await expect(running).rejects.toBe(reason)
    expect(told).toBe(reason)
    await expect(withinTime(1_000, abort.signal, async () => 'answer')).rejects.toBe(reason)
  })
})

describe('sleep and abortable', () => {
  it('end at once when aborted', async () => {
    const abort = new AbortController()
    const slept = sleep(60_000, abort.signal)
    const waited = abortable(new Promise(() => undefined), abort.signal)
    abort.abort(new Error('enough'))
    await expect(slept).rejects.toThrow('enough')
    await expect(waited).rejects.toThrow('enough')
    await expect(sleep(60_000, abort.signal)).rejects.toThrow('enough')
    await expect(abortable(new Promise(() => undefined), abort.signal)).rejects.toThrow('enough')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('give what they wait for otherwise', async () => {
    const signal = new AbortController().signal
    const start = performance.now()
    await settle(sleep(250, signal))
    expect(performance.now() - start).toBeGreaterThanOrEqual(249)
    expect(await abortable(Promise.resolve(7), signal)).toBe(7)
    await expect(abortable(Promise.reject(new Error('bad')), signal)).rejects.toThrow('bad')
  })

  it('can be waited for in great number on one signal without a warning', async () => {
    const warned = vi.fn()
    process.on('warning', warned)
    const signal = new AbortController().signal
    await settle(Promise.all(Array.from({ length: 300 }, () => sleep(10, signal))))
    vi.useRealTimers()
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', warned)
    expect(warned).not.toHaveBeenCalled()
  })
})
