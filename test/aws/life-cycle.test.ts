import { DeleteSnapshotCommand, EC2Client } from '@aws-sdk/client-ec2'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runInstanceScan } from '../../src/aws/instance-scan.js'
import { LeftoverError } from '../../src/aws/leftover-error.js'
import { AwsError } from '../../src/errors.js'
import type { LocalAction } from '../../src/testing/index.js'
import { DATA, INSTANCE, ROOT, startAccount, stubScan, type TestAccount } from './account.js'

// Full jitter of nothing: retries follow at once.
beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
afterEach(() => {
  vi.restoreAllMocks()
})

const count = ({ actions }: TestAccount, action: LocalAction): number => actions().filter((name) => name === action).length

describe('CreateSnapshots', () => {
  it.each(['lost-answer', 'cut'] as const)(
    'finds the snapshots of an answer that was lost ("%s") instead of making others',
    async (kind) => {
      const account = await startAccount({ faults: [{ action: 'CreateSnapshots', kind, times: 1 }] })
      const result = await runInstanceScan(account.options, stubScan)
      expect(result.status).toBe('complete')
      expect(result.snapshots.created).toHaveLength(2)
      expect(count(account, 'CreateSnapshots')).toBe(1)
      expect(account.aws.snapshots).toEqual([])
    },
  )

  it.each(['error', 'hang'] as const)('asks again after "%s" only once it knows that nothing was made', async (kind) => {
    const account = await startAccount({ faults: [{ action: 'CreateSnapshots', kind, times: 1 }] })
    const result = await runInstanceScan(account.options, stubScan)
    expect(result.status).toBe('complete')
    expect(count(account, 'CreateSnapshots')).toBe(2)
    const [first, second] = account.actions().flatMap((action, i) => (action === 'CreateSnapshots' ? [i] : []))
    expect(account.actions().slice(first! + 1, second)).toEqual(['DescribeSnapshots', 'DescribeSnapshots', 'DescribeSnapshots'])
    expect(account.waits.slice(0, 3)).toEqual([1_000, 3_000, 6_000])
    expect(account.aws.snapshots).toEqual([])
  })

  it('is never repeated by the SDK, however its client is configured', async () => {
    const account = await startAccount({ faults: [{ action: 'CreateSnapshots', kind: 'error' }] })
    const ec2 = new EC2Client({ ...account.aws.clientConfig(), maxAttempts: 10 })
    await expect(runInstanceScan({ ...account.options, clients: { ...account.clients, ec2 } }, stubScan)).rejects.toThrow(
      /ec2:CreateSnapshots/,
    )
    // One request, and three of ours that followed a look each.
    expect(count(account, 'CreateSnapshots')).toBe(4)
    ec2.destroy()
  })

  it('waits at least 15 seconds where a volume was snapshotted just before', async () => {
    const code = 'SnapshotCreationPerVolumeRateExceeded'
    const account = await startAccount({ faults: [{ action: 'CreateSnapshots', kind: 'code', code, times: 2 }] })
    vi.mocked(Math.random).mockReturnValueOnce(0).mockReturnValueOnce(0.5)
    expect((await runInstanceScan(account.options, stubScan)).status).toBe('complete')
    expect(account.waits).toEqual([15_000, 18_750])
    expect(count(account, 'CreateSnapshots')).toBe(3)
  })

  it('is patient with throttles, and looks for no snapshots after one', async () => {
    const account = await startAccount({ faults: [{ action: 'CreateSnapshots', kind: 'throttle', times: 3 }] })
    expect((await runInstanceScan(account.options, stubScan)).status).toBe('complete')
    expect(account.actions().slice(2, 6)).toEqual(Array(4).fill('CreateSnapshots'))
  })

  it('gives up where the account has no room', async () => {
    const account = await startAccount({ faults: [{ action: 'CreateSnapshots', kind: 'code', code: 'SnapshotLimitExceeded' }] })
    await expect(runInstanceScan(account.options, stubScan)).rejects.toMatchObject({ awsCode: 'SnapshotLimitExceeded' })
    expect(count(account, 'CreateSnapshots')).toBe(1)
  })

  it('reports a volume that its answer does not name, and deletes its snapshot all the same', async () => {
    const { aws, options } = await startAccount()
    options.clients?.ec2?.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const result = await next(args)
          if (commandName === 'CreateSnapshotsCommand') (result.output as { Snapshots?: unknown[] }).Snapshots?.pop()
          return result
        },
      { step: 'initialize' },
    )
    const result = await runInstanceScan(options, stubScan)
    expect(result).toMatchObject({ status: 'incomplete', instance: { reason: 'SUCCESSFUL' } })
    expect(result.instance.volumes[1]).toMatchObject({ volumeId: DATA, status: 'failed', detail: 'CreateSnapshots made no snapshot of it' })
    expect(result.snapshots.deleted).toHaveLength(2)
    expect(aws.snapshots).toEqual([])
  })
})

describe('waiting', () => {
  it('reports volumes whose snapshots end in error', async () => {
    const { aws, options } = await startAccount({ failingVolumes: [DATA] })
    const result = await runInstanceScan(options, stubScan)
    expect(result).toMatchObject({ status: 'incomplete', instance: { statusCode: 'INACTIVE', reason: 'INTERNAL_ERROR' } })
    expect(result.volumes.map(({ volume, outcome, reason }) => [volume, outcome, reason])).toEqual([
      [ROOT, 'failed', expect.stringMatching(/INTERNAL_ERROR: the snapshot ended in state error/)],
      [DATA, 'failed', expect.stringMatching(/INTERNAL_ERROR: the snapshot ended in state error/)],
    ])
    expect(aws.snapshots).toEqual([])
  })

  it('scans the other volumes where one snapshot vanishes', async () => {
    const { aws, clients, options, waits } = await startAccount({ snapshotMs: 3_000 })
    let vanish: Promise<unknown> | undefined
    const result = await runInstanceScan(
      {
        ...options,
        clock: {
          ...options.clock!,
          sleep: async (milliseconds, signal) => {
            const SnapshotId = aws.snapshots.find(({ volumeId }) => volumeId === DATA)?.snapshotId
            vanish ??= clients.ec2.send(new DeleteSnapshotCommand({ SnapshotId }))
            await vanish
            await options.clock!.sleep(milliseconds, signal)
          },
        },
      },
      stubScan,
    )
    expect(result.instance).toMatchObject({
      reason: 'SUCCESSFUL',
      volumes: [
        { volumeId: ROOT, status: 'scanned' },
        { volumeId: DATA, status: 'failed', reason: 'INTERNAL_ERROR', detail: 'the snapshot has vanished' },
      ],
    })
    expect(result.status).toBe('incomplete')
    expect(result.snapshots.leftover).toEqual([])
    // It backs off, and takes a minute to believe it.
    expect(waits.slice(0, 3)).toEqual([1_000, 1_500, 2_250])
    expect(Math.max(...waits)).toBe(15_000)
    expect(waits.reduce((sum, wait) => sum + wait)).toBeGreaterThanOrEqual(60_000)
  })

  it('takes "not found" right after the creation for "not yet"', async () => {
    const faults = [{ action: 'DescribeSnapshots', kind: 'code', code: 'InvalidSnapshot.NotFound', times: 2 } as const]
    const { options } = await startAccount({ faults })
    expect((await runInstanceScan(options, stubScan)).status).toBe('complete')
  })
})

describe('an instance that goes away', () => {
  it('is reported as terminated, and no snapshot of it stays', async () => {
    const { aws, options } = await startAccount()
    const onProgress: typeof options.onProgress = ({ phase }) => {
      if (phase === 'snapshot') aws.setInstanceState(INSTANCE, 'terminated')
    }
    const result = await runInstanceScan({ ...options, onProgress }, stubScan)
    expect(result).toMatchObject({ status: 'incomplete', instance: { statusCode: 'INACTIVE', reason: 'RESOURCE_TERMINATED' } })
    expect(aws.snapshots).toEqual([])
  })

  it('is scanned all the same once its snapshots are there', async () => {
    const { aws, options } = await startAccount({ snapshotMs: 5_000 })
    const onProgress: typeof options.onProgress = ({ phase }) => {
      if (phase === 'wait') aws.setInstanceState(INSTANCE, 'terminated')
    }
    expect((await runInstanceScan({ ...options, onProgress }, stubScan)).status).toBe('complete')
    expect(aws.snapshots).toEqual([])
  })
})

describe('an end before the end', () => {
  it.each(['describe', 'snapshot', 'wait', 'scan'] as const)(
    'aborted in phase "%s" leaves nothing and rejects with the reason',
    async (phase) => {
      const { aws, options } = await startAccount({ snapshotMs: 5_000 })
      const controller = new AbortController()
      const reason = new Error('enough')
      const onProgress: typeof options.onProgress = (event) => {
        if (event.phase === phase) controller.abort(reason)
      }
      await expect(runInstanceScan({ ...options, onProgress, signal: controller.signal }, stubScan)).rejects.toBe(reason)
      expect(aws.snapshots).toEqual([])
    },
  )

  it('aborted before it began makes no call', async () => {
    const { options, actions } = await startAccount()
    const reason = new Error('enough')
    await expect(runInstanceScan({ ...options, signal: AbortSignal.abort(reason) }, stubScan)).rejects.toBe(reason)
    expect(actions()).toEqual([])
  })

  it('aborted while the snapshots are deleted still deletes all', async () => {
    const { aws, options } = await startAccount()
    const controller = new AbortController()
    const onProgress: typeof options.onProgress = ({ phase }) => {
      if (phase === 'delete') controller.abort()
    }
    const result = await runInstanceScan({ ...options, onProgress, signal: controller.signal }, stubScan)
    expect(result.status).toBe('complete')
    expect(aws.snapshots).toEqual([])
  })

  it('aborted while the answer of CreateSnapshots is lost leaves nothing', async () => {
    const { aws, options } = await startAccount({ faults: [{ action: 'CreateSnapshots', kind: 'lost-answer' }] })
    const controller = new AbortController()
    const reason = new Error('enough')
    const onProgress: typeof options.onProgress = ({ phase }) => {
      if (phase === 'snapshot') setTimeout(() => controller.abort(reason), 5)
    }
    await expect(runInstanceScan({ ...options, onProgress, signal: controller.signal }, stubScan)).rejects.toBe(reason)
    expect(aws.snapshots).toEqual([])
  })

  it('gives a result that says so when its time is up', async () => {
    const { aws, options } = await startAccount()
    const result = await runInstanceScan({ ...options, timeoutMs: 100 }, async (volumes, more) => {
      if (volumes.length === 0) return stubScan(volumes, more)
      await new Promise((_, reject) => more.signal?.addEventListener('abort', () => reject(more.signal?.reason)))
      throw new Error('unreachable')
    })
    expect(result).toMatchObject({
      status: 'incomplete',
      instance: { reason: 'AGENTLESS_INSTANCE_COLLECTION_TIME_LIMIT_EXCEEDED', volumes: [{ status: 'failed' }, { status: 'failed' }] },
      volumes: [
        { volume: ROOT, outcome: 'failed' },
        { volume: DATA, outcome: 'failed' },
      ],
    })
    expect(result.snapshots.deleted).toHaveLength(2)
    expect(aws.snapshots).toEqual([])
  })

  it('deletes the snapshots of a scan that throws, and passes its error on untouched', async () => {
    const { aws, options } = await startAccount()
    const failure = new Error('the scan broke')
    await expect(runInstanceScan(options, () => Promise.reject(failure))).rejects.toBe(failure)
    expect(aws.snapshots).toEqual([])
  })
})

describe('cleaning up', () => {
  it('retries deletions', async () => {
    const { aws, options } = await startAccount({
      faults: [
        { action: 'DeleteSnapshot', kind: 'error', times: 3 },
        { action: 'DeleteSnapshot', kind: 'throttle', times: 3 },
        { action: 'DeleteSnapshot', kind: 'cut', times: 2 },
        { action: 'DeleteSnapshot', kind: 'denied', times: 2 },
      ],
    })
    expect((await runInstanceScan(options, stubScan)).snapshots.leftover).toEqual([])
    expect(aws.snapshots).toEqual([])
  })

  it('takes a snapshot that is gone, or whose deletion was not answered, for deleted', async () => {
    const { aws, options } = await startAccount({ faults: [{ action: 'DeleteSnapshot', kind: 'lost-answer', times: 1 }] })
    const { snapshots } = await runInstanceScan(options, stubScan)
    expect(snapshots.leftover).toEqual([])
    expect(snapshots.deleted).toHaveLength(2)
    expect(aws.snapshots).toEqual([])
  })

  it('names a snapshot that it cannot delete', async () => {
    const { aws, options } = await startAccount({ faults: [{ action: 'DeleteSnapshot', kind: 'denied', resource: DATA }] })
    const result = await runInstanceScan(options, stubScan)
    const [left] = aws.snapshots
    expect(result.status).toBe('complete')
    expect(result.snapshots.leftover).toEqual([
      { snapshotId: left?.snapshotId, reason: expect.stringMatching(/ec2:DeleteSnapshot: UnauthorizedOperation/) },
    ])
    expect(result.snapshots.deleted).toHaveLength(1)
    expect(result.issues).toEqual([
      expect.objectContaining({ stage: 'cleanup', message: expect.stringContaining(left!.snapshotId), incomplete: false }),
    ])
  })

  it('names it in the error where the scan failed as well', async () => {
    const { aws, options } = await startAccount({ faults: [{ action: 'DeleteSnapshot', kind: 'denied' }] })
    const failure = new Error('the scan broke')
    const error = await runInstanceScan(options, () => Promise.reject(failure)).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(LeftoverError)
    expect(error).toMatchObject({ cause: failure, message: expect.stringMatching(/^the scan broke; snapshot snap-/) })
    const left = aws.snapshots.map(({ snapshotId }) => snapshotId)
    expect((error as LeftoverError).snapshots.leftover.map(({ snapshotId }) => snapshotId).sort()).toEqual(left.sort())
  })

  it('is not kept from it by a listener that throws', async () => {
    const { aws, options } = await startAccount()
    const onProgress: typeof options.onProgress = ({ phase }) => {
      if (phase === 'delete') throw new Error('a faulty listener')
    }
    expect((await runInstanceScan({ ...options, onProgress }, stubScan)).snapshots.deleted).toHaveLength(2)
    expect(aws.snapshots).toEqual([])
  })

  it('says so where it cannot make sure that nothing is left', async () => {
    const { aws, options, actions } = await startAccount()
    const onProgress: typeof options.onProgress = ({ phase }) => {
      if (phase === 'delete') aws.addFault({ action: 'DescribeSnapshots', kind: 'denied' })
    }
    const result = await runInstanceScan({ ...options, onProgress }, stubScan)
    expect(result.snapshots.unverified).toMatch(/ec2:DescribeSnapshots/)
    expect(result.issues.at(-1)?.message).toContain(`InspectorScan=${result.snapshots.scanId}`)
    expect(actions().at(-1)).toBe('DescribeSnapshots')
  })

  it('ends within its own time limit where AWS does not answer', async () => {
    const { options } = await startAccount({ faults: [{ action: 'DeleteSnapshot', kind: 'hang' }] })
    const result = await runInstanceScan({ ...options, cleanupTimeoutMs: 150 }, stubScan)
    expect(result.snapshots.leftover.map(({ reason }) => reason)).toEqual(Array(2).fill('the time for cleaning up ran out'))
  })
})

describe('permissions', () => {
  it.each([
    ['DescribeInstances', 'ec2:DescribeInstances'],
    ['DescribeVolumes', 'ec2:DescribeVolumes'],
    ['CreateSnapshots', 'ec2:CreateSnapshots'],
    ['DescribeSnapshots', 'ec2:DescribeSnapshots'],
  ] as const)('a denied %s is named at once, with what to allow', async (action, iamAction) => {
    const account = await startAccount({ faults: [{ action, kind: 'denied' }] })
    const error = await runInstanceScan(account.options, stubScan).catch((thrown: unknown) => thrown)
    const failure = error instanceof LeftoverError ? error.cause : error
    expect(failure).toBeInstanceOf(AwsError)
    expect(failure).toMatchObject({
      action: iamAction,
      awsCode: 'UnauthorizedOperation',
      message: expect.stringContaining(`allow ${iamAction}`),
    })
    expect(account.waits).toEqual([])
    expect(account.aws.snapshots).toEqual([])
  })

  it.each(['ListSnapshotBlocks', 'GetSnapshotBlock'] as const)('a denied %s fails the volume', async (action) => {
    const { aws, options } = await startAccount({ faults: [{ action, kind: 'denied', resource: DATA }] })
    // As the scan proper does: a volume that cannot be read costs only itself.
    const result = await runInstanceScan(options, async (volumes, more) => {
      const unreadable = new Set<string>()
      for (const { id, source } of volumes) await source.readBlock(0).catch(() => unreadable.add(id))
      const report = await stubScan(
        volumes.filter(({ id }) => !unreadable.has(id)),
        more,
      )
      return report
    })
    expect(result).toMatchObject({
      status: 'incomplete',
      instance: {
        reason: 'SUCCESSFUL',
        volumes: [
          { volumeId: ROOT, status: 'scanned' },
          { volumeId: DATA, status: 'failed', reason: 'ACCESS_DENIED', detail: expect.stringContaining(`ebs:${action}`) },
        ],
      },
    })
    expect(aws.snapshots).toEqual([])
  })

  it('a key that may not decrypt is told from a permission that is missing', async () => {
    const { options } = await startAccount({
      faults: [
        {
          action: 'ListSnapshotBlocks',
          kind: 'code',
          code: 'AccessDeniedException',
          status: 403,
          reason: 'DEPENDENCY_ACCESS_DENIED',
          resource: ROOT,
        },
      ],
    })
    const result = await runInstanceScan(options, stubScan)
    expect(result.instance).toMatchObject({ statusCode: 'INACTIVE', reason: 'ACCESS_DENIED_TO_ENCRYPTION_KEY' })
  })
})

describe('a bad connection', () => {
  it('is survived: hung, cut, failed and throttled requests are repeated', async () => {
    const action: LocalAction[] = ['DescribeInstances', 'DescribeVolumes', 'DescribeSnapshots']
    const { aws, options } = await startAccount({
      faults: (['hang', 'cut', 'error', 'throttle'] as const).map((kind) => ({ action, kind, times: 2 })),
    })
    expect((await runInstanceScan(options, stubScan)).status).toBe('complete')
    expect(aws.snapshots).toEqual([])
  })

  it('that never comes about is reported with the endpoint to check', async () => {
    const account = await startAccount()
    await account.aws.close()
    await expect(runInstanceScan(account.options, stubScan)).rejects.toThrow(
      /ec2:DescribeInstances: ECONNREFUSED: .*check the region, the network/,
    )
  })
})
