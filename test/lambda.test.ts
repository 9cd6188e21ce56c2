import { describe, expect, it, vi } from 'vitest'
import { memoryStore } from '../src/advisories/memory-store.js'
import type { AdvisoryStore } from '../src/advisories/types.js'
import { ConfigError } from '../src/errors.js'
import { createHandler, type ScanContext } from '../src/lambda.js'
import type { InstanceScanResult } from '../src/model.js'
import { INSTANCE, startAccount, type TestAccount } from './aws/account.js'

const context = (awsRequestId = 'request-1', remainingMs = 900_000): ScanContext => ({
  awsRequestId,
  getRemainingTimeInMillis: () => remainingMs,
})
const creations = ({ actions }: TestAccount): number => actions().filter((action) => action === 'CreateSnapshots').length
const store = memoryStore([])

describe('the Lambda handler', () => {
  it('answers with counts, hands the result on, and leaves no snapshot', async () => {
    const { aws, clients } = await startAccount()
    const results: InstanceScanResult[] = []
    const handler = createHandler({ clients, advisories: store, onResult: (result) => void results.push(result) })
    const summary = await handler({ instanceId: INSTANCE }, context())
    expect(summary).toMatchObject({
      instanceId: INSTANCE,
      region: 'eu-central-1',
      scanId: expect.stringMatching(/^snapsight-0-/),
      // Its volumes hold nothing but a byte.
      status: 'incomplete',
      statusCode: 'INACTIVE',
      reason: 'UNSUPPORTED_OS',
      packages: 0,
      findings: 0,
      findingsBySeverity: {},
      databaseBuilt: store.info.built,
      leftover: [],
    })
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary)
    expect(results).toHaveLength(1)
    expect(results[0]).toMatchObject({ snapshots: { scanId: summary.scanId }, database: store.info })
    expect(aws.snapshots).toEqual([])
  })

  it('takes an event of EventBridge', async () => {
    const { clients } = await startAccount()
    const event = { region: 'eu-central-1', detail: { 'instance-id': INSTANCE, state: 'running' } }
    expect(await createHandler({ clients })(event, context())).toMatchObject({ instanceId: INSTANCE, region: 'eu-central-1' })
  })

  it('makes no second set of snapshots when Lambda repeats a request', async () => {
    const account = await startAccount()
    const { aws, clients } = account
    aws.addFault({ action: 'GetSnapshotBlock', kind: 'hang' })
    // Killed by Lambda while it reads: this invocation never comes to its end.
    void createHandler({ clients })({ instanceId: INSTANCE }, context('request-7')).catch(() => undefined)
    await vi.waitFor(() => expect(account.actions()).toContain('GetSnapshotBlock'))
    expect(aws.snapshots).toHaveLength(2)
    aws.clearFaults()

    await createHandler({ clients })({ instanceId: INSTANCE }, context('request-7'))
    expect(creations(account)).toBe(1)
    expect(aws.snapshots).toEqual([])
    await createHandler({ clients })({ instanceId: INSTANCE }, context('request-8'))
    expect(creations(account)).toBe(2)
  })

  it('stops in time to delete the snapshots', async () => {
    const { aws, clients } = await startAccount({ faults: [{ action: 'GetSnapshotBlock', kind: 'hang' }] })
    const summary = await createHandler({ clients })({ instanceId: INSTANCE }, context('request-1', 45_300))
    expect(summary).toMatchObject({ reason: 'AGENTLESS_INSTANCE_COLLECTION_TIME_LIMIT_EXCEEDED', status: 'incomplete', leftover: [] })
    expect(aws.snapshots).toEqual([])
  })

  it('names what it could not delete', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const { aws, clients } = await startAccount({ faults: [{ action: 'DeleteSnapshot', kind: 'denied' }] })
    const { leftover } = await createHandler({ clients })({ instanceId: INSTANCE }, context())
    vi.restoreAllMocks()
    expect([...leftover].sort()).toEqual(aws.snapshots.map(({ snapshotId }) => snapshotId).sort())
    expect(leftover).toHaveLength(2)
  })

  it('opens its advisories once, and again only after a failure', async () => {
    const { clients } = await startAccount()
    const open = vi.fn<() => Promise<AdvisoryStore>>().mockRejectedValueOnce(new Error('no such file')).mockResolvedValue(store)
    const handler = createHandler({ clients, advisories: open })
    await expect(handler({ instanceId: INSTANCE }, context('a'))).rejects.toThrow('no such file')
    await handler({ instanceId: INSTANCE }, context('b'))
    await handler({ instanceId: INSTANCE }, context('c'))
    expect(open).toHaveBeenCalledTimes(2)
  })

  it('refuses what cannot work', async () => {
    const { clients, actions } = await startAccount()
    const handler = createHandler({ clients })
    await expect(handler({}, context())).rejects.toThrow(/the event names no instance/)
    await expect(handler({ instanceId: INSTANCE }, context('a', 30_000))).rejects.toThrow(/leaves no time to scan/)
    expect(() => createHandler({ marginMs: 5_000 })).toThrow(ConfigError)
    expect(actions()).toEqual([])
  })
})
