import { ScanError } from '../errors.js'
import type { Issue } from '../model.js'

const MAX_ISSUES = 200

/** What was found damaged in one filesystem: each problem once, and a bounded number of them. */
export class IssueLog {
  readonly issues: Issue[] = []
  readonly #filesystem: string
  readonly #seen = new Set<string>()

  /** `filesystem`: its UUID. */
  constructor(filesystem: string) {
    this.#filesystem = filesystem
  }

  /** `incomplete`: something that could hold files or names stays unread for it. */
  add(problem: Error | string, incomplete: boolean): void {
    const message = typeof problem === 'string' ? problem : problem.message
    if (this.#seen.has(message) || this.#seen.size > MAX_ISSUES) return
    this.#seen.add(message)
    const full = this.#seen.size > MAX_ISSUES
    this.issues.push({
      stage: 'filesystem',
      code: full ? 'LIMIT' : problem instanceof ScanError ? problem.code : 'CORRUPT',
      message: full ? `more than ${MAX_ISSUES} problems: the rest is not listed` : message,
      where: { filesystem: this.#filesystem },
      incomplete: full || incomplete,
    })
  }
}
