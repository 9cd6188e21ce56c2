import { CreateSnapshotsCommand } from '@aws-sdk/client-ec2'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AwsClients } from '../../src/aws/clients.js'
import { runInstanceScan } from '../../src/aws/instance-scan.js'
import { createScanId } from '../../src/aws/scan-id.js'
import { sweepOrphans } from '../../src/aws/sweep.js'
import { AwsError, ConfigError } from '../../src/errors.js'
import { clientsOf, INSTANCE, image, instance, startAccount, stubScan, type TestAccount } from './account.js'

const HOUR = 3_600_000

beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** Two snapshots with this tag and description, as someone else makes them. */
async function snapshot({ clients }: TestAccount, description: string, scanId?: string): Promise<string[]> {
  const answer = await clients.ec2.send(
    new CreateSnapshotsCommand({
      InstanceSpecification: { InstanceId: INSTANCE },
      Description: description,
      ...(scanId !== undefined && { TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'InspectorScan', Value: scanId }] }] }),
    }),
  )
  return (answer.Snapshots ?? []).map(({ SnapshotId }) => SnapshotId ?? '')
}

/** Snapshots that look like ours in every way but one. */
async function foreign(account: TestAccount): Promise<string[]> {
  const scanId = createScanId()
  const sets = [
    await snapshot(account, 'Created by Amazon Inspector', '6f1c4c1e-0d6c-4a3b-8f7e-000000000000'),
    await snapshot(account, `snapsight scan ${scanId}`),
    await snapshot(account, 'kept on purpose', scanId),
    await snapshot(account, `snapsight scan ${scanId}`, createScanId()),
    await snapshot(account, 'snapsight scan snapsight-prod', 'snapsight-prod'),
  ]
  return sets.flat().sort()
}

const ids = ({ aws }: TestAccount): string[] => aws.snapshots.map(({ snapshotId }) => snapshotId).sort()

describe('sweepOrphans', () => {
  it('deletes what killed scans left, and nothing else', async () => {
    const account = await startAccount()
    const others = await foreign(account)
    const scanId = createScanId()
    const ours = await snapshot(account, `snapsight scan ${scanId}: nightly`, scanId)
    account.aws.advance(7 * HOUR)
    const young = createScanId()
    const kept = await snapshot(account, `snapsight scan ${young}`, young)
    const clock = { ...account.options.clock!, now: () => Date.now() + 7 * HOUR }

    const dry = await sweepOrphans({ clients: account.clients, clock, dryRun: true })
    expect(dry.deleted.map(({ snapshotId }) => snapshotId).sort()).toEqual(ours.sort())
    expect(ids(account)).toHaveLength(others.length + 4)

    const result = await sweepOrphans({ clients: account.clients, clock })
    expect(result.deleted.map(({ snapshotId }) => snapshotId).sort()).toEqual(ours)
    expect(result.deleted.every((swept) => swept.scanId === scanId && swept.startedAt !== undefined)).toBe(true)
    expect(result.kept.map(({ snapshotId }) => snapshotId).sort()).toEqual(kept.sort())
    expect(result.failed).toEqual([])
    expect(ids(account)).toEqual([...others, ...kept].sort())

    await sweepOrphans({ clients: account.clients, olderThanHours: 0 })
    expect(ids(account)).toEqual(others)
  })

  it('reads all pages of the listing', async () => {
    const volumes = Array.from({ length: 130 }, (_, i) => ({ volumeId: `vol-${i}`, deviceName: `/dev/${i}`, image: image(1) }))
    const account = await startAccount({ instances: [instance({ volumes })] })
    const scanId = createScanId()
    for (let i = 0; i < 4; i++) await snapshot(account, `snapsight scan ${scanId}`, scanId)
    expect((await sweepOrphans({ clients: account.clients, olderThanHours: 0, dryRun: true })).deleted).toHaveLength(520)
    expect(account.actions().filter((action) => action === 'DescribeSnapshots')).toHaveLength(2)
  })

  it('names what it cannot delete, and deletes the rest', async () => {
    const account = await startAccount()
    const scanId = createScanId()
    const [locked] = await snapshot(account, `snapsight scan ${scanId}`, scanId)
    account.aws.addFault({ action: 'DeleteSnapshot', kind: 'code', code: 'InvalidSnapshot.InUse', resource: locked! })
    const result = await sweepOrphans({ clients: account.clients, olderThanHours: 0 })
    expect(result.failed).toEqual([
      expect.objectContaining({ snapshotId: locked, scanId, reason: expect.stringContaining('InvalidSnapshot.InUse') }),
    ])
    expect(ids(account)).toEqual([locked])
  })

  it('says what is wrong', async () => {
    const account = await startAccount({ faults: [{ action: 'DescribeSnapshots', kind: 'denied' }] })
    await expect(sweepOrphans({ clients: account.clients })).rejects.toThrow(AwsError)
    await expect(sweepOrphans({ clients: account.clients, olderThanHours: -1 })).rejects.toThrow(ConfigError)
    await expect(sweepOrphans({ clients: account.clients, olderThanHours: Number.NaN })).rejects.toThrow(ConfigError)
  })
})

/** Clients of a process that is killed at its request number `at`: before it is sent, or once its answer is there. */
function killedAt(account: TestAccount, at: number, when: 'before' | 'after'): { clients: AwsClients; killed: Promise<void> } {
  const clients = clientsOf(account.aws)
  let requests = 0
  let kill = (): void => undefined
  const killed = new Promise<void>((resolve) => {
    kill = resolve
  })
  const never = (): Promise<never> => {
    kill()
    return new Promise(() => undefined)
  }
  for (const client of Object.values(clients)) {
    client.middlewareStack.add(
      (next: (args: object) => Promise<object>) => async (args: object) => {
        const request = requests++
        if (request > at || (request === at && when === 'before')) return never()
        const answer = await next(args)
        return request === at ? never() : answer
      },
      { step: 'initialize' },
    )
  }
  return { clients, killed }
}

describe('a scan that is killed', () => {
  it.each(['before', 'after'] as const)('%s any of its requests leaves nothing that a sweep does not find', async (when) => {
    const account = await startAccount()
    const others = await foreign(account)
    const calls = account.actions().length
    await runInstanceScan(account.options, stubScan)
    const requests = account.actions().length - calls
    expect(requests).toBeGreaterThanOrEqual(11)

    let left = 0
    for (let at = 0; at < requests; at++) {
      const { clients, killed } = killedAt(account, at, when)
      runInstanceScan({ ...account.options, clients, requestTimeoutMs: 60_000 }, stubScan).catch(() => undefined)
      await killed
      left += ids(account).length - others.length
      const { failed } = await sweepOrphans({ clients: account.clients, olderThanHours: 0 })
      expect(failed).toEqual([])
      expect(ids(account), `killed ${when} request ${at}`).toEqual(others)
    }
    expect(left).toBeGreaterThan(0)
  })
})
