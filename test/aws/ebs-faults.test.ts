import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EBSClient } from '@aws-sdk/client-ebs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { EbsError } from '../../src/aws/ebs-error.js'
import { createEbsPool } from '../../src/aws/ebs-pool.js'
import { IoError } from '../../src/errors.js'
import type { Fault } from '../../src/testing/index.js'
import { BLOCK_SIZE } from '../testing/endpoint.js'
import { always, blockBytes, expectBlocks, gets, snapshotOf, twoOfThree, volume } from './ebs-snapshot.js'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

describe('faults', () => {
  it('of all kinds at once leave the bytes as they are', async () => {
    const written = twoOfThree(180)
    const faults: Fault[] = [
      always({ kind: 'hang', after: 10, times: 3 }),
      always({ kind: 'cut', after: 20, times: 3 }),
      always({ kind: 'short-body', after: 30, times: 3 }),
      always({ kind: 'error', rate: 0.05 }),
      always({ kind: 'throttle', rate: 0.2 }),
      always({ kind: 'wrong-checksum', rate: 0.01 }),
      always({ kind: 'wrong-data', rate: 0.01 }),
      always({ kind: 'expired-token', rate: 0.01 }),
      { action: 'ListSnapshotBlocks', kind: 'cut', times: 1 },
      { action: 'ListSnapshotBlocks', kind: 'hang', times: 1 },
      { action: 'ListSnapshotBlocks', kind: 'error', times: 1 },
      { action: 'ListSnapshotBlocks', kind: 'throttle', times: 1 },
    ]
    const { pool, snapshotId } = await snapshotOf(volume(1, written), { faults }, { attemptTimeoutMs: 500, concurrency: 32 })
    const source = await pool.openSnapshot(snapshotId)
    await expectBlocks(source, 180, written)
    expect(source.stats.blocks).toBe(120)
    expect(source.stats.throttles).toBeGreaterThan(10)
    expect(source.stats.retries).toBeGreaterThan(25)
    await pool.close()
  })

  it.each([
    ['wrong-data', 'the bytes do not match their SHA-256'],
    ['wrong-checksum', 'the bytes do not match their SHA-256'],
  ] as const)('%s: the block is asked for 8 times, then fails alone', async (kind, message) => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const { aws, pool, snapshotId } = await snapshotOf(
      volume(1, () => true),
      { faults: [always({ kind, blockIndex: 5 })] },
    )
    const source = await pool.openSnapshot(snapshotId)
    const failed = await source.readBlock(5).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(IoError)
    expect((failed as IoError).message).toBe(`block 5 of ${snapshotId}: ${message}`)
    expect(gets(aws, 5)).toBe(8)
    expect(source.stats).toMatchObject({ blocks: 0, retries: 7, requests: 9 })
    expect(Buffer.compare(await source.readBlock(4), blockBytes(4))).toBe(0)
    await pool.close()
  })

  it.each([
    ['short-body', {}],
    ['cut', {}],
    ['lost-answer', {}],
    ['hang', { attemptTimeoutMs: 200 }],
    ['error', {}],
  ] as const)('%s: a block that never comes is an error that names it', async (kind, poolOptions) => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const { aws, pool, snapshotId } = await snapshotOf(
      volume(1, () => true),
      { faults: [always({ kind, blockIndex: 5 })] },
      poolOptions,
    )
    const source = await pool.openSnapshot(snapshotId)
    const failed = await source.readBlock(5).catch((error: unknown) => error)
    expect([IoError.name, EbsError.name, 'AwsError']).toContain((failed as Error).name)
    expect((failed as Error).message).toContain(`block 5 of ${snapshotId}`)
    expect(gets(aws, 5)).toBe(8)
    await pool.close()
  })

  it('a body that stops half-way ends with its attempt, and its connection with it', async () => {
    const block = blockBytes(0)
    let closed = 0
    const server = createServer((request, response) => {
      if (!request.url?.includes('/blocks/0')) {
        response.end(JSON.stringify({ Blocks: [{ BlockIndex: 0, BlockToken: 'dG9rZW4=' }], VolumeSize: 1, BlockSize: BLOCK_SIZE }))
        return
      }
      response.writeHead(200, {
        'content-length': BLOCK_SIZE,
        'x-amz-data-length': BLOCK_SIZE,
        'x-amz-checksum-algorithm': 'SHA256',
        'x-amz-checksum': createHash('sha256').update(block).digest('base64'),
      })
      response.on('close', () => closed++)
      if (closed === 0) response.write(block.subarray(0, 100_000))
      else response.end(block)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' }
    const pool = createEbsPool({ client: new EBSClient({ region: 'eu-central-1', endpoint, credentials }), attemptTimeoutMs: 400 })
    const source = await pool.openSnapshot('snap-1')
    expect(Buffer.compare(await source.readBlock(0), block)).toBe(0)
    expect(source.stats).toMatchObject({ requests: 3, retries: 1, blocks: 1 })
    server.closeAllConnections()
    server.close()
  })

  it('throttled: 16 attempts, and the pool slows down', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const { aws, pool, snapshotId } = await snapshotOf(
      volume(1, () => true),
      { faults: [always({ kind: 'throttle', blockIndex: 5 })] },
    )
    const source = await pool.openSnapshot(snapshotId)
    await expect(source.readBlock(5)).rejects.toMatchObject({
      code: 'AWS',
      action: 'ebs:GetSnapshotBlock',
      awsCode: 'RequestThrottledException',
      reason: 'ACCOUNT_THROTTLED',
      snapshotId,
    })
    expect(gets(aws, 5)).toBe(16)
    expect(source.stats).toMatchObject({ throttles: 16, retries: 15 })
    await pool.close()
  })

  it('an endpoint slower than the pool is given what it can take', async () => {
    const { pool, snapshotId } = await snapshotOf(
      volume(1, () => true),
      { requestsPerSecond: 20 },
    )
    const source = await pool.openSnapshot(snapshotId)
    await expectBlocks(source, 45, () => true)
    expect(source.stats.throttles).toBeGreaterThan(0)
    await pool.close()
  })

  it.each([
    ['UNAUTHORIZED_ACCOUNT', false],
    ['DEPENDENCY_ACCESS_DENIED', true],
  ])('denied: an error at once that says whether it was the key (%s)', async (reason, isKeyAccessDenied) => {
    const denial = always({ kind: 'code', code: 'AccessDeniedException', status: 403, reason })
    const { aws, pool, snapshotId } = await snapshotOf(
      volume(1, () => true),
      { faults: [denial] },
    )
    const source = await pool.openSnapshot(snapshotId)
    const denied = await source.readBlock(5).catch((error: unknown) => error)
    expect(denied).toBeInstanceOf(EbsError)
    expect(denied).toMatchObject({ awsCode: 'AccessDeniedException', reason, isKeyAccessDenied })
    expect(gets(aws)).toBe(1)
    await pool.close()
  })

  it('not found: may be not yet, for seconds only unless it was completed just now', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const now = performance.now.bind(performance)
    let ahead = 0
    vi.spyOn(performance, 'now').mockImplementation(() => now() + ahead)
    const absent: Fault = { action: 'ListSnapshotBlocks', kind: 'code', code: 'ResourceNotFoundException', status: 404 }
    const { aws, pool, snapshotId } = await snapshotOf(
      volume(1, () => true),
      { faults: [{ ...absent, times: 3 }] },
    )
    expect((await pool.openSnapshot(snapshotId)).stats.retries).toBe(3)

    aws.addFault(absent)
    let ended: string[] = []
    const open = (fresh: boolean): Promise<void> =>
      pool.openSnapshot(snapshotId, { fresh }).then(
        () => undefined,
        (error: EbsError) => void ended.push(`${fresh} ${error.awsCode}`),
      )
    const opening = [open(false), open(true)]
    ahead = 5_000
    await opening[0]
    expect(ended).toEqual(['false ResourceNotFoundException'])
    ended = []
    ahead = 119_000
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(ended).toEqual([])
    ahead = 121_000
    await opening[1]
    expect(ended).toEqual(['true ResourceNotFoundException'])
    await pool.close()
  })

  it('an endpoint that has not answered for a minute is asked once for each block', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const now = performance.now.bind(performance)
    let ahead = 0
    vi.spyOn(performance, 'now').mockImplementation(() => now() + ahead)
    const { aws, pool, snapshotId } = await snapshotOf(
      volume(1, () => true),
      { faults: [always({ kind: 'error' })] },
    )
    const source = await pool.openSnapshot(snapshotId)
    await expect(source.readBlock(1)).rejects.toThrow('InternalServerException')
    ahead = 61_000
    await expect(source.readBlock(2)).rejects.toThrow('InternalServerException')
    expect([gets(aws, 1), gets(aws, 2)]).toEqual([8, 1])
    aws.clearFaults()
    await source.readBlock(3)
    aws.addFault(always({ kind: 'error', times: 2 }))
    await source.readBlock(4)
    expect(gets(aws, 4)).toBe(3)
    await pool.close()
  })

  it('an endpoint that cannot be reached is an error that says so', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const { pool, aws, snapshotId } = await snapshotOf(volume(1, () => true))
    await aws.close()
    await expect(pool.openSnapshot(snapshotId)).rejects.toMatchObject({ action: 'ebs:ListSnapshotBlocks', awsCode: 'ECONNREFUSED' })
    await pool.close()
  })
})
