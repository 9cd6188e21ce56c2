/** Records, or entries of records, that could not be used. */
export interface Rejection {
  readonly reason: string
  readonly count: number
  /** The first of them: an id, or the file it is in. */
  readonly example: string
}

/** Counts what could not be used, by reason. */
export class RejectionCounter {
  readonly #reasons = new Map<string, { count: number; example: string }>()

  add(reason: string, example: string): void {
    const known = this.#reasons.get(reason)
    if (known) known.count++
    else this.#reasons.set(reason, { count: 1, example })
  }

  /** Most frequent first. */
  list(): Rejection[] {
    return [...this.#reasons].map(([reason, counted]) => ({ reason, ...counted })).sort((a, b) => b.count - a.count)
  }
}
