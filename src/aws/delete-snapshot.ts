import { messageOf } from '../errors.js'
import type { Ec2 } from './ec2-types.js'
import { classifyCall, hasCode } from './failure.js'
import { retry } from './retry.js'

/**
 * Delete a snapshot; one that is gone counts as deleted. Every refusal is retried, also those that look final: permissions by tag take a moment
 * to apply, and a snapshot left behind costs more than a few requests.
 * @returns why it is still there, or undefined where it is not; never rejects
 */
export async function deleteSnapshot(ec2: Ec2, snapshotId: string, signal?: AbortSignal): Promise<string | undefined> {
  try {
    await retry(() => ec2.deleteSnapshot(snapshotId, signal), {
      classify: (error) => {
        if (hasCode(error, GONE)) return 'fatal'
        return classifyCall(error) === 'throttled' ? 'throttled' : 'transient'
      },
      signal,
    })
    return undefined
  } catch (error) {
    if (hasCode(error, GONE)) return undefined
    return signal?.aborted ? 'the time for cleaning up ran out' : messageOf(error)
  }
}

const GONE = 'InvalidSnapshot.NotFound'
