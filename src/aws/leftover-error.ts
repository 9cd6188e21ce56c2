import { messageOf, ScanError } from '../errors.js'
import type { SnapshotsOutcome } from '../model.js'

/** A scan failed (`cause` says why), and snapshots that it made may still be in the account. */
export class LeftoverError extends ScanError {
  override readonly name = 'LeftoverError'
  readonly code = 'AWS'
  readonly snapshots: SnapshotsOutcome

  constructor(cause: unknown, snapshots: SnapshotsOutcome) {
    super(`${messageOf(cause)}; ${describeLeftovers(snapshots)}`, { cause })
    this.snapshots = snapshots
  }
}

/** One line that names what may be left in the account and what to do; empty where nothing is. */
export function describeLeftovers({ scanId, leftover, unverified }: SnapshotsOutcome): string {
  const parts = leftover.map(({ snapshotId, reason }) => `snapshot ${snapshotId} could not be deleted (${reason})`)
  if (unverified !== undefined)
    parts.push(`whether more snapshots with the tag InspectorScan=${scanId} are left is not known (${unverified})`)
  if (parts.length > 0) parts.push('delete them by hand, or let a sweep do it later')
  return parts.join('; ')
}
