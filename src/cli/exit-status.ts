import type { ScanResult, Severity } from '../index.js'
import { discontinuedSystems } from '../report/discontinued.js'

/** What the exit status of the command says. */
export const ExitStatus = {
  complete: 0,
  failed: 1,
  usage: 2,
  incomplete: 3,
  findings: 4,
} as const

/** The command line asks for what does not go together. */
export class UsageError extends Error {}

/** Severities that `--fail-on` takes, from the worst on. A finding that nobody rated (`unknown`) is at or above none of them. */
export const THRESHOLDS: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'negligible']

/**
 * Of a finished scan. Where something was left unread, that comes before the findings: a threshold that was not reached would mean nothing,
 * and whoever reads the status first has to make the scan complete.
 */
export function exitStatus(result: ScanResult, failOn: Severity | undefined): number {
  if (result.status !== 'complete') return ExitStatus.incomplete
  if (failOn === undefined) return ExitStatus.complete
  const bad = THRESHOLDS.slice(0, THRESHOLDS.indexOf(failOn) + 1)
  const found = [...discontinuedSystems(result), ...result.findings]
  return found.some(({ severity }) => bad.includes(severity)) ? ExitStatus.findings : ExitStatus.complete
}
