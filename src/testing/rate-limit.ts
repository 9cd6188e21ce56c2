/** A token bucket that holds one second's worth of calls. */
export class RateLimit {
  readonly #perSecond: number
  readonly #now: () => number
  #tokens: number
  #refilledAt: number

  constructor(perSecond: number, now: () => number) {
    this.#perSecond = perSecond
    this.#now = now
    this.#tokens = perSecond
    this.#refilledAt = now()
  }

  /** Whether one more call is allowed now. */
  admit(): boolean {
    const now = this.#now()
    this.#tokens = Math.min(this.#perSecond, this.#tokens + ((now - this.#refilledAt) / 1000) * this.#perSecond)
    this.#refilledAt = now
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}
