import {
  CreateSnapshotsCommand,
  DeleteSnapshotCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
  type Instance,
  type Tag,
  type Snapshot as WireSnapshot,
  type SnapshotInfo as WireSnapshotInfo,
} from '@aws-sdk/client-ec2'
import { AwsError } from '../errors.js'
import type { InstanceInfo } from '../model.js'
import { type Caller, once } from './call.js'
import type { Ec2, InstanceDescription, Snapshot, SnapshotFilter, SnapshotRequest, Volume } from './ec2-types.js'
import { partitionOf } from './partition.js'

const GIB = 1024 ** 3
const PAGE_SIZE = 500

/** A client for a region, or for the SDK's default one. */
export function makeEc2Client(region?: string): EC2Client {
  return new EC2Client(region === undefined ? {} : { region })
}

/** `Ec2` over the SDK's client. This module loads the SDK: import it lazily. */
export class SdkEc2 implements Ec2 {
  readonly #client: EC2Client
  readonly #caller: Caller
  readonly #region: string

  constructor(client: EC2Client, region: string, caller: Caller) {
    this.#client = client
    this.#region = region
    this.#caller = caller
  }

  async describeInstance(instanceId: string, signal?: AbortSignal): Promise<InstanceDescription> {
    const action = 'ec2:DescribeInstances'
    const answer = await this.#caller.call(
      action,
      (abortSignal) => this.#client.send(once(new DescribeInstancesCommand({ InstanceIds: [instanceId] })), { abortSignal }),
      signal,
    )
    for (const reservation of answer.Reservations ?? []) {
      const instance = reservation.Instances?.find((candidate) => candidate.InstanceId === instanceId)
      if (instance) return describe(instance, instanceId, reservation.OwnerId ?? '', this.#region)
    }
    throw new AwsError(action, 'InvalidInstanceID.NotFound', `${instanceId} does not exist in ${this.#region}; check the id and the region`)
  }

  async describeVolumes(volumeIds: readonly string[], signal?: AbortSignal): Promise<Volume[]> {
    // By filter, not by VolumeIds: one volume that is gone would fail the request for all.
    const Filters = [{ Name: 'volume-id', Values: [...volumeIds] }]
    const volumes = await pages(async (NextToken) => {
      const answer = await this.#caller.call(
        'ec2:DescribeVolumes',
        (abortSignal) =>
          this.#client.send(once(new DescribeVolumesCommand({ Filters, MaxResults: PAGE_SIZE, ...(NextToken && { NextToken }) })), {
            abortSignal,
          }),
        signal,
      )
      return { items: answer.Volumes ?? [], next: answer.NextToken }
    })
    return volumes.map((volume) => ({
      volumeId: volume.VolumeId ?? '',
      sizeBytes: (volume.Size ?? 0) * GIB,
      encrypted: volume.Encrypted ?? false,
      ...(volume.KmsKeyId !== undefined && { kmsKeyId: volume.KmsKeyId }),
    }))
  }

  async findSnapshots(filter: SnapshotFilter, signal?: AbortSignal): Promise<Snapshot[]> {
    const Filters = [{ Name: filter.name, Values: [...filter.values] }]
    // Public and shared snapshots are out of the question except where ids are asked for by name.
    const OwnerIds = filter.name === 'snapshot-id' ? undefined : ['self']
    const snapshots = await pages(async (NextToken) => {
      const answer = await this.#caller.call(
        'ec2:DescribeSnapshots',
        (abortSignal) =>
          this.#client.send(
            once(
              new DescribeSnapshotsCommand({
                Filters,
                MaxResults: PAGE_SIZE,
                ...(OwnerIds && { OwnerIds }),
                ...(NextToken && { NextToken }),
              }),
            ),
            { abortSignal },
          ),
        signal,
      )
      return { items: answer.Snapshots ?? [], next: answer.NextToken }
    })
    return snapshots.map(snapshotOf)
  }

  async createSnapshots(request: SnapshotRequest): Promise<Snapshot[]> {
    const command = once(
      new CreateSnapshotsCommand({
        InstanceSpecification: {
          InstanceId: request.instanceId,
          ...(request.excludeBootVolume && { ExcludeBootVolume: true }),
          ...(request.excludeDataVolumeIds.length > 0 && { ExcludeDataVolumeIds: [...request.excludeDataVolumeIds] }),
        },
        Description: request.description,
        TagSpecifications: [{ ResourceType: 'snapshot', Tags: Object.entries(request.tags).map(([Key, Value]) => ({ Key, Value })) }],
      }),
    )
    const answer = await this.#caller.attempt('ec2:CreateSnapshots', (abortSignal) => this.#client.send(command, { abortSignal }))
    return (answer.Snapshots ?? []).map(snapshotOf)
  }

  async deleteSnapshot(snapshotId: string, signal?: AbortSignal): Promise<void> {
    await this.#caller.attempt(
      'ec2:DeleteSnapshot',
      (abortSignal) => this.#client.send(once(new DeleteSnapshotCommand({ SnapshotId: snapshotId })), { abortSignal }),
      signal,
    )
  }
}

/** All items of a paged listing. A token that comes back unchanged ends it: the service would answer the same page for ever. */
async function pages<T>(read: (token: string | undefined) => Promise<{ items: readonly T[]; next: string | undefined }>): Promise<T[]> {
  const all: T[] = []
  let token: string | undefined
  for (;;) {
    const { items, next } = await read(token)
    all.push(...items)
    if (!next || next === token) return all
    token = next
  }
}

function describe(instance: Instance, instanceId: string, accountId: string, region: string): InstanceDescription {
  const interfaces = instance.NetworkInterfaces ?? []
  const ipV4Addresses = [instance.PrivateIpAddress, instance.PublicIpAddress].filter((address) => address !== undefined)
  const ipV6Addresses = interfaces
    .flatMap((eni) => eni.Ipv6Addresses ?? [])
    .flatMap(({ Ipv6Address }) => (Ipv6Address ? [Ipv6Address] : []))
  const info: InstanceInfo = {
    instanceId,
    accountId,
    region,
    partition: partitionOf(region),
    state: instance.State?.Name ?? 'unknown',
    platform: platformOf(instance),
    ...defined('type', instance.InstanceType),
    ...defined('imageId', instance.ImageId),
    ...defined('architecture', instance.Architecture),
    ...defined('platformDetails', instance.PlatformDetails),
    ...defined('rootDeviceName', instance.RootDeviceName),
    ...defined('rootDeviceType', instance.RootDeviceType),
    ...defined('launchedAt', instance.LaunchTime?.toISOString()),
    ...defined('keyName', instance.KeyName),
    ...defined('iamInstanceProfileArn', instance.IamInstanceProfile?.Arn),
    ...defined('vpcId', instance.VpcId),
    ...defined('subnetId', instance.SubnetId),
    ipV4Addresses: [...new Set(ipV4Addresses)],
    ipV6Addresses: [...new Set(ipV6Addresses)],
    tags: tagsOf(instance.Tags),
  }
  const attachments = (instance.BlockDeviceMappings ?? []).flatMap(({ DeviceName, Ebs }) =>
    Ebs?.VolumeId && Ebs.Status !== 'detached' ? [{ volumeId: Ebs.VolumeId, device: DeviceName ?? '' }] : [],
  )
  return { info, attachments }
}

/** A property where its value is known, nothing where it is not. */
function defined<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V })
}

function platformOf(instance: Instance): InstanceInfo['platform'] {
  const details = instance.PlatformDetails ?? ''
  if (/^windows$/i.test(instance.Platform ?? '') || details.startsWith('Windows')) return 'WINDOWS'
  if (instance.Architecture?.endsWith('_mac')) return 'MACOS'
  return /linux|red hat|suse|ubuntu/i.test(details) ? 'LINUX' : 'UNKNOWN'
}

function snapshotOf(snapshot: WireSnapshot & WireSnapshotInfo): Snapshot {
  return {
    snapshotId: snapshot.SnapshotId ?? '',
    volumeId: snapshot.VolumeId ?? '',
    state: snapshot.State ?? 'pending',
    ...defined('stateMessage', snapshot.StateMessage),
    progress: Number.parseFloat(snapshot.Progress ?? '') || 0,
    sizeBytes: (snapshot.VolumeSize ?? 0) * GIB,
    encrypted: snapshot.Encrypted ?? false,
    ...defined('startedAt', snapshot.StartTime?.getTime()),
    description: snapshot.Description ?? '',
    tags: tagsOf(snapshot.Tags),
  }
}

function tagsOf(tags: readonly Tag[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']))
}
