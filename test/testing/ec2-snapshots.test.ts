import {
  CreateSnapshotsCommand,
  type CreateSnapshotsCommandInput,
  CreateTagsCommand,
  DeleteSnapshotCommand,
  DescribeSnapshotsCommand,
  paginateDescribeSnapshots,
} from '@aws-sdk/client-ec2'
import { describe, expect, test } from 'vitest'
import { blocks, DATA, INSTANCE, ROOT, snapshotRoot, startEndpoint } from './endpoint.js'

const tagged = (Value: string): Pick<CreateSnapshotsCommandInput, 'TagSpecifications'> => ({
  TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'InspectorScan', Value }] }],
})

describe('CreateSnapshots', () => {
  test('snapshots every volume in one set, tagged from creation on', async () => {
    const { aws, ec2 } = await startEndpoint()
    const input = { InstanceSpecification: { InstanceId: INSTANCE }, Description: 'a scan', ...tagged('s-1') }
    const { Snapshots } = await ec2.send(new CreateSnapshotsCommand(input))
    expect(Snapshots!.map((s) => [s.VolumeId, s.VolumeSize, s.State, s.Encrypted, s.OwnerId, s.Description])).toEqual([
      [ROOT, 1, 'pending', false, '123456789012', 'a scan'],
      [DATA, 1, 'pending', false, '123456789012', 'a scan'],
    ])
    expect(Snapshots![0]!.SnapshotId).toMatch(/^snap-[0-9a-f]{17}$/)
    expect(Snapshots![0]!.StartTime).toEqual(Snapshots![1]!.StartTime)
    expect(Snapshots!.map(({ Tags }) => Tags)).toEqual(Array(2).fill([{ Key: 'InspectorScan', Value: 's-1' }]))
    expect(aws.snapshots).toEqual(
      Snapshots!.map(({ SnapshotId: snapshotId, VolumeId: volumeId }) => ({
        snapshotId,
        volumeId,
        state: 'completed',
        tags: { InspectorScan: 's-1' },
      })),
    )
  })

  test('every call makes a set of its own', async () => {
    const { aws, ec2 } = await startEndpoint()
    await snapshotRoot(ec2)
    await snapshotRoot(ec2)
    expect(new Set(aws.snapshots.map(({ snapshotId }) => snapshotId)).size).toBe(4)
  })

  test.each([
    [{ ExcludeBootVolume: true }, [DATA]],
    [{ ExcludeDataVolumeIds: [DATA] }, [ROOT]],
  ])('leaves out %j', async (exclusion, volumes) => {
    const { aws, ec2 } = await startEndpoint()
    await ec2.send(new CreateSnapshotsCommand({ InstanceSpecification: { InstanceId: INSTANCE, ...exclusion } }))
    expect(aws.snapshots.map(({ volumeId }) => volumeId)).toEqual(volumes)
  })

  test('copies tags of the volume where it is told to', async () => {
    const volumes = [{ volumeId: ROOT, deviceName: '/dev/xvda', image: blocks([]), tags: { team: 'a', InspectorScan: 'old' } }]
    const { aws, ec2 } = await startEndpoint({ instances: [{ instanceId: INSTANCE, volumes }] })
    const InstanceSpecification = { InstanceId: INSTANCE }
    await ec2.send(new CreateSnapshotsCommand({ InstanceSpecification, CopyTagsFromSource: 'volume', ...tagged('s-1') }))
    expect(aws.snapshots[0]!.tags).toEqual({ team: 'a', InspectorScan: 's-1' })
  })

  const specification = (rest: object) => ({ InstanceSpecification: { InstanceId: INSTANCE, ...rest } })
  const tags = (Tags: { Key: string; Value: string }[], ResourceType: 'snapshot' | 'volume' = 'snapshot') => ({
    ...specification({}),
    TagSpecifications: [{ ResourceType, Tags }],
  })
  test.each<[string, object, string]>([
    ['the root among the data exclusions', specification({ ExcludeDataVolumeIds: [ROOT] }), 'InvalidParameterValue'],
    ['a volume of no such instance', specification({ ExcludeDataVolumeIds: ['vol-99'] }), 'InvalidParameterValue'],
    ['nothing left', specification({ ExcludeBootVolume: true, ExcludeDataVolumeIds: [DATA] }), 'InvalidParameterValue'],
    ['41 exclusions', specification({ ExcludeDataVolumeIds: Array(41).fill(DATA) }), 'InvalidParameterValue'],
    ['an unknown instance', { InstanceSpecification: { InstanceId: 'i-99' } }, 'InvalidInstanceID.NotFound'],
    ['no instance', {}, 'MissingParameter'],
    ['tags of another resource', tags([{ Key: 'a', Value: 'b' }], 'volume'), 'InvalidParameterValue'],
    ['a tag twice', tags(Array(2).fill({ Key: 'a', Value: 'b' })), 'InvalidParameterValue'],
    ['a reserved tag', tags([{ Key: 'aws:x', Value: 'b' }]), 'InvalidParameterValue'],
    ['51 tags', tags(Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}`, Value: '' }))), 'TagLimitExceeded'],
    ['an odd tag source', { ...specification({}), CopyTagsFromSource: 'instance' }, 'InvalidParameterValue'],
  ])('refuses %s and makes nothing', async (_, input, name) => {
    const { aws, ec2 } = await startEndpoint()
    const refused = ec2.send(new CreateSnapshotsCommand(input as CreateSnapshotsCommandInput))
    await expect(refused).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } })
    expect(aws.snapshots).toEqual([])
  })

  test('a dry run makes nothing, and refuses what a real one would', async () => {
    const { aws, ec2 } = await startEndpoint()
    const InstanceSpecification = { InstanceId: INSTANCE }
    await expect(ec2.send(new CreateSnapshotsCommand({ InstanceSpecification, DryRun: true }))).rejects.toMatchObject({
      name: 'DryRunOperation',
      $metadata: { httpStatusCode: 412 },
    })
    aws.setInstanceState(INSTANCE, 'shutting-down')
    await expect(ec2.send(new CreateSnapshotsCommand({ InstanceSpecification, DryRun: true }))).rejects.toMatchObject({
      name: 'IncorrectState',
    })
    expect(aws.snapshots).toEqual([])
  })
})

describe('DescribeSnapshots', () => {
  test('a snapshot completes over time', async () => {
    const { aws, ec2 } = await startEndpoint({ snapshotMs: 60_000 })
    const SnapshotIds = [await snapshotRoot(ec2)]
    const status = async () => {
      const { Snapshots } = await ec2.send(new DescribeSnapshotsCommand({ SnapshotIds }))
      return [Snapshots![0]!.State, Number.parseInt(Snapshots![0]!.Progress!, 10)] as const
    }
    expect((await status())[0]).toBe('pending')
    aws.advance(30_000)
    const [state, progress] = await status()
    expect(state).toBe('pending')
    expect(progress).toBeGreaterThanOrEqual(49)
    expect(progress).toBeLessThan(60)
    aws.advance(30_000)
    expect(await status()).toEqual(['completed', 100])
  })

  test('one failing volume fails its whole set', async () => {
    const { ec2 } = await startEndpoint({ failingVolumes: [DATA] })
    await snapshotRoot(ec2)
    const { Snapshots } = await ec2.send(new DescribeSnapshotsCommand({}))
    expect(Snapshots!.map((s) => [s.State, s.StateMessage])).toEqual(Array(2).fill(['error', expect.any(String)]))
    const InstanceSpecification = { InstanceId: INSTANCE, ExcludeDataVolumeIds: [DATA] }
    await ec2.send(new CreateSnapshotsCommand({ InstanceSpecification }))
    const completed = await ec2.send(new DescribeSnapshotsCommand({ Filters: [{ Name: 'status', Values: ['completed'] }] }))
    expect(completed.Snapshots!.map(({ VolumeId }) => VolumeId)).toEqual([ROOT])
  })

  test('filters, owners and encryption', async () => {
    const volumes = [{ volumeId: ROOT, deviceName: '/dev/xvda', image: blocks([]), kmsKeyId: 'cafe' }]
    const { ec2 } = await startEndpoint({ instances: [{ instanceId: INSTANCE, volumes }] })
    await ec2.send(new CreateSnapshotsCommand({ InstanceSpecification: { InstanceId: INSTANCE }, ...tagged('ours-1') }))
    await ec2.send(new CreateSnapshotsCommand({ InstanceSpecification: { InstanceId: INSTANCE }, ...tagged('theirs-1') }))
    const found = async (input: object) => (await ec2.send(new DescribeSnapshotsCommand(input))).Snapshots!
    const Filters = [{ Name: 'tag:InspectorScan', Values: ['ours-*'] }]
    expect(await found({ OwnerIds: ['self'], Filters })).toMatchObject([
      { VolumeId: ROOT, Encrypted: true, KmsKeyId: 'arn:aws:kms:eu-central-1:123456789012:key/cafe', StorageTier: 'standard' },
    ])
    expect(await found({ OwnerIds: ['123456789012'], Filters: [{ Name: 'tag-key', Values: ['InspectorScan'] }] })).toHaveLength(2)
    expect(await found({ OwnerIds: ['999999999999'] })).toEqual([])
    expect(await found({ Filters: [{ Name: 'volume-id', Values: [ROOT] }] })).toHaveLength(2)
    expect(await found({ Filters: [{ Name: 'volume-id', Values: ['vol-99'] }] })).toEqual([])
  })

  test('pages that do not shift when a snapshot is deleted between them', async () => {
    const { aws, ec2 } = await startEndpoint()
    for (let i = 0; i < 4; i++) await snapshotRoot(ec2)
    const all = aws.snapshots.map(({ snapshotId }) => snapshotId)
    const seen: (string | undefined)[] = []
    for await (const { Snapshots } of paginateDescribeSnapshots({ client: ec2, pageSize: 5 }, { OwnerIds: ['self'] })) {
      seen.push(...Snapshots!.map(({ SnapshotId }) => SnapshotId))
      await ec2.send(new DeleteSnapshotCommand({ SnapshotId: Snapshots![0]!.SnapshotId }))
    }
    expect(seen).toEqual(all)
  })
})

describe('DeleteSnapshot and CreateTags', () => {
  test('a deleted snapshot is gone at once, and not found again', async () => {
    const { aws, ec2 } = await startEndpoint({ snapshotMs: 60_000 })
    const SnapshotId = await snapshotRoot(ec2)
    await ec2.send(new DeleteSnapshotCommand({ SnapshotId }))
    expect(aws.snapshots.map(({ volumeId }) => volumeId)).toEqual([DATA])
    await expect(ec2.send(new DeleteSnapshotCommand({ SnapshotId }))).rejects.toMatchObject({ name: 'InvalidSnapshot.NotFound' })
    await expect(ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [SnapshotId] }))).rejects.toMatchObject({
      name: 'InvalidSnapshot.NotFound',
    })
    await expect(ec2.send(new DeleteSnapshotCommand({ SnapshotId: 'snap_1' }))).rejects.toMatchObject({ name: 'InvalidParameterValue' })
  })

  test('tags are added to all resources or to none', async () => {
    const { aws, ec2 } = await startEndpoint()
    const SnapshotId = await snapshotRoot(ec2)
    const Tags = [{ Key: 'a', Value: 'b' }]
    await expect(ec2.send(new CreateTagsCommand({ Resources: [SnapshotId, 'snap-99'], Tags }))).rejects.toMatchObject({
      name: 'InvalidSnapshot.NotFound',
    })
    await expect(ec2.send(new CreateTagsCommand({ Resources: ['x-1'], Tags }))).rejects.toMatchObject({ name: 'InvalidID' })
    expect(aws.snapshots[0]!.tags).toEqual({})
    await ec2.send(new CreateTagsCommand({ Resources: [SnapshotId, ROOT, INSTANCE], Tags }))
    expect(aws.snapshots[0]!.tags).toEqual({ a: 'b' })
  })

  test('snapshots outlive their instance', async () => {
    const { aws, ec2 } = await startEndpoint()
    await snapshotRoot(ec2)
    aws.removeInstance(INSTANCE)
    expect(aws.snapshots).toHaveLength(2)
    await expect(snapshotRoot(ec2)).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' })
  })
})
