import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RateLimit } from '../../src/aws/rate-limit.js'

/** Requests that `callers` who ask without pause get through in so many milliseconds. */
async function passed(limit: RateLimit, milliseconds: number, callers = 64): Promise<number> {
  const end = performance.now() + milliseconds
  let count = 0
  const asking = Array.from({ length: callers }, async () => {
    for (;;) {
      await limit.take()
      if (performance.now() >= end) return
      count++
    }
  })
  await vi.advanceTimersByTimeAsync(milliseconds + 5_000)
  await Promise.all(asking)
  return count
}

describe('RateLimit', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('lets through its rate, and in no second much more', async () => {
    const limit = new RateLimit(900)
    expect(await passed(limit, 1_000)).toBeGreaterThan(895)
    await vi.advanceTimersByTimeAsync(60_000)
    const afterPause = await passed(limit, 1_000)
    expect(afterPause).toBeGreaterThan(895)
    expect(afterPause).toBeLessThanOrEqual(991)
    expect(await passed(new RateLimit(45), 10_000)).toBeLessThanOrEqual(455)
  })

  it('gives way by a factor, once for all the answers of a second', async () => {
    const limit = new RateLimit(900)
    for (let i = 0; i < 50; i++) limit.slowDown()
    expect(limit.rate).toBeCloseTo(630)
    await vi.advanceTimersByTimeAsync(1_000)
    limit.slowDown()
    expect(limit.rate).toBeCloseTo((630 + 90) * 0.7)
    expect(await passed(limit, 1_000)).toBeLessThan(700)
  })

  it('grows back by the same step each second, no further than its rate', async () => {
    const limit = new RateLimit(1000)
    limit.slowDown()
    expect(limit.rate).toBeCloseTo(700)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(limit.rate).toBeCloseTo(900)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(limit.rate).toBe(1000)
  })

  it('always keeps a little', async () => {
    const limit = new RateLimit(1000)
    for (let i = 0; i < 100; i++) {
      limit.slowDown()
      await vi.advanceTimersByTimeAsync(1_000)
    }
    expect(limit.rate).toBeGreaterThanOrEqual(20)
    expect(await passed(limit, 1_000)).toBeGreaterThan(20)
  })

  it('lets go of who aborts', async () => {
    const limit = new RateLimit(1)
    await limit.take()
    const abort = new AbortController()
    const waiting = limit.take(abort.signal)
    abort.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })
})
