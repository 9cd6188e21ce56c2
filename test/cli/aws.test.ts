import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type LocalAws, type LocalAwsOptions, SnapshotFixture, startLocalAws } from '../../src/testing/index.js'
import { run } from './run.js'

const INSTANCE = 'i-0123456789abcdef0'
const VOLUMES = ['vol-0000000000000000a', 'vol-0000000000000000b']

let aws: LocalAws

async function start(options: Partial<LocalAwsOptions> = {}, tags: Record<string, string> = {}): Promise<void> {
  const [root, data] = await Promise.all(['root', 'var'].map((name) => SnapshotFixture.load(`fixtures/snapshots/demo/${name}.snap.gz`)))
  const volumes = [
    { volumeId: VOLUMES[0]!, deviceName: '/dev/xvda', image: root! },
    { volumeId: VOLUMES[1]!, deviceName: '/dev/sdf', image: data! },
  ]
  aws = await startLocalAws({ instances: [{ instanceId: INSTANCE, volumes, tags }], ...options })
  for (const [name, value] of Object.entries(aws.env())) vi.stubEnv(name, value)
}

// Retries wait a random part of their delay.
beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0))
afterEach(async () => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  await aws.close()
})

const deletions = () => aws.calls.filter((call) => call.action === 'DeleteSnapshot').length

describe('snapsight instance', () => {
  it('scans the volumes and leaves no snapshot', async () => {
    await start()
    const { status, text, stderr } = await run(['instance', INSTANCE, '--no-db', '--json'])
    const result = JSON.parse(text)
    expect(result).toMatchObject({ status: 'complete', instance: { instanceId: INSTANCE, reason: 'SUCCESSFUL' } })
    expect(result.packages).toHaveLength(118)
    expect(result.packages[0].evidence).toMatchObject({ volume: VOLUMES[1], path: '/lib/dpkg/status' })
    expect([status, stderr, aws.snapshots]).toEqual([0, '', []])
    expect(deletions()).toBe(2)
  })

  it('shows the instance, what was read and what it cost', async () => {
    await start()
    const { text } = await run(['instance', INSTANCE, '--no-db'])
    expect(text).toMatch(new RegExp(`^Instance ${INSTANCE} in \\S+: SUCCESSFUL$`, 'm'))
    expect(text).toMatch(new RegExp(`^ {2}${VOLUMES[1]} +/dev/sdf snap-\\w+ `, 'm'))
    expect(text).toMatch(/ requests, \$0\.\d{4}$/m)
  })

  it('ends with 3, and says why, where an instance may not be scanned', async () => {
    await start({}, { InspectorEc2Exclusion: '' })
    const { status, text } = await run(['instance', INSTANCE, '--no-db', '--json'])
    expect(JSON.parse(text).instance.reason).toBe('EXCLUDED_BY_TAG')
    expect(status).toBe(3)
    expect(aws.calls.map((call) => call.action)).not.toContain('CreateSnapshots')
  })

  it('fails with one line where AWS refuses', async () => {
    await start({ faults: [{ action: 'CreateSnapshots', kind: 'denied' }] })
    const { status, text, stderr } = await run(['instance', INSTANCE, '--no-db'])
    expect([status, text]).toEqual([1, ''])
    expect(stderr).toMatch(/^snapsight: [^\n]*ec2:CreateSnapshots[^\n]*\n$/)
  })

  it('fails with one line where there is no such instance', async () => {
    await start()
    const { status, stderr } = await run(['instance', 'i-0000000000000dead', '--no-db'])
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^snapsight: [^\n]*i-0000000000000dead[^\n]*\n$/)])
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('deletes the snapshots at %s, says so, and ends with %i', async (signal, expected) => {
    await start({ snapshotMs: 60_000 })
    let interrupted = false
    const { status, stderr, exited } = await run(['instance', INSTANCE, '--no-db'], {
      columns: 100,
      onStderr(text, interrupt) {
        if (interrupted || !text.includes('waiting for snapshots')) return
        interrupted = true
        interrupt(signal)
      },
    })
    expect(stderr).toContain('snapsight: interrupted: deleting the snapshots of this scan; press Ctrl-C again to leave them\n')
    expect(stderr).toContain('snapsight: stopped; the snapshots of this scan are deleted\n')
    expect([status, exited, aws.snapshots]).toEqual([expected, undefined, []])
  })

  it('tells at the second Ctrl-C what may be left, and ends at once', async () => {
    await start({ snapshotMs: 60_000 })
    let interruptions = 0
    const { stderr, exited } = await run(['instance', INSTANCE, '--no-db'], {
      columns: 100,
      onStderr(text, interrupt) {
        if (interruptions > 0 || !text.includes('waiting for snapshots')) return
        interruptions = 2
        interrupt('SIGINT')
        interrupt('SIGINT')
      },
    })
    expect(stderr).toMatch(/snapsight: snapshots tagged InspectorScan=\S+ may be left; delete them with: snapsight sweep --older-than 0\n/)
    expect(exited).toBe(130)
  })

  it('names a snapshot that cannot be deleted', async () => {
    await start({ faults: [{ action: 'DeleteSnapshot', kind: 'denied' }] })
    const { text } = await run(['instance', INSTANCE, '--no-db'])
    expect(text).toMatch(/^Snapshots left in the account \(tag InspectorScan=\S+\); delete them with: snapsight sweep\n {2}snap-\w+: /m)
  })
})

describe('snapsight snapshot', () => {
  it('scans snapshots that exist, and leaves them', async () => {
    await start({ faults: [{ action: 'DeleteSnapshot', kind: 'denied' }] })
    await run(['instance', INSTANCE, '--no-db'])
    const ids = VOLUMES.map((volumeId) => aws.snapshots.find((snapshot) => snapshot.volumeId === volumeId)!.snapshotId)
    const { status, text } = await run(['snapshot', ...ids, '--no-db', '--json'])
    expect([status, JSON.parse(text).packages.length, aws.snapshots.length]).toEqual([0, 118, 2])
  })
})

describe('snapsight sweep', () => {
  it('deletes what killed scans left, once it is old enough', async () => {
    await start({ faults: [{ action: 'DeleteSnapshot', kind: 'denied' }] })
    await run(['instance', INSTANCE, '--no-db'])
    aws.clearFaults()
    const ids = aws.snapshots.map((snapshot) => snapshot.snapshotId)
    expect(ids).toHaveLength(2)

    const young = await run(['sweep'])
    expect(young.text).toMatch(/^0 snapshots deleted, 2 kept, 0 failed$/m)
    const dry = await run(['sweep', '--older-than', '0', '--dry-run'])
    for (const id of ids) expect(dry.text).toContain(`would delete ${id} of vol-`)
    expect(aws.snapshots).toHaveLength(2)

    const { status, text } = await run(['sweep', '--older-than', '0', '--json'])
    expect(
      JSON.parse(text)
        .deleted.map((snapshot: { snapshotId: string }) => snapshot.snapshotId)
        .sort(),
    ).toEqual([...ids].sort())
    expect([status, aws.snapshots]).toEqual([0, []])
  })

  it('ends with 1 where one cannot be deleted', async () => {
    await start({ faults: [{ action: 'DeleteSnapshot', kind: 'denied' }] })
    await run(['instance', INSTANCE, '--no-db'])
    const { status, text } = await run(['sweep', '--older-than', '0'])
    expect([status, text]).toEqual([1, expect.stringMatching(/^NOT DELETED snap-\w+ of vol-\w+, [^:]+.*\n/)])
  })
})
