import { sleep } from './abort.js'

/** What may be sent ahead at once after a pause, in milliseconds' worth of the rate: service quotas count whole seconds. */
const BURST_MS = 100
/** Answers to requests sent before a slow-down still arrive after it, so a throttle counts once in this time. */
const SLOW_EVERY_MS = 1_000
const SLOW_FACTOR = 0.7
/** Share of the full rate that comes back per second. */
const GROWTH_PER_SECOND = 0.1
/** Share of the full rate that is always kept. */
const FLOOR = 0.02

/** A token bucket that gives way when throttled: multiplicative decrease, additive growth back to `perSecond`. */
export class RateLimit {
  readonly #most: number
  #rate: number
  /** When the last request taken so far is due, on the clock of `performance.now()`. */
  #due = Number.NEGATIVE_INFINITY
  #grownAt = 0
  #slowedAt = Number.NEGATIVE_INFINITY

  constructor(perSecond: number) {
    this.#most = perSecond
    this.#rate = perSecond
  }

  /** Requests per second at present. */
  get rate(): number {
    const now = performance.now()
    this.#rate = Math.min(this.#most, this.#rate + (this.#most * GROWTH_PER_SECOND * (now - this.#grownAt)) / 1000)
    this.#grownAt = now
    return this.#rate
  }

  /** Resolves when the next request may be sent. */
  async take(signal?: AbortSignal): Promise<void> {
    const now = performance.now()
    const step = 1000 / this.rate
    this.#due = Math.max(this.#due, now - Math.max(BURST_MS, step)) + step
    if (this.#due > now) await sleep(Math.ceil(this.#due - now), signal)
  }

  /** Tell of a throttled request. */
  slowDown(): void {
    const now = performance.now()
    if (now - this.#slowedAt < SLOW_EVERY_MS) return
    this.#slowedAt = now
    this.#rate = Math.max(this.#most * FLOOR, this.rate * SLOW_FACTOR)
  }
}
