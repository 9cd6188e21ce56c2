import { DeleteSnapshotCommand } from '@aws-sdk/client-ec2'
import { describe, expect, it } from 'vitest'
import { INSPECTOR_LIMITS } from '../../src/aws/eligibility.js'
import { type InstanceScanOptions, runInstanceScan } from '../../src/aws/instance-scan.js'
import { scanIdFor } from '../../src/aws/scan-id.js'
import { AwsError, ConfigError } from '../../src/errors.js'
import type { LocalInstance } from '../../src/testing/index.js'
import { DATA, INSTANCE, image, instance, ROOT, startAccount, stubScan } from './account.js'

const GIB = 1024 ** 3

/** A scan that is killed while it reads: it neither cleans up nor answers. */
function killedScan(options: InstanceScanOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    runInstanceScan(options, () => {
      resolve()
      return new Promise(() => undefined)
    }).catch(reject)
  })
}

describe('scan of an instance', () => {
  it('snapshots all volumes, scans them under their names, and leaves no snapshot', async () => {
    const { aws, options, events, actions } = await startAccount({ snapshotMs: 5_000 })
    const seen: unknown[] = []
    const result = await runInstanceScan(options, (volumes, more) => {
      if (volumes.length > 0) seen.push(aws.snapshots)
      return stubScan(volumes, more)
    })

    expect(result.status).toBe('complete')
    expect(result.instance).toMatchObject({
      instanceId: INSTANCE,
      accountId: '123456789012',
      region: 'eu-central-1',
      partition: 'aws',
      state: 'running',
      platform: 'LINUX',
      rootDeviceName: '/dev/xvda',
      statusCode: 'ACTIVE',
      reason: 'SUCCESSFUL',
      volumes: [
        { volumeId: ROOT, device: '/dev/xvda', sizeBytes: GIB, encrypted: false, status: 'scanned', reason: 'SUCCESSFUL' },
        { volumeId: DATA, device: '/dev/sdf', sizeBytes: GIB, encrypted: false, status: 'scanned', reason: 'SUCCESSFUL' },
      ],
    })
    expect(result.volumes.map(({ volume, device, outcome }) => [volume, device, outcome])).toEqual([
      [ROOT, '/dev/xvda', 'read'],
      [DATA, '/dev/sdf', 'read'],
    ])

    const { scanId } = result.snapshots
    expect(scanId).toMatch(/^snapsight-[0-9a-z]+-[0-9a-f]{16}$/)
    expect(seen).toEqual([
      [ROOT, DATA].map((volumeId) => expect.objectContaining({ volumeId, state: 'completed', tags: { InspectorScan: scanId } })),
    ])
    expect(result.snapshots.created).toHaveLength(2)
    expect([...result.snapshots.deleted].sort()).toEqual([...result.snapshots.created].sort())
    expect(result.snapshots.leftover).toEqual([])
    expect(aws.snapshots).toEqual([])
    expect(actions().filter((action) => action === 'CreateSnapshots')).toHaveLength(1)

    // Two listings and two blocks, one for each volume.
    expect(result.stats).toMatchObject({ requests: 4, listRequests: 2, retries: 0 })
    expect(events.map(({ phase }) => phase).filter((phase, i, all) => phase !== all[i - 1])).toEqual([
      'describe',
      'snapshot',
      'wait',
      'scan',
      'delete',
    ])
    const waits = events.filter((event) => event.phase === 'wait')
    expect(waits.at(0)).toMatchObject({ completed: 0, total: 2 })
    expect(waits.at(-1)).toEqual({ phase: 'wait', completed: 2, total: 2, percent: 100 })
    expect(events.at(-1)).toEqual({ phase: 'delete', deleted: 2, total: 2 })
  })

  it('tags and describes the snapshots as asked, and keeps its own tag', async () => {
    const { aws, options } = await startAccount()
    let tags: unknown
    const withTags = { ...options, tags: { team: 'security' }, description: 'nightly' }
    const result = await runInstanceScan(withTags, (volumes, more) => {
      tags = aws.snapshots[0]?.tags
      return stubScan(volumes, more)
    })
    expect(tags).toEqual({ InspectorScan: result.snapshots.scanId, team: 'security' })
    await expect(runInstanceScan({ ...options, tags: { InspectorScan: 'mine' } }, stubScan)).rejects.toThrow(ConfigError)
    await expect(runInstanceScan({ ...options, description: 'x'.repeat(240) }, stubScan)).rejects.toThrow(/too long/)
    await expect(runInstanceScan({ ...options, instanceId: 'web-1' }, stubScan)).rejects.toThrow(/is not an instance id/)
    await expect(runInstanceScan({ ...options, scanId: 'mine' }, stubScan)).rejects.toThrow(/is not a scan id/)
  })

  const ineligible: [string, Partial<LocalInstance>, string, string][] = [
    ['tagged for exclusion', { tags: { InspectorEc2Exclusion: 'true' } }, 'INACTIVE', 'EXCLUDED_BY_TAG'],
    ['tagged with an empty value', { tags: { InspectorEc2Exclusion: '' } }, 'INACTIVE', 'EXCLUDED_BY_TAG'],
    ['tagged with "false"', { tags: { InspectorEc2Exclusion: 'false' } }, 'INACTIVE', 'EXCLUDED_BY_TAG'],
    ['stopped', { state: 'stopped' }, 'INACTIVE', 'EC2_INSTANCE_STOPPED'],
    ['stopping', { state: 'stopping' }, 'INACTIVE', 'EC2_INSTANCE_STOPPED'],
    ['starting', { state: 'pending' }, 'ACTIVE', 'PENDING_INITIAL_SCAN'],
    ['shutting down', { state: 'shutting-down' }, 'INACTIVE', 'RESOURCE_TERMINATED'],
    ['terminated', { state: 'terminated' }, 'INACTIVE', 'RESOURCE_TERMINATED'],
    ['Windows', { platform: 'windows' }, 'INACTIVE', 'UNSUPPORTED_OS'],
    ['instance store', { rootDeviceType: 'instance-store' }, 'INACTIVE', 'UNMANAGED_EC2_INSTANCE'],
  ]
  it.each(ineligible)('makes no snapshot of an instance that is %s', async (_, overrides, statusCode, reason) => {
    const { options, actions } = await startAccount({ instances: [instance(overrides)] })
    const result = await runInstanceScan(options, stubScan)
    expect(result).toMatchObject({
      status: 'incomplete',
      instance: { statusCode, reason },
      snapshots: { created: [], deleted: [], leftover: [] },
    })
    expect(result.instance.detail).not.toBe('')
    expect(result.issues).toEqual([expect.objectContaining({ message: expect.stringContaining(reason), incomplete: true })])
    expect(actions()).toEqual(['DescribeInstances'])
  })

  it('takes no other tag for the exclusion tag', async () => {
    const { options } = await startAccount({ instances: [instance({ tags: { inspectorec2exclusion: 'true' } })] })
    expect((await runInstanceScan(options, stubScan)).instance.reason).toBe('SUCCESSFUL')
  })

  it('scans a stopped instance where it is told to', async () => {
    const { aws, options } = await startAccount({ instances: [instance({ state: 'stopped' })] })
    const result = await runInstanceScan({ ...options, includeStopped: true }, stubScan)
    expect(result).toMatchObject({ status: 'complete', instance: { reason: 'SUCCESSFUL', state: 'stopped' } })
    expect(aws.snapshots).toEqual([])
  })

  it('applies limits only where they are given', async () => {
    const volumes = Array.from({ length: 9 }, (_, i) => ({
      volumeId: `vol-${i}`,
      deviceName: `/dev/xvd${'abcdefghi'[i]}`,
      image: image(1),
    }))
    const { options, actions } = await startAccount({ instances: [instance({ volumes })] })
    const limited = await runInstanceScan({ ...options, limits: INSPECTOR_LIMITS }, stubScan)
    expect(limited.instance).toMatchObject({ statusCode: 'INACTIVE', reason: 'AGENTLESS_INSTANCE_STORAGE_LIMIT_EXCEEDED' })
    expect(limited.status).toBe('incomplete')
    expect(actions()).not.toContain('CreateSnapshots')
    expect((await runInstanceScan({ ...options, limits: { totalGiB: 8 } }, stubScan)).instance.detail).toMatch(/9 GiB/)
    expect((await runInstanceScan({ ...options, limits: { volumes: 9, totalGiB: 9 } }, stubScan)).instance.reason).toBe('SUCCESSFUL')
    expect((await runInstanceScan(options, stubScan)).instance.volumes).toHaveLength(9)
  })

  it('says so where no system was found on volumes that were read', async () => {
    const volumes = [{ volumeId: ROOT, deviceName: '/dev/xvda', image: image(7) }]
    const { options } = await startAccount({ instances: [instance({ volumes })] })
    const result = await runInstanceScan(options, stubScan)
    expect(result).toMatchObject({ status: 'incomplete', instance: { statusCode: 'INACTIVE', reason: 'UNSUPPORTED_OS' } })
  })

  it('takes up the snapshots of an earlier attempt at the same request', async () => {
    const { aws, options, actions } = await startAccount()
    const scanId = scanIdFor('request-1')
    await killedScan({ ...options, scanId })
    const left = aws.snapshots.map(({ snapshotId }) => snapshotId)
    expect(left).toHaveLength(2)
    const result = await runInstanceScan({ ...options, scanId }, stubScan)
    expect(result).toMatchObject({ status: 'complete', snapshots: { scanId, created: left } })
    expect(actions().filter((action) => action === 'CreateSnapshots')).toHaveLength(1)
    expect(aws.snapshots).toEqual([])
  })

  it('replaces a set of an earlier attempt that is not whole', async () => {
    const { aws, clients, options, actions } = await startAccount()
    const scanId = scanIdFor('request-2')
    await killedScan({ ...options, scanId })
    await clients.ec2.send(new DeleteSnapshotCommand({ SnapshotId: aws.snapshots[0]?.snapshotId }))
    const [stale] = aws.snapshots
    const result = await runInstanceScan({ ...options, scanId }, stubScan)
    expect(result.status).toBe('complete')
    expect(result.snapshots.deleted).toContain(stale?.snapshotId)
    expect(result.instance.volumes.map(({ snapshotId }) => snapshotId)).not.toContain(stale?.snapshotId)
    expect(actions().filter((action) => action === 'CreateSnapshots')).toHaveLength(2)
    expect(aws.snapshots).toEqual([])
  })

  it('deletes the snapshots of an earlier attempt also where there is nothing left to scan', async () => {
    const { aws, options } = await startAccount()
    const scanId = scanIdFor('request-3')
    await killedScan({ ...options, scanId })
    expect(aws.snapshots).toHaveLength(2)
    aws.setInstanceState(INSTANCE, 'stopped')
    const result = await runInstanceScan({ ...options, scanId }, stubScan)
    expect(result).toMatchObject({ instance: { reason: 'EC2_INSTANCE_STOPPED' }, snapshots: { deleted: { length: 2 }, leftover: [] } })
    expect(aws.snapshots).toEqual([])
  })

  it('throws where the instance does not exist', async () => {
    const { options } = await startAccount()
    const scan = runInstanceScan({ ...options, instanceId: 'i-0000000000000dead' }, stubScan)
    await expect(scan).rejects.toMatchObject({ action: 'ec2:DescribeInstances', awsCode: 'InvalidInstanceID.NotFound' })
    await expect(scan).rejects.toThrow(AwsError)
  })
})
