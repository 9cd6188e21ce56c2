import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EBSClient } from '@aws-sdk/client-ebs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { EbsError } from '../../src/aws/ebs-error.js'
import { createEbsPool, type EbsPool, type EbsPoolOptions } from '../../src/aws/ebs-pool.js'
import { ConfigError, IoError } from '../../src/errors.js'
import { BlockReader } from '../../src/io/block-reader.js'
import type { BlockSource } from '../../src/io/types.js'
import type { Fault, LocalAws, LocalAwsOptions } from '../../src/testing/index.js'
import { BLOCK_SIZE, INSTANCE, ROOT, snapshotRoot, startEndpoint } from '../testing/endpoint.js'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

/** A block that no other is like. */
function blockBytes(blockIndex: number): Uint8Array {
  const digest = createHash('sha256').update(`block ${blockIndex}`).digest()
  return Buffer.alloc(BLOCK_SIZE, digest)
}

function volume(sizeGiB: number, written: (blockIndex: number) => boolean): BlockSource {
  return {
    size: sizeGiB * 2 ** 30,
    blockSize: BLOCK_SIZE,
    hasBlock: written,
    readBlock: async (blockIndex) => blockBytes(blockIndex),
  }
}

interface Opened {
  readonly aws: LocalAws
  readonly pool: EbsPool
  readonly snapshotId: string
}

/** A snapshot of `image` behind a local endpoint, and a pool that finds it as the SDK finds its endpoint. */
async function snapshotOf(image: BlockSource, options: Partial<LocalAwsOptions> = {}, poolOptions: EbsPoolOptions = {}): Promise<Opened> {
  const { faults = [], ...others } = options
  const { aws, ec2 } = await startEndpoint({
    instances: [{ instanceId: INSTANCE, volumes: [{ volumeId: ROOT, deviceName: '/dev/xvda', image }] }],
    ...others,
  })
  const snapshotId = await snapshotRoot(ec2)
  for (const [name, value] of Object.entries(aws.env())) vi.stubEnv(name, value)
  for (const fault of faults) aws.addFault(fault)
  return { aws, pool: createEbsPool(poolOptions), snapshotId }
}

const everyThird = (below: number) => (blockIndex: number) => blockIndex < below && blockIndex % 3 !== 0
const always = (fault: Partial<Fault> & Pick<Fault, 'kind'>): Fault => ({ action: 'GetSnapshotBlock', ...fault })
const gets = (aws: LocalAws, blockIndex?: number): number =>
  aws.calls.filter((call) => call.action === 'GetSnapshotBlock' && (blockIndex === undefined || call.blockIndex === blockIndex)).length

async function expectBlocks(source: BlockSource, below: number, written: (blockIndex: number) => boolean): Promise<void> {
  const reader = new BlockReader(source)
  for (let blockIndex = 0; blockIndex < below; blockIndex += 100) {
    const length = Math.min(100, below - blockIndex) * BLOCK_SIZE
    const bytes = await reader.read(blockIndex * BLOCK_SIZE, length)
    for (let i = 0; i * BLOCK_SIZE < length; i++) {
      const expected = written(blockIndex + i) ? blockBytes(blockIndex + i) : Buffer.alloc(BLOCK_SIZE)
      expect(Buffer.compare(expected, bytes.subarray(i * BLOCK_SIZE, (i + 1) * BLOCK_SIZE)), `block ${blockIndex + i}`).toBe(0)
    }
  }
}

describe('a snapshot', () => {
  it('reads as its volume does; only written blocks are asked for, each once, and counted', async () => {
    const written = everyThird(150)
    const { aws, pool, snapshotId } = await snapshotOf(volume(2, written))
    const source = await pool.openSnapshot(snapshotId)
    expect([source.snapshotId, source.size, source.blockSize]).toEqual([snapshotId, 2 * 2 ** 30, BLOCK_SIZE])
    await expectBlocks(source, 160, written)
    expect(aws.calls.filter((call) => call.action.includes('Block'))).toHaveLength(101)
    expect(source.stats).toEqual({
      requests: 101,
      listRequests: 1,
      blocks: 100,
      bytes: 100 * BLOCK_SIZE,
      retries: 0,
      throttles: 0,
      usd: expect.closeTo(0.0003006, 9),
    })
    expect(pool.stats).toEqual(source.stats)
    expect(Buffer.compare(await source.readBlock(3), Buffer.alloc(BLOCK_SIZE))).toBe(0)
    expect(gets(aws)).toBe(100)
    await pool.close()
  })

  it('may be listed in short and empty pages', async () => {
    const written = everyThird(90)
    const { pool, snapshotId } = await snapshotOf(volume(1, written), { maxPageBlocks: 7, emptyPages: true })
    const source = await pool.openSnapshot(snapshotId)
    expect(Array.from({ length: 100 }, (_, i) => source.hasBlock(i))).toEqual(Array.from({ length: 100 }, (_, i) => written(i)))
    expect(source.stats.listRequests).toBeGreaterThan(15)
    await expectBlocks(source, 20, written)
    await pool.close()
  })

  it('of a large volume is listed where it is read', async () => {
    const written = (blockIndex: number): boolean => blockIndex % 2 === 0
    const { pool, snapshotId } = await snapshotOf(volume(200, written))
    const source = await pool.openSnapshot(snapshotId)
    const reader = new BlockReader(source)
    expect(source.stats.listRequests).toBe(1)
    const offsets = [150_000, 150_001, 150_002, 300_000, 409_598, 409_599].map((blockIndex) => blockIndex * BLOCK_SIZE)
    await reader.prefetch(offsets.map((offset) => ({ offset, length: 10 })))
    expect(source.stats).toMatchObject({ listRequests: 4, blocks: 4, requests: 8 })
    for (const offset of offsets) {
      const expected = (offset / BLOCK_SIZE) % 2 ? new Uint8Array(10) : new Uint8Array(blockBytes(offset / BLOCK_SIZE).subarray(0, 10))
      expect(reader.read(offset, 10)).toEqual(expected)
    }
    expect(await reader.read(200_001 * BLOCK_SIZE, 10)).toEqual(new Uint8Array(10))
    expect(source.stats).toMatchObject({ listRequests: 5, blocks: 4, requests: 9 })
    expect(reader.stats.blocks).toBe(4)
    await pool.close()
  })

  it('of a known size ends there', async () => {
    const { pool, snapshotId } = await snapshotOf(volume(1, everyThird(4)))
    const source = await pool.openSnapshot(snapshotId, { sizeBytes: 2 * BLOCK_SIZE + 1000 })
    expect(source.size).toBe(2 * BLOCK_SIZE + 1000)
    expect(Buffer.compare(await source.readBlock(2), blockBytes(2).subarray(0, 1000))).toBe(0)
    for (const blockIndex of [3, -1, 0.5])
      await expect(source.readBlock(blockIndex)).rejects.toThrow(`${snapshotId} has no block ${blockIndex}`)
    await pool.close()
  }, 5_000)

  it('shares its pool, which counts for all', async () => {
    const { aws, pool, snapshotId } = await snapshotOf(volume(1, everyThird(30)))
    const [a, b] = await Promise.all([pool.openSnapshot(snapshotId), pool.openSnapshot(snapshotId)])
    await Promise.all([expectBlocks(a, 30, everyThird(30)), b.readBlock(1)])
    expect([a.stats.blocks, b.stats.blocks, pool.stats.blocks]).toEqual([20, 1, 21])
    expect(pool.stats.requests).toBe(aws.calls.filter((call) => call.action.includes('SnapshotBlock')).length)
    await pool.close()
  })
})

describe('faults', () => {
  it('of all kinds at once leave the bytes as they are', async () => {
    const written = everyThird(240)
    const faults: Fault[] = [
      always({ kind: 'hang', after: 10, times: 5 }),
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
    const { aws, pool, snapshotId } = await snapshotOf(volume(1, written), { faults }, { attemptTimeoutMs: 1_000, concurrency: 32 })
    const source = await pool.openSnapshot(snapshotId)
    await expectBlocks(source, 240, written)
    expect(source.stats.blocks).toBe(160)
    expect(source.stats.throttles).toBeGreaterThan(15)
    expect(source.stats.retries).toBeGreaterThan(30)
    expect(source.stats.requests).toBe(aws.calls.filter((call) => call.action.includes('SnapshotBlock')).length)
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
    ['hang', { attemptTimeoutMs: 60 }],
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
    const pool = createEbsPool({ client: new EBSClient({ region: 'eu-central-1', endpoint, credentials }), attemptTimeoutMs: 200 })
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

describe('block tokens', () => {
  it('that expire are listed anew once for all blocks', async () => {
    const { aws, pool, snapshotId } = await snapshotOf(volume(1, everyThird(60)), { tokenMs: 1_000_000 })
    const source = await pool.openSnapshot(snapshotId)
    await source.readBlock(1)
    aws.advance(1_000_001)
    await expectBlocks(source, 60, everyThird(60))
    expect(source.stats).toMatchObject({ listRequests: 2, blocks: 41 })
    await pool.close()
  })

  it('that are refused again and again end in an error', async () => {
    const { pool, snapshotId } = await snapshotOf(
      volume(1, () => true),
      { faults: [always({ kind: 'expired-token' })] },
    )
    const source = await pool.openSnapshot(snapshotId)
    await expect(source.readBlock(7)).rejects.toMatchObject({ awsCode: 'ValidationException', reason: 'INVALID_BLOCK_TOKEN' })
    expect(source.stats).toMatchObject({ listRequests: 4, requests: 8 })
    await pool.close()
  })
})

describe('abort', () => {
  it('ends what is sent and what waits with its reason, at once, and nothing is sent after', async () => {
    const { aws, pool, snapshotId } = await snapshotOf(
      volume(1, () => true),
      {},
      { concurrency: 4 },
    )
    const abort = new AbortController()
    const reason = new Error('enough')
    const source = await pool.openSnapshot(snapshotId, { signal: abort.signal })
    aws.addFault(always({ kind: 'hang' }))
    const reads = Array.from({ length: 40 }, (_, blockIndex) => source.readBlock(blockIndex, abort.signal))
    await vi.waitFor(() => expect(gets(aws)).toBe(4))
    const start = performance.now()
    abort.abort(reason)
    for (const outcome of await Promise.allSettled(reads)) expect(outcome).toEqual({ status: 'rejected', reason })
    expect(performance.now() - start).toBeLessThan(500)
    await expect(pool.openSnapshot(snapshotId, { signal: abort.signal })).rejects.toBe(reason)
    expect(gets(aws)).toBe(4)

    aws.clearFaults()
    expect(Buffer.compare(await source.readBlock(9), blockBytes(9))).toBe(0)
    await pool.close()
  })
})

describe('a pool', () => {
  it('sends no more at once than its concurrency', async () => {
    const { aws, pool, snapshotId } = await snapshotOf(
      volume(1, () => true),
      {},
      { concurrency: 3 },
    )
    const source = await pool.openSnapshot(snapshotId)
    aws.addFault(always({ kind: 'hang' }))
    const abort = new AbortController()
    const reads = Promise.allSettled(Array.from({ length: 10 }, (_, blockIndex) => source.readBlock(blockIndex, abort.signal)))
    await vi.waitFor(() => expect(gets(aws)).toBe(3))
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(gets(aws)).toBe(3)
    abort.abort()
    await reads
    await pool.close()
  })

  it('uses a client that is given to it, without its retries, and leaves it open', async () => {
    const { aws, ec2 } = await startEndpoint()
    const client = new EBSClient({ ...aws.clientConfig(), maxAttempts: 5 })
    const destroy = vi.spyOn(client, 'destroy')
    const pool = createEbsPool({ client })
    const source = await pool.openSnapshot(await snapshotRoot(ec2))
    aws.addFault(always({ kind: 'error', times: 1 }))
    expect((await source.readBlock(3))[0]).toBe(4)
    expect(source.stats).toMatchObject({ requests: 3, retries: 1 })
    await pool.close()
    expect(destroy).not.toHaveBeenCalled()
    client.destroy()
  })

  it('refuses settings that make no sense', () => {
    for (const options of [{ concurrency: 0 }, { concurrency: 1.5 }, { requestsPerSecond: -1 }, { attemptTimeoutMs: Number.NaN }]) {
      expect(() => createEbsPool(options)).toThrow(ConfigError)
    }
  })

  it('can be closed unused, and twice', async () => {
    const pool = createEbsPool()
    await pool.close()
    await pool.close()
  })
})
