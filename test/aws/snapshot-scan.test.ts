import { CreateSnapshotsCommand } from '@aws-sdk/client-ec2'
import { describe, expect, it } from 'vitest'
import { runSnapshotScan } from '../../src/aws/snapshot-scan.js'
import type { LocalAwsOptions } from '../../src/testing/index.js'
import { DATA, INSTANCE, ROOT, startAccount, stubScan, type TestAccount } from './account.js'

/** An account with snapshots of both volumes, root first. */
async function withSnapshots(options: Partial<LocalAwsOptions> = {}, sets = 1): Promise<TestAccount & { snapshotIds: string[] }> {
  const account = await startAccount(options)
  const command = new CreateSnapshotsCommand({ InstanceSpecification: { InstanceId: INSTANCE } })
  for (let i = 0; i < sets; i++) await account.clients.ec2.send(command)
  return { ...account, snapshotIds: account.aws.snapshots.map(({ snapshotId }) => snapshotId) }
}

describe('scan of snapshots that exist', () => {
  it('reads them as the volumes they were taken of, and leaves them', async () => {
    const { aws, clients, snapshotIds, actions } = await withSnapshots()
    const result = await runSnapshotScan({ clients, snapshotIds }, stubScan)
    expect(result.status).toBe('complete')
    expect(result.volumes.map(({ volume, snapshot }) => [volume, snapshot])).toEqual([
      [ROOT, snapshotIds[0]],
      [DATA, snapshotIds[1]],
    ])
    expect(result.stats).toMatchObject({ requests: 4, listRequests: 2 })
    expect(aws.snapshots).toHaveLength(2)
    expect(actions()).not.toContain('DeleteSnapshot')
  })

  it('names several snapshots of one volume by their own ids', async () => {
    const { clients, snapshotIds } = await withSnapshots({}, 2)
    const result = await runSnapshotScan({ clients, snapshotIds: [snapshotIds[0]!, snapshotIds[2]!, snapshotIds[3]!] }, stubScan)
    expect(result.volumes.map(({ volume }) => volume)).toEqual([snapshotIds[0], snapshotIds[2], DATA])
  })

  it('reports one that is not completed, and reads the others', async () => {
    const { clients, snapshotIds } = await withSnapshots({ snapshotMs: 60_000 })
    const result = await runSnapshotScan({ clients, snapshotIds }, stubScan)
    expect(result.status).toBe('incomplete')
    expect(result.volumes.map(({ outcome, reason }) => [outcome, reason])).toEqual(
      Array(2).fill(['failed', 'the snapshot is pending, only a completed one can be read']),
    )
    expect(result.issues).toHaveLength(2)
  })

  it('reports one that cannot be opened, and reads the others', async () => {
    const { clients, snapshotIds } = await withSnapshots({ faults: [{ action: 'ListSnapshotBlocks', kind: 'denied', resource: DATA }] })
    const result = await runSnapshotScan({ clients, snapshotIds }, stubScan)
    expect(result.status).toBe('incomplete')
    expect(result.volumes).toMatchObject([
      { volume: ROOT, outcome: 'read' },
      { volume: DATA, outcome: 'failed', reason: expect.stringContaining('ebs:ListSnapshotBlocks') },
    ])
  })

  it('throws for one that does not exist, for none, and for what is no id', async () => {
    const { clients, snapshotIds } = await withSnapshots()
    const missing = runSnapshotScan({ clients, snapshotIds: [...snapshotIds, 'snap-00000000000000000'] }, stubScan)
    await expect(missing).rejects.toMatchObject({
      awsCode: 'InvalidSnapshot.NotFound',
      message: expect.stringContaining('snap-00000000000000000'),
    })
    await expect(runSnapshotScan({ clients, snapshotIds: [] }, stubScan)).rejects.toThrow('name at least one snapshot')
    await expect(runSnapshotScan({ clients, snapshotIds: ['vol-1'] }, stubScan)).rejects.toThrow('"vol-1" is not a snapshot id')
  })

  it('stops with its signal', async () => {
    const { clients, snapshotIds } = await withSnapshots()
    const reason = new Error('enough')
    await expect(runSnapshotScan({ clients, snapshotIds, signal: AbortSignal.abort(reason) }, stubScan)).rejects.toBe(reason)
  })
})
