import type { Instance, Snapshot, Volume } from '../resources.js'
import type { Account } from '../state.js'
import { ServiceError } from '../wire.js'
import { invalidValue, lookUp, missing } from './errors.js'
import type { Ec2Query } from './query.js'
import { snapshotXml } from './snapshots.js'
import { readTags } from './tags.js'
import { list, type Xml } from './xml.js'

const MAX_EXCLUSIONS = 40

/**
 * CreateSnapshots: docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSnapshots.html
 *
 * Not idempotent: every call makes a set of its own. Where one snapshot of a set fails, all of it does.
 */
export function createSnapshots(query: Ec2Query, account: Account, failingVolumes: ReadonlySet<string>): () => Xml {
  const instanceId = query.text('InstanceSpecification.InstanceId')
  if (instanceId === undefined) throw missing('InstanceSpecification.InstanceId')
  const instance = lookUp('instance', [instanceId], account.instances)[0]!
  if (instance.state === 'shutting-down' || instance.state === 'terminated') {
    throw new ServiceError('IncorrectState', `The instance '${instanceId}' is in state '${instance.state}'`)
  }
  const volumes = volumesToSnapshot(instance, query, account)
  const tags = tagsForSnapshots(query)
  const copyTags = query.text('CopyTagsFromSource')
  if (copyTags !== undefined && copyTags !== 'volume')
    throw invalidValue(`Value (${copyTags}) for parameter CopyTagsFromSource is invalid.`)
  const description = query.text('Description') ?? ''
  return () => {
    const startedAt = account.now()
    const fails = volumes.some(({ volumeId }) => failingVolumes.has(volumeId))
    const set = volumes.map((volume): Snapshot => {
      return {
        snapshotId: account.newSnapshotId(),
        volume,
        image: volume.image,
        description,
        tags: new Map([...(copyTags === 'volume' ? volume.tags : []), ...tags]),
        startedAt,
        fails,
        sequence: account.nextSequence(),
      }
    })
    for (const snapshot of set) account.snapshots.set(snapshot.snapshotId, snapshot)
    return { snapshotSet: list(set.map((snapshot) => ({ ...snapshotXml(snapshot, account), progress: '0%', state: 'pending' }))) }
  }
}

function volumesToSnapshot({ description }: Instance, query: Ec2Query, account: Account): Volume[] {
  const { instanceId, rootDeviceName = '/dev/xvda' } = description
  const attached = account.volumesOf(instanceId)
  const isRoot = ({ attachments }: Volume) => attachments.some((at) => at.instanceId === instanceId && at.device === rootDeviceName)
  const excluded = query.texts('InstanceSpecification.ExcludeDataVolumeId')
  if (excluded.length > MAX_EXCLUSIONS) throw invalidValue(`No more than ${MAX_EXCLUSIONS} data volumes can be excluded in one request`)
  for (const volumeId of excluded) {
    const volume = attached.find((candidate) => candidate.volumeId === volumeId)
    if (!volume) throw invalidValue(`The volume '${volumeId}' is not attached to instance '${instanceId}'`)
    if (isRoot(volume)) throw invalidValue(`The volume '${volumeId}' is the root volume of instance '${instanceId}'; use ExcludeBootVolume`)
  }
  const withoutRoot = query.flag('InstanceSpecification.ExcludeBootVolume')
  const volumes = attached.filter((volume) => !excluded.includes(volume.volumeId) && !(withoutRoot && isRoot(volume)))
  if (volumes.length === 0) throw invalidValue(`The instance '${instanceId}' has no volumes to create snapshots of`)
  return volumes
}

function tagsForSnapshots(query: Ec2Query): Map<string, string> {
  const specifications = query.structures('TagSpecification')
  if (specifications.length > 1) throw invalidValue('Only one tag specification for a resource type is allowed')
  const [specification] = specifications
  if (!specification) return new Map()
  const resourceType = specification.text('ResourceType')
  if (resourceType !== 'snapshot') throw invalidValue(`'${resourceType}' is not a valid taggable resource type for this operation.`)
  return readTags(specification)
}
