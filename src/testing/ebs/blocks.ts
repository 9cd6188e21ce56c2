import { createHash } from 'node:crypto'
import type { Snapshot } from '../resources.js'
import type { Account } from '../state.js'
import { type Answer, ServiceError } from '../wire.js'
import { invalid } from './errors.js'
import type { Tokens } from './tokens.js'

/**
 * A snapshot whose blocks can be read.
 * @throws ServiceError where there is none of that id, or it is not completed.
 */
export function readableSnapshot(account: Account, snapshotId: string): Snapshot {
  if (!/^snap-[0-9a-f]{1,59}$/.test(snapshotId)) throw invalid('INVALID_SNAPSHOT_ID', `The snapshot ID '${snapshotId}' is not valid`)
  const snapshot = account.snapshots.get(snapshotId)
  if (!snapshot) {
    throw new ServiceError('ResourceNotFoundException', `The snapshot '${snapshotId}' does not exist.`, 404, 'SNAPSHOT_NOT_FOUND')
  }
  const { state } = account.statusOf(snapshot)
  if (state !== 'completed') {
    throw invalid('INVALID_SNAPSHOT_ID', `The snapshot '${snapshotId}' is in state '${state}', not 'completed'`)
  }
  return snapshot
}

/** GetSnapshotBlock: docs.aws.amazon.com/ebs/latest/APIReference/API_GetSnapshotBlock.html */
export async function getSnapshotBlock(
  snapshot: Snapshot,
  blockIndex: number,
  blockToken: string | null,
  tokens: Tokens,
  oldestToken: number,
): Promise<Answer> {
  const issuedAt = blockToken === null ? undefined : tokens.blockTokenIssuedAt(blockToken, snapshot.snapshotId, blockIndex)
  if (issuedAt === undefined) throw invalid('INVALID_BLOCK_TOKEN', 'The block token is not valid')
  if (issuedAt < oldestToken) throw invalid('INVALID_BLOCK_TOKEN', 'The block token has expired')
  const body = await snapshot.image.readBlock(blockIndex)
  return {
    status: 200,
    headers: {
      'content-type': 'application/octet-stream',
      'x-amz-data-length': String(body.length),
      'x-amz-checksum': createHash('sha256').update(body).digest('base64'),
      'x-amz-checksum-algorithm': 'SHA256',
    },
    body,
  }
}
