import type { Snapshot } from '../resources.js'
import type { Account } from '../state.js'
import { lookUp, missing } from './errors.js'
import { type FilterFields, filtered } from './filters.js'
import { pageOf, refuseIdsWithPaging } from './paging.js'
import type { Ec2Query } from './query.js'
import { list, tagSet, type Xml } from './xml.js'

/** DescribeSnapshots: docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSnapshots.html */
export function describeSnapshots(query: Ec2Query, account: Account): Xml {
  refuseIdsWithPaging(query, 'SnapshotId')
  const ids = query.texts('SnapshotId')
  const chosen = ids.length > 0 ? lookUp('snapshot', [...new Set(ids)], account.snapshots) : [...account.snapshots.values()]
  const owners = query.texts('Owner')
  const owned = owners.length === 0 || owners.includes('self') || owners.includes(account.accountId) ? chosen : []
  const { items, nextToken } = pageOf(filtered(owned, query, fieldsOf(account)), query)
  return { snapshotSet: list(items.map((snapshot) => describedXml(snapshot, account))), nextToken }
}

/** DeleteSnapshot: docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSnapshot.html */
export function deleteSnapshot(query: Ec2Query, account: Account): () => Xml {
  const snapshotId = query.text('SnapshotId')
  if (snapshotId === undefined || snapshotId === '') throw missing('snapshotId')
  lookUp('snapshot', [snapshotId], account.snapshots)
  return () => {
    account.snapshots.delete(snapshotId)
    return { return: true }
  }
}

/** What the answers of CreateSnapshots and DescribeSnapshots share. */
export function snapshotXml(snapshot: Snapshot, account: Account): Xml {
  const { snapshotId, volume, description, tags, startedAt } = snapshot
  return {
    snapshotId,
    volumeId: volume.volumeId,
    volumeSize: volume.sizeGiB,
    description,
    startTime: new Date(startedAt).toISOString(),
    progress: `${account.statusOf(snapshot).progress}%`,
    ownerId: account.accountId,
    encrypted: volume.kmsKeyArn !== undefined,
    tagSet: tagSet(tags),
  }
}

function describedXml(snapshot: Snapshot, account: Account): Xml {
  const { state } = account.statusOf(snapshot)
  return {
    ...snapshotXml(snapshot, account),
    status: state,
    statusMessage: state === 'error' ? 'The snapshot could not be created' : undefined,
    kmsKeyId: snapshot.volume.kmsKeyArn,
    storageTier: 'standard',
  }
}

function fieldsOf(account: Account): FilterFields<Snapshot> {
  return {
    'snapshot-id': ({ snapshotId }) => [snapshotId],
    'volume-id': ({ volume }) => [volume.volumeId],
    'volume-size': ({ volume }) => [String(volume.sizeGiB)],
    'owner-id': () => [account.accountId],
    'start-time': ({ startedAt }) => [new Date(startedAt).toISOString()],
    'storage-tier': () => ['standard'],
    description: ({ description }) => [description],
    encrypted: ({ volume }) => [String(volume.kmsKeyArn !== undefined)],
    progress: (snapshot) => [`${account.statusOf(snapshot).progress}%`],
    status: (snapshot) => [account.statusOf(snapshot).state],
  }
}
