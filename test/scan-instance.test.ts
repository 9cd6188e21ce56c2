import { CreateSnapshotsCommand } from '@aws-sdk/client-ec2'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../src/advisories/memory-store.js'
import { scanVolumes } from '../src/scan.js'
import { scanInstance, scanSnapshots } from '../src/scan-instance.js'
import { SnapshotFixture } from '../src/testing/index.js'
import { INSTANCE, instance, ROOT, startAccount } from './aws/account.js'

describe('scanInstance and scanSnapshots', () => {
  it('read through AWS what the same disk gives as a file', async () => {
    const disk = await SnapshotFixture.load('fixtures/disks/dos.snap.gz')
    const volumes = [{ volumeId: ROOT, deviceName: '/dev/xvda', image: disk }]
    const { aws, clients, options } = await startAccount({ instances: [instance({ volumes })] })
    const local = await scanVolumes([{ id: ROOT, source: disk }])
    const partitions = local.volumes[0]!.partitions
    expect(partitions.length).toBeGreaterThan(1)

    const advisories = memoryStore([])
    const seen: string[][] = []
    const scanned = await scanInstance({
      ...options,
      advisories,
      onProgress: ({ phase }) => {
        if (phase === 'scan') seen.push(aws.snapshots.map(({ snapshotId }) => snapshotId))
      },
    })
    expect(scanned.volumes[0]).toMatchObject({ volume: ROOT, device: '/dev/xvda', partitions })
    expect(scanned.database).toEqual(advisories.info)
    expect(scanned.stats.requests).toBeGreaterThan(scanned.stats.listRequests)
    expect(scanned.stats.blocks).toBe(local.stats.blocks)
    expect(seen.length).toBeGreaterThan(0)
    expect(aws.snapshots).toEqual([])

    await clients.ec2.send(new CreateSnapshotsCommand({ InstanceSpecification: { InstanceId: INSTANCE } }))
    const snapshotIds = aws.snapshots.map(({ snapshotId }) => snapshotId)
    const again = await scanSnapshots({ clients, snapshotIds, cacheBytes: 4 * 1024 * 1024 })
    expect(again.volumes[0]).toMatchObject({ volume: ROOT, snapshot: snapshotIds[0], partitions })
    expect(aws.snapshots).toHaveLength(1)
  })
})
