import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type LocalAction, type LocalAws, SnapshotFixture, startLocalAws } from '../../src/testing/index.js'
import { Command, snapsight } from '../support/command.js'

const INSTANCE = 'i-0123456789abcdef0'
let root: SnapshotFixture

beforeAll(async () => {
  root = await SnapshotFixture.load('fixtures/snapshots/demo/root.snap.gz')
})

async function startSlowAws(): Promise<LocalAws> {
  const aws = await startLocalAws({
    latencyMs: 30,
    snapshotMs: 300,
    instances: [{ instanceId: INSTANCE, volumes: [{ volumeId: 'vol-0000000000000000a', deviceName: '/dev/xvda', image: root }] }],
  })
  onTestFinished(() => aws.close())
  return aws
}

/** Starts a scan and resolves once the endpoint has answered the action. */
async function scanUntil(aws: LocalAws, action: LocalAction): Promise<Command> {
  const scan = new Command(['instance', INSTANCE, '--no-db'], aws.env())
  while (!aws.calls.some((call) => call.action === action)) {
    if (scan.process.exitCode !== null) throw new Error((await scan.finished).stderr)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return scan
}

describe('a scan that is ended from outside', () => {
  it.each(['CreateSnapshots', 'DescribeSnapshots', 'GetSnapshotBlock'] as const)(
    'by SIGKILL after %s leaves what sweep deletes',
    async (action) => {
      const aws = await startSlowAws()
      const scan = await scanUntil(aws, action)
      scan.process.kill('SIGKILL')
      await scan.finished
      expect(aws.snapshots).toHaveLength(1)

      expect(await snapsight(['sweep', '--older-than', '0'], aws.env())).toMatchObject({ status: 0 })
      expect(aws.snapshots).toEqual([])
    },
  )

  it.each(['CreateSnapshots', 'GetSnapshotBlock'] as const)('by Ctrl-C after %s deletes its snapshots and says so', async (action) => {
    const aws = await startSlowAws()
    const scan = await scanUntil(aws, action)
    scan.process.kill('SIGINT')
    const { status, stdout, stderr } = await scan.finished
    expect(status).toBe(130)
    expect(stdout).toBe('')
    expect(stderr).toContain('the snapshots of this scan are deleted')
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(aws.snapshots).toEqual([])
  })
})
