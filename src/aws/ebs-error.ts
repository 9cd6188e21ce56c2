import { AwsError, IoError } from '../errors.js'
import { classifyCall, describeFailure } from './failure.js'
import type { Verdict } from './retry.js'

export type EbsAction = 'ebs:ListSnapshotBlocks' | 'ebs:GetSnapshotBlock'

/** A call of the EBS direct APIs failed; the message names the snapshot, and the block if it was about one. */
export class EbsError extends AwsError {
  readonly snapshotId: string
  /** The service's `Reason`: `DEPENDENCY_ACCESS_DENIED`, `SNAPSHOT_NOT_FOUND`, … */
  readonly reason: string | undefined

  /** @param what the snapshot, or the block of it, that was asked for */
  constructor(action: EbsAction, snapshotId: string, what: string, thrown: unknown) {
    const { awsCode, message, cause } = describeFailure(action, thrown)
    const reason = 'Reason' in cause && typeof cause.Reason === 'string' ? cause.Reason : undefined
    super(action, awsCode, `${what}: ${message}${reason === undefined ? '' : ` (${reason})`}`, { cause })
    this.snapshotId = snapshotId
    this.reason = reason
  }

  /** The caller may read the snapshot, but not decrypt it with its KMS key. */
  get isKeyAccessDenied(): boolean {
    return this.awsCode === 'AccessDeniedException' && this.reason === 'DEPENDENCY_ACCESS_DENIED'
  }
}

/** What to do about a failed attempt. docs.aws.amazon.com/ebs/latest/userguide/error-retries.html */
export function classify(error: unknown): Verdict {
  // A body that does not fit its checksum: the service says to ask for it again.
  if (error instanceof IoError) return 'transient'
  if (error instanceof EbsError && error.awsCode === 'ResourceNotFoundException') return 'absent'
  return classifyCall(error)
}

/** The block token has expired or was never valid: a new listing gives another. */
export function isTokenRefused(error: unknown): boolean {
  return error instanceof EbsError && error.reason === 'INVALID_BLOCK_TOKEN'
}

/** The token of a page has expired. */
export function isPageTokenRefused(error: unknown): boolean {
  return error instanceof EbsError && error.reason === 'INVALID_PAGE_TOKEN'
}
