import { createHash } from 'node:crypto'
import { EBSClient, ListSnapshotBlocksCommand } from '@aws-sdk/client-ebs'
import { DeleteSnapshotCommand, DescribeInstancesCommand, DescribeVolumesCommand } from '@aws-sdk/client-ec2'
import { ListResourceTagsCommand } from '@aws-sdk/client-kms'
import { describe, expect, test } from 'vitest'
import type { Fault } from '../../src/testing/index.js'
import { BLOCK_SIZE, DATA, getBlock, INSTANCE, ROOT, snapshotRoot, startEndpoint } from './endpoint.js'

describe('errors by their services’ names', () => {
  test.each([
    ['throttle', 'RequestLimitExceeded', 503, 'RequestThrottledException', 400, 'ThrottlingException', 400],
    ['error', 'InternalError', 500, 'InternalServerException', 500, 'KMSInternalException', 500],
    ['denied', 'UnauthorizedOperation', 403, 'AccessDeniedException', 403, 'AccessDeniedException', 400],
  ] as const)('%s', async (kind, ec2Name, ec2Status, ebsName, ebsStatus, kmsName, kmsStatus) => {
    const { aws, ec2, ebs, kms } = await startEndpoint({ keys: [{ keyId: 'cafe' }] })
    const SnapshotId = await snapshotRoot(ec2)
    aws.addFault({ action: ['DescribeInstances', 'ListSnapshotBlocks', 'ListResourceTags'], kind })
    const refused = (sent: Promise<unknown>, name: string, httpStatusCode: number) =>
      expect(sent).rejects.toMatchObject({ name, $metadata: { httpStatusCode } })
    await refused(ec2.send(new DescribeInstancesCommand({})), ec2Name, ec2Status)
    await refused(ebs.send(new ListSnapshotBlocksCommand({ SnapshotId })), ebsName, ebsStatus)
    await refused(kms.send(new ListResourceTagsCommand({ KeyId: 'cafe' })), kmsName, kmsStatus)
    expect(aws.calls.at(-1)).toEqual({ action: 'ListResourceTags', resource: 'cafe', status: kmsStatus, fault: kind })
  })

  test('any code, with its status and reason', async () => {
    const { aws, ec2, ebs } = await startEndpoint()
    aws.addFault({ action: 'CreateSnapshots', kind: 'code', code: 'SnapshotCreationPerVolumeRateExceeded', times: 1 })
    await expect(snapshotRoot(ec2)).rejects.toMatchObject({
      name: 'SnapshotCreationPerVolumeRateExceeded',
      $metadata: { httpStatusCode: 400 },
    })
    expect(aws.snapshots).toEqual([])
    const SnapshotId = await snapshotRoot(ec2)
    const code = 'ResourceNotFoundException'
    aws.addFault({ action: 'ListSnapshotBlocks', kind: 'code', code, status: 404, reason: 'SNAPSHOT_NOT_FOUND', times: 1 })
    await expect(ebs.send(new ListSnapshotBlocksCommand({ SnapshotId }))).rejects.toMatchObject({
      name: code,
      Reason: 'SNAPSHOT_NOT_FOUND',
    })
    await ebs.send(new ListSnapshotBlocksCommand({ SnapshotId }))
    aws.addFault({ action: 'DeleteSnapshot', kind: 'code', code: 'InvalidSnapshot.InUse' })
    await expect(ec2.send(new DeleteSnapshotCommand({ SnapshotId }))).rejects.toMatchObject({ name: 'InvalidSnapshot.InUse' })
    expect(aws.snapshots.map(({ snapshotId }) => snapshotId)).toContain(SnapshotId)
  })

  test('an expired token', async () => {
    const { ec2, ebs } = await startEndpoint({ faults: [{ action: 'GetSnapshotBlock', kind: 'expired-token', times: 1 }] })
    const SnapshotId = await snapshotRoot(ec2)
    await expect(getBlock(ebs, SnapshotId, 0)).rejects.toMatchObject({ name: 'ValidationException', Reason: 'INVALID_BLOCK_TOKEN' })
    const { BlockData } = await getBlock(ebs, SnapshotId, 0)
    expect(await BlockData!.transformToByteArray()).toHaveLength(BLOCK_SIZE)
  })
})

describe('blocks that are not what they should be', () => {
  const read = async (kind: Fault['kind']) => {
    const { ec2, ebs } = await startEndpoint({ faults: [{ action: 'GetSnapshotBlock', kind, blockIndex: 3 }] })
    const SnapshotId = await snapshotRoot(ec2)
    const untouched = await getBlock(ebs, SnapshotId, 0)
    expect(sha256(await untouched.BlockData!.transformToByteArray())).toBe(untouched.Checksum)
    const { BlockData, DataLength, Checksum } = await getBlock(ebs, SnapshotId, 3)
    return { bytes: await BlockData!.transformToByteArray(), DataLength, Checksum }
  }
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64')
  const whole = new Uint8Array(BLOCK_SIZE).fill(4)

  test('short-body', async () => {
    const { bytes, DataLength, Checksum } = await read('short-body')
    expect(DataLength).toBe(BLOCK_SIZE)
    expect(bytes.length).toBeLessThan(BLOCK_SIZE)
    expect(Checksum).toBe(sha256(whole))
  })

  test('wrong-data', async () => {
    const { bytes, Checksum } = await read('wrong-data')
    expect(bytes.filter((byte) => byte !== 4)).toHaveLength(1)
    expect(bytes.length).toBe(BLOCK_SIZE)
    expect(Checksum).toBe(sha256(whole))
  })

  test('wrong-checksum', async () => {
    const { bytes, Checksum } = await read('wrong-checksum')
    expect(sha256(bytes)).toBe(sha256(whole))
    expect(Checksum).not.toBe(sha256(whole))
    expect(Buffer.from(Checksum!, 'base64')).toHaveLength(32)
  })

  test('such a fault of another action is refused', async () => {
    const { aws } = await startEndpoint()
    expect(() => aws.addFault({ action: ['GetSnapshotBlock', 'ListSnapshotBlocks'], kind: 'wrong-data' })).toThrow(/GetSnapshotBlock only/)
    expect(() => aws.addFault({ action: 'DeleteSnapshot', kind: 'code' })).toThrow(/code/)
  })
})

describe('connections', () => {
  test('lost-answer: the call takes effect, nobody hears of it', async () => {
    const { aws, ec2 } = await startEndpoint({ faults: [{ action: 'CreateSnapshots', kind: 'lost-answer', times: 1 }] })
    await expect(snapshotRoot(ec2)).rejects.toThrow(/socket hang up|ECONNRESET/)
    expect(aws.snapshots).toHaveLength(2)
    expect(aws.calls).toEqual([{ action: 'CreateSnapshots', resource: INSTANCE, status: 0, fault: 'lost-answer' }])
  })

  test('cut: the body breaks off', async () => {
    const { ec2, ebs } = await startEndpoint({ faults: [{ action: 'GetSnapshotBlock', kind: 'cut' }] })
    const { BlockData } = await getBlock(ebs, await snapshotRoot(ec2), 0)
    await expect(BlockData!.transformToByteArray()).rejects.toThrow(/aborted|ECONNRESET/)
  })

  test('hang: nothing happens until the caller gives up', async () => {
    const { aws, ec2 } = await startEndpoint({ faults: [{ action: 'DeleteSnapshot', kind: 'hang' }] })
    const SnapshotId = await snapshotRoot(ec2)
    const patience = new AbortController()
    const hung = ec2.send(new DeleteSnapshotCommand({ SnapshotId }), { abortSignal: patience.signal })
    const ended = expect(hung).rejects.toMatchObject({ name: 'AbortError' })
    await until(() => aws.calls.length === 2)
    patience.abort()
    await ended
    expect(aws.calls[1]).toEqual({ action: 'DeleteSnapshot', resource: SnapshotId, status: 0, fault: 'hang' })
    expect(aws.snapshots).toHaveLength(2)
  })

  test('closing ends hung connections', async () => {
    const { aws, ec2 } = await startEndpoint({ faults: [{ action: 'DescribeVolumes', kind: 'hang' }] })
    const hung = expect(ec2.send(new DescribeVolumesCommand({}))).rejects.toThrow(/socket hang up|ECONNRESET/)
    await until(() => aws.calls.length === 1)
    await aws.close()
    await hung
    await aws.close()
  })

  test('closing does not wait for delayed answers', async () => {
    const { aws, ec2 } = await startEndpoint({ latencyMs: 60_000 })
    const delayed = expect(ec2.send(new DescribeVolumesCommand({}))).rejects.toThrow(/socket hang up|ECONNRESET/)
    await until(() => aws.calls.length === 1)
    await aws.close()
    await delayed
  })

  test('latencyMs delays every answer', async () => {
    const { ec2 } = await startEndpoint({ latencyMs: 40 })
    const start = performance.now()
    await Promise.all(Array.from({ length: 5 }, () => ec2.send(new DescribeVolumesCommand({}))))
    const took = performance.now() - start
    expect(took).toBeGreaterThanOrEqual(39)
  })
})

describe('when a fault strikes', () => {
  const outcomes = async (fault: Omit<Fault, 'action' | 'kind'>, calls: number, seed = 1) => {
    const { ec2 } = await startEndpoint({ faults: [{ action: 'DescribeVolumes', kind: 'error', ...fault }], seed })
    let text = ''
    for (let i = 0; i < calls; i++) {
      text += await ec2.send(new DescribeVolumesCommand({})).then(
        () => '.',
        () => 'x',
      )
    }
    return text
  }

  test('after and times', async () => {
    expect(await outcomes({}, 3)).toBe('xxx')
    expect(await outcomes({ times: 2 }, 4)).toBe('xx..')
    expect(await outcomes({ after: 2, times: 1 }, 5)).toBe('..x..')
  })

  test('at a rate that the seed repeats', async () => {
    const first = await outcomes({ rate: 0.3 }, 50, 7)
    expect(await outcomes({ rate: 0.3 }, 50, 7)).toBe(first)
    expect(await outcomes({ rate: 0.3 }, 50, 8)).not.toBe(first)
    const struck = first.replaceAll('.', '').length
    expect(struck).toBeGreaterThan(5)
    expect(struck).toBeLessThan(25)
    expect(await outcomes({ rate: 0 }, 20)).toBe('.'.repeat(20))
  })

  test.each([
    ['its snapshot', (snapshots: string[]) => snapshots[1]!],
    ['its volume', () => DATA],
  ])('on a resource by %s', async (_, resourceOf) => {
    const { aws, ec2, ebs } = await startEndpoint()
    await snapshotRoot(ec2)
    const [root, data] = aws.snapshots.map(({ snapshotId }) => snapshotId)
    aws.addFault({ action: 'ListSnapshotBlocks', kind: 'denied', resource: resourceOf([root!, data!]) })
    await ebs.send(new ListSnapshotBlocksCommand({ SnapshotId: root! }))
    await expect(ebs.send(new ListSnapshotBlocksCommand({ SnapshotId: data! }))).rejects.toMatchObject({ name: 'AccessDeniedException' })
    aws.clearFaults()
    await ebs.send(new ListSnapshotBlocksCommand({ SnapshotId: data! }))
  })

  test('the first in the list that applies', async () => {
    const { aws, ec2 } = await startEndpoint({
      faults: [
        { action: 'DescribeVolumes', kind: 'denied', resource: ROOT },
        { action: 'DescribeVolumes', kind: 'throttle', times: 1 },
        { action: 'DescribeVolumes', kind: 'error' },
      ],
    })
    for (const VolumeIds of [[DATA], [DATA], [ROOT, DATA]]) await ec2.send(new DescribeVolumesCommand({ VolumeIds })).catch(() => {})
    expect(aws.calls.map(({ fault }) => fault)).toEqual(['throttle', 'error', 'denied'])
  })

  test('the SDK’s own retries get past it', async () => {
    const { aws, ec2 } = await startEndpoint()
    const SnapshotId = await snapshotRoot(ec2)
    aws.addFault({ action: 'ListSnapshotBlocks', kind: 'error', times: 2 })
    const client = new EBSClient({ ...aws.clientConfig(), maxAttempts: 3 })
    const { $metadata } = await client.send(new ListSnapshotBlocksCommand({ SnapshotId }))
    expect($metadata.attempts).toBe(3)
    client.destroy()
  })
})

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1))
}
