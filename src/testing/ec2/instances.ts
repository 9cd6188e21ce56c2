import type { Instance } from '../resources.js'
import type { Account } from '../state.js'
import { lookUp } from './errors.js'
import { type FilterFields, filtered } from './filters.js'
import { pageOf, refuseIdsWithPaging } from './paging.js'
import type { Ec2Query } from './query.js'
import { list, tagSet, type Xml } from './xml.js'

const STATE_CODES = { pending: 0, running: 16, 'shutting-down': 32, terminated: 48, stopping: 64, stopped: 80 } as const

const FIELDS: FilterFields<Instance> = {
  'instance-id': ({ description }) => [description.instanceId],
  'instance-state-name': ({ state }) => [state],
  'instance-state-code': ({ state }) => [String(STATE_CODES[state])],
  'instance-type': (instance) => [instanceTypeOf(instance)],
  'image-id': (instance) => [imageIdOf(instance)],
  architecture: ({ description }) => [description.architecture ?? 'x86_64'],
  platform: ({ description }) => [description.platform ?? []].flat(),
  'root-device-name': ({ description }) => [description.rootDeviceName ?? '/dev/xvda'],
  'root-device-type': ({ description }) => [description.rootDeviceType ?? 'ebs'],
}

/** DescribeInstances: docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html */
export function describeInstances(query: Ec2Query, account: Account): Xml {
  refuseIdsWithPaging(query, 'InstanceId')
  const ids = query.texts('InstanceId')
  const chosen = ids.length > 0 ? lookUp('instance', [...new Set(ids)], account.instances) : [...account.instances.values()]
  const { items, nextToken } = pageOf(filtered(chosen, query, FIELDS), query)
  return { reservationSet: list(items.map((instance) => reservationXml(instance, account))), nextToken }
}

function reservationXml(instance: Instance, account: Account): Xml {
  return {
    reservationId: `r-${instance.sequence.toString(16).padStart(17, '0')}`,
    ownerId: account.accountId,
    groupSet: list([]),
    instancesSet: list([instanceXml(instance, account)]),
  }
}

function instanceXml(instance: Instance, account: Account): Xml {
  const { description, state } = instance
  const alive = state !== 'terminated'
  return {
    instanceId: description.instanceId,
    imageId: imageIdOf(instance),
    instanceState: { code: STATE_CODES[state], name: state },
    privateDnsName: '',
    dnsName: '',
    reason: '',
    amiLaunchIndex: 0,
    productCodes: list([]),
    instanceType: instanceTypeOf(instance),
    launchTime: new Date(instance.launchedAt).toISOString(),
    placement: { availabilityZone: `${account.region}a`, groupName: '', tenancy: 'default' },
    platform: description.platform,
    monitoring: { state: 'disabled' },
    subnetId: alive ? 'subnet-00000000000000001' : undefined,
    vpcId: alive ? 'vpc-00000000000000001' : undefined,
    privateIpAddress: alive ? '10.0.0.10' : undefined,
    sourceDestCheck: true,
    groupSet: list([]),
    architecture: description.architecture ?? 'x86_64',
    rootDeviceType: description.rootDeviceType ?? 'ebs',
    rootDeviceName: description.rootDeviceName ?? '/dev/xvda',
    blockDeviceMapping: list(blockDevices(instance, account)),
    virtualizationType: 'hvm',
    clientToken: '',
    tagSet: tagSet(instance.tags),
    hypervisor: 'xen',
    networkInterfaceSet: list([]),
    ebsOptimized: false,
    enaSupport: true,
    hibernationOptions: { configured: false },
    platformDetails: description.platformDetails ?? (description.platform ? 'Windows' : 'Linux/UNIX'),
    usageOperation: description.platform ? 'RunInstances:0002' : 'RunInstances',
  }
}

function blockDevices({ description: { instanceId } }: Instance, account: Account): Xml[] {
  return account.volumesOf(instanceId).flatMap(({ volumeId, createdAt, attachments }) =>
    attachments
      .filter((attachment) => attachment.instanceId === instanceId)
      .map(({ device }) => ({
        deviceName: device,
        ebs: { volumeId, status: 'attached', attachTime: new Date(createdAt).toISOString(), deleteOnTermination: true },
      })),
  )
}

function instanceTypeOf({ description }: Instance): string {
  return description.instanceType ?? (description.architecture === 'arm64' ? 't4g.medium' : 't3.medium')
}

function imageIdOf({ description }: Instance): string {
  return description.imageId ?? 'ami-00000000000000001'
}
