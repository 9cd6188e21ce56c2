import { DescribeInstancesCommand, DescribeVolumesCommand, paginateDescribeInstances, paginateDescribeVolumes } from '@aws-sdk/client-ec2'
import { describe, expect, test } from 'vitest'
import type { LocalInstance } from '../../src/testing/index.js'
import { blocks, DATA, INSTANCE, ROOT, startEndpoint } from './endpoint.js'

const FLEET: LocalInstance[] = Array.from({ length: 12 }, (_, i) => ({
  instanceId: `i-${i.toString(16)}`,
  state: i % 3 === 0 ? 'stopped' : 'running',
  tags: { Name: `web*${i}`, ...(i === 5 && { InspectorEc2Exclusion: '' }) },
  volumes: [{ volumeId: `vol-${i.toString(16)}`, deviceName: '/dev/xvda', image: blocks([]) }],
}))

describe('DescribeInstances', () => {
  test('shows an instance with its block devices', async () => {
    const { ec2 } = await startEndpoint({
      accountId: '210987654321',
      region: 'us-west-2',
      instances: [
        {
          instanceId: INSTANCE,
          architecture: 'arm64',
          imageId: 'ami-0abc',
          instanceType: 'm7g.large',
          launchTime: '2024-05-01T10:00:00.000Z',
          platformDetails: 'Red Hat Enterprise Linux',
          rootDeviceName: '/dev/sda1',
          tags: { Name: 'a & <b> "é" 😀', empty: '' },
          volumes: [
            { volumeId: ROOT, deviceName: '/dev/sda1', image: blocks([0]) },
            { volumeId: DATA, deviceName: '/dev/sdf', image: blocks([0]) },
          ],
        },
      ],
    })
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [INSTANCE] }))
    expect(Reservations![0]!.OwnerId).toBe('210987654321')
    const instance = Reservations![0]!.Instances![0]!
    expect(instance).toMatchObject({
      InstanceId: INSTANCE,
      State: { Code: 16, Name: 'running' },
      Architecture: 'arm64',
      ImageId: 'ami-0abc',
      InstanceType: 'm7g.large',
      LaunchTime: new Date('2024-05-01T10:00:00.000Z'),
      PlatformDetails: 'Red Hat Enterprise Linux',
      RootDeviceName: '/dev/sda1',
      RootDeviceType: 'ebs',
      Placement: { AvailabilityZone: 'us-west-2a' },
      Tags: [
        { Key: 'Name', Value: 'a & <b> "é" 😀' },
        { Key: 'empty', Value: '' },
      ],
    })
    expect(instance.Platform).toBeUndefined()
    expect(instance.BlockDeviceMappings!.map(({ DeviceName, Ebs }) => [DeviceName, Ebs!.VolumeId, Ebs!.Status])).toEqual([
      ['/dev/sda1', ROOT, 'attached'],
      ['/dev/sdf', DATA, 'attached'],
    ])
  })

  test('pages by MaxResults, and refuses it with ids and below 5', async () => {
    const { ec2 } = await startEndpoint({ instances: FLEET })
    const pages: (string | undefined)[][] = []
    for await (const { Reservations } of paginateDescribeInstances({ client: ec2, pageSize: 5 }, {})) {
      pages.push(Reservations!.flatMap(({ Instances }) => Instances!.map(({ InstanceId }) => InstanceId)))
    }
    expect(pages.map((page) => page.length)).toEqual([5, 5, 2])
    expect(pages.flat()).toEqual(FLEET.map(({ instanceId }) => instanceId))
    const refused = (input: object) => expect(ec2.send(new DescribeInstancesCommand(input))).rejects
    await refused({ MaxResults: 5, InstanceIds: ['i-0'] }).toMatchObject({ name: 'InvalidParameterCombination' })
    await refused({ MaxResults: 4 }).toMatchObject({ name: 'InvalidParameterValue' })
    await refused({ NextToken: 'bogus' }).toMatchObject({ name: 'InvalidParameterValue' })
  })

  test.each([
    [{ Name: 'instance-state-name', Values: ['stopped'] }, ['i-0', 'i-3', 'i-6', 'i-9']],
    [{ Name: 'tag-key', Values: ['InspectorEc2Exclusion'] }, ['i-5']],
    [{ Name: 'tag:InspectorEc2Exclusion', Values: ['*'] }, ['i-5']],
    [{ Name: 'tag:Name', Values: ['web?1', 'web\\*2'] }, ['i-1', 'i-2']],
    [{ Name: 'tag:Name', Values: ['WEB*'] }, []],
    [{ Name: 'tag:Name', Values: ['web.1'] }, []],
    [{ Name: 'instance-id', Values: ['i-a', 'i-b', 'i-ffff'] }, ['i-a', 'i-b']],
  ])('filters by %j', async (filter, expected) => {
    const { ec2 } = await startEndpoint({ instances: FLEET })
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ Filters: [filter] }))
    expect(Reservations!.map((reservation) => reservation.Instances![0]!.InstanceId)).toEqual(expected)
  })

  test('several filters must all match', async () => {
    const { ec2 } = await startEndpoint({ instances: FLEET })
    const Filters = [
      { Name: 'instance-state-name', Values: ['running'] },
      { Name: 'tag:Name', Values: ['web*1*'] },
    ]
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ Filters }))
    expect(Reservations!.map((reservation) => reservation.Instances![0]!.InstanceId)).toEqual(['i-1', 'i-a', 'i-b'])
  })

  test.each([
    [{ InstanceIds: ['i-0', 'i-ffff', 'i-eeee'] }, 'InvalidInstanceID.NotFound', /'i-ffff, i-eeee' do not exist/],
    [{ InstanceIds: ['i-ffff'] }, 'InvalidInstanceID.NotFound', /'i-ffff' does not exist/],
    [{ InstanceIds: ['web'] }, 'InvalidInstanceID.Malformed', /web/],
    [{ Filters: [{ Name: 'colour', Values: ['red'] }] }, 'InvalidParameterValue', /'colour'/],
    [{ Filters: [{ Name: 'constructor', Values: ['x'] }] }, 'InvalidParameterValue', /'constructor'/],
  ])('refuses %j', async (input, name, message) => {
    const { ec2 } = await startEndpoint({ instances: FLEET })
    await expect(ec2.send(new DescribeInstancesCommand(input))).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message),
      $metadata: { httpStatusCode: 400 },
    })
  })

  test('a terminated instance stays without volumes, a removed one is unknown', async () => {
    const { aws, ec2 } = await startEndpoint()
    aws.setInstanceState(INSTANCE, 'terminated')
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [INSTANCE] }))
    expect(Reservations![0]!.Instances![0]).toMatchObject({ State: { Code: 48, Name: 'terminated' }, BlockDeviceMappings: [] })
    await expect(ec2.send(new DescribeVolumesCommand({ VolumeIds: [ROOT] }))).rejects.toMatchObject({ name: 'InvalidVolume.NotFound' })
    aws.removeInstance(INSTANCE)
    await expect(ec2.send(new DescribeInstancesCommand({ InstanceIds: [INSTANCE] }))).rejects.toMatchObject({
      name: 'InvalidInstanceID.NotFound',
    })
  })

  test('Windows and instance-store roots are shown as what they are', async () => {
    const { ec2 } = await startEndpoint({
      instances: [
        { instanceId: 'i-1', platform: 'windows', volumes: [] },
        { instanceId: 'i-2', rootDeviceType: 'instance-store', volumes: [] },
      ],
    })
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({}))
    expect(Reservations!.flatMap((r) => r.Instances!.map((i) => [i.Platform, i.PlatformDetails, i.RootDeviceType]))).toEqual([
      ['windows', 'Windows', 'ebs'],
      [undefined, 'Linux/UNIX', 'instance-store'],
    ])
  })
})

describe('DescribeVolumes', () => {
  test('shows size, encryption and attachments; shared volumes once', async () => {
    const shared = { volumeId: DATA, deviceName: '/dev/sdf', image: blocks([0]), volumeType: 'io2' }
    const { ec2 } = await startEndpoint({
      instances: [
        {
          instanceId: 'i-1',
          volumes: [
            { volumeId: 'vol-1', deviceName: '/dev/xvda', image: blocks([0], 2 ** 30 + 1), encrypted: true },
            { volumeId: 'vol-2', deviceName: '/dev/sdb', image: blocks([0]), sizeGiB: 8, kmsKeyId: 'cafe', tags: { a: 'b' } },
            shared,
          ],
        },
        { instanceId: 'i-2', volumes: [{ ...shared, deviceName: '/dev/sdg' }] },
      ],
    })
    const Filters = [{ Name: 'attachment.instance-id', Values: ['i-1'] }]
    const { Volumes } = await ec2.send(new DescribeVolumesCommand({ Filters }))
    expect(Volumes!.map((v) => [v.VolumeId, v.Size, v.Encrypted, v.KmsKeyId, v.VolumeType, v.MultiAttachEnabled])).toEqual([
      ['vol-1', 2, true, expect.stringMatching(/^arn:aws:kms:eu-central-1:123456789012:key\//), 'gp3', false],
      ['vol-2', 8, true, 'arn:aws:kms:eu-central-1:123456789012:key/cafe', 'gp3', false],
      [DATA, 1, false, undefined, 'io2', true],
    ])
    expect(Volumes![1]!.Tags).toEqual([{ Key: 'a', Value: 'b' }])
    expect(Volumes![2]!.Attachments!.map((a) => [a.InstanceId, a.Device, a.State])).toEqual([
      ['i-1', '/dev/sdf', 'attached'],
      ['i-2', '/dev/sdg', 'attached'],
    ])
  })

  test('pages', async () => {
    const { ec2 } = await startEndpoint({ instances: FLEET })
    const sizes: number[] = []
    for await (const { Volumes } of paginateDescribeVolumes({ client: ec2, pageSize: 6 }, {})) sizes.push(Volumes!.length)
    expect(sizes).toEqual([6, 6])
  })
})
