import { describe, expect, it } from 'vitest'
import { runInstanceScan } from '../../src/aws/instance-scan.js'
import type { Fault, LocalKey, LocalVolume } from '../../src/testing/index.js'
import { DATA, image, instance, KEY, ROOT, startAccount, stubScan, type TestAccount } from './account.js'

const root: LocalVolume = { volumeId: ROOT, deviceName: '/dev/xvda', image: image(1) }
const data: LocalVolume = { volumeId: DATA, deviceName: '/dev/sdf', image: image(2) }
const encrypted = { encrypted: true, kmsKeyId: KEY }
const tagged: LocalKey = { keyId: KEY, tags: { InspectorEc2Exclusion: '' } }

function start(volumes: readonly LocalVolume[], keys: readonly LocalKey[], faults: readonly Fault[] = []): Promise<TestAccount> {
  return startAccount({ instances: [instance({ volumes })], keys, faults })
}

describe('volumes under a KMS key that is excluded by tag', () => {
  it('leaves out a data volume, reports it, and scans the others', async () => {
    const { aws, options, actions } = await start([root, { ...data, ...encrypted }], [tagged])
    let snapshotted: string[] = []
    const result = await runInstanceScan(options, (volumes, more) => {
      snapshotted = aws.snapshots.map(({ volumeId }) => volumeId)
      return stubScan(volumes, more)
    })
    expect(snapshotted).toEqual([ROOT])
    expect(result.status).toBe('incomplete')
    expect(result.instance).toMatchObject({
      statusCode: 'ACTIVE',
      reason: 'SUCCESSFUL',
      volumes: [
        { volumeId: ROOT, status: 'scanned', reason: 'SUCCESSFUL' },
        { volumeId: DATA, encrypted: true, kmsKeyId: KEY, status: 'excluded', reason: 'EXCLUDED_BY_TAG' },
      ],
    })
    expect(result.volumes.at(-1)).toMatchObject({ volume: DATA, outcome: 'failed', reason: expect.stringContaining('EXCLUDED_BY_TAG') })
    expect(result.issues).toEqual([expect.objectContaining({ where: { volume: DATA }, incomplete: true })])
    expect(actions().filter((action) => action === 'ListResourceTags')).toHaveLength(1)
    expect(actions()).not.toContain('DescribeKey')
    expect(aws.snapshots).toEqual([])
  })

  it('leaves out the root volume', async () => {
    const { options } = await start([{ ...root, ...encrypted }, data], [tagged])
    const seen: string[] = []
    const result = await runInstanceScan(options, (volumes, more) => {
      seen.push(...volumes.map(({ id }) => id))
      return stubScan(volumes, more)
    })
    expect(seen).toEqual([DATA])
    expect(result.instance).toMatchObject({ statusCode: 'INACTIVE', reason: 'EXCLUDED_BY_TAG' })
  })

  it('makes no snapshot where every volume is left out, and asks for each key once', async () => {
    const { options, actions } = await start(
      [
        { ...root, ...encrypted },
        { ...data, ...encrypted },
      ],
      [tagged],
    )
    const result = await runInstanceScan(options, stubScan)
    expect(result.instance).toMatchObject({ statusCode: 'INACTIVE', reason: 'EXCLUDED_BY_TAG' })
    expect(actions()).toEqual(['DescribeInstances', 'DescribeVolumes', 'ListResourceTags'])
  })

  it('reads all pages of a key with many tags', async () => {
    const many = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`tag-${i}`, 'x']))
    const { options } = await start([root, { ...data, ...encrypted }], [{ keyId: KEY, tags: { ...many, InspectorEc2Exclusion: 'no' } }])
    const result = await runInstanceScan(options, stubScan)
    expect(result.instance.volumes[1]).toMatchObject({ status: 'excluded', reason: 'EXCLUDED_BY_TAG' })
  })

  it('scans encrypted volumes under keys with other tags', async () => {
    const { options } = await start([root, { ...data, ...encrypted }], [{ keyId: KEY, tags: { inspectorec2exclusion: '', team: 'x' } }])
    expect((await runInstanceScan(options, stubScan)).status).toBe('complete')
  })

  it.each([
    ['the permission is missing', [{ action: ['ListResourceTags', 'DescribeKey'], kind: 'denied' }], 'ACCESS_DENIED_TO_ENCRYPTION_KEY'],
    ['the key is gone', [{ action: 'ListResourceTags', kind: 'code', code: 'NotFoundException' }], 'ACCESS_DENIED_TO_ENCRYPTION_KEY'],
    ['the key is in a state unknown', [{ action: 'ListResourceTags', kind: 'code', code: 'KMSInvalidStateException' }], 'INTERNAL_ERROR'],
  ] as [string, Fault[], string][])('leaves a volume out where %s, for its key might be tagged', async (_, faults, reason) => {
    const { options } = await start([root, { ...data, ...encrypted }], [{ keyId: KEY }], faults)
    const result = await runInstanceScan(options, stubScan)
    expect(result.instance.volumes[1]).toMatchObject({
      status: 'excluded',
      reason,
      detail: expect.stringContaining('kms:ListResourceTags'),
    })
    expect(result.status).toBe('incomplete')
  })

  it('scans volumes under a key that AWS manages, which nobody can tag', async () => {
    const { options } = await start([root, { ...data, encrypted: true }], [], [{ action: 'ListResourceTags', kind: 'denied' }])
    expect((await runInstanceScan(options, stubScan)).status).toBe('complete')
  })

  it('never reads a volume that was attached after the keys were asked', async () => {
    const { options } = await start([root, data], [])
    const seen: string[] = []
    const hidden = { ...options, clients: { ...options.clients, ec2: withoutVolume(options.clients!.ec2!, DATA) } }
    const result = await runInstanceScan(hidden, (volumes, more) => {
      seen.push(...volumes.map(({ id }) => id))
      return stubScan(volumes, more)
    })
    expect(seen).toEqual([ROOT])
    expect(result.status).toBe('incomplete')
    expect(result.instance.volumes[1]).toMatchObject({ volumeId: DATA, status: 'failed', reason: 'PENDING_INITIAL_SCAN' })
    expect(result.snapshots.deleted).toHaveLength(2)
  })
})

/** The client as it answers just before the volume is attached. */
function withoutVolume(
  ec2: NonNullable<NonNullable<Parameters<typeof runInstanceScan>[0]['clients']>['ec2']>,
  volumeId: string,
): typeof ec2 {
  ec2.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      const { Reservations } = result.output as {
        Reservations?: { Instances?: { BlockDeviceMappings?: { Ebs?: { VolumeId?: string } }[] }[] }[]
      }
      for (const { Instances } of Reservations ?? []) {
        for (const found of Instances ?? []) {
          found.BlockDeviceMappings = (found.BlockDeviceMappings ?? []).filter(({ Ebs }) => Ebs?.VolumeId !== volumeId)
        }
      }
      return result
    },
    { step: 'initialize' },
  )
  return ec2
}
