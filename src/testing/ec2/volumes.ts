import type { Attachment, Volume } from '../resources.js'
import type { Account } from '../state.js'
import { lookUp } from './errors.js'
import { type FilterFields, filtered } from './filters.js'
import { pageOf, refuseIdsWithPaging } from './paging.js'
import type { Ec2Query } from './query.js'
import { list, tagSet, type Xml } from './xml.js'

const FIELDS: FilterFields<Volume> = {
  'volume-id': ({ volumeId }) => [volumeId],
  'attachment.instance-id': ({ attachments }) => attachments.map(({ instanceId }) => instanceId),
  'attachment.device': ({ attachments }) => attachments.map(({ device }) => device),
  'attachment.status': ({ attachments }) => attachments.map(() => 'attached'),
  encrypted: ({ kmsKeyArn }) => [String(kmsKeyArn !== undefined)],
  size: ({ sizeGiB }) => [String(sizeGiB)],
  status: () => ['in-use'],
  'volume-type': ({ volumeType }) => [volumeType],
}

/** DescribeVolumes: docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVolumes.html */
export function describeVolumes(query: Ec2Query, account: Account): Xml {
  refuseIdsWithPaging(query, 'VolumeId')
  const ids = query.texts('VolumeId')
  const chosen = ids.length > 0 ? lookUp('volume', [...new Set(ids)], account.volumes) : [...account.volumes.values()]
  const { items, nextToken } = pageOf(filtered(chosen, query, FIELDS), query)
  return { volumeSet: list(items.map((volume) => volumeXml(volume, account))), nextToken }
}

function volumeXml(volume: Volume, account: Account): Xml {
  return {
    volumeId: volume.volumeId,
    size: volume.sizeGiB,
    snapshotId: '',
    availabilityZone: `${account.region}a`,
    status: 'in-use',
    createTime: new Date(volume.createdAt).toISOString(),
    attachmentSet: list(volume.attachments.map((attachment) => attachmentXml(attachment, volume))),
    tagSet: tagSet(volume.tags),
    volumeType: volume.volumeType,
    encrypted: volume.kmsKeyArn !== undefined,
    kmsKeyId: volume.kmsKeyArn,
    multiAttachEnabled: volume.attachments.length > 1,
  }
}

function attachmentXml({ instanceId, device }: Attachment, { volumeId, createdAt }: Volume): Xml {
  const attachTime = new Date(createdAt).toISOString()
  return { volumeId, instanceId, device, status: 'attached', attachTime, deleteOnTermination: true }
}
