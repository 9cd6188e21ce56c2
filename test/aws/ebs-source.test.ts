import { EBSClient } from '@aws-sdk/client-ebs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createEbsPool } from '../../src/aws/ebs-pool.js'
import { ConfigError } from '../../src/errors.js'
import { BlockReader } from '../../src/io/block-reader.js'
import { BLOCK_SIZE, snapshotRoot, startEndpoint } from '../testing/endpoint.js'
import { always, blockBytes, expectBlocks, gets, snapshotOf, twoOfThree, volume } from './ebs-snapshot.js'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

describe('a snapshot', () => {
  it('reads as its volume does; only written blocks are asked for, each once, and counted', async () => {
    const written = twoOfThree(150)
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
    const written = twoOfThree(90)
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
    const { pool, snapshotId } = await snapshotOf(volume(1, twoOfThree(4)))
    const source = await pool.openSnapshot(snapshotId, { sizeBytes: 2 * BLOCK_SIZE + 1000 })
    expect(source.size).toBe(2 * BLOCK_SIZE + 1000)
    expect(Buffer.compare(await source.readBlock(2), blockBytes(2).subarray(0, 1000))).toBe(0)
    for (const blockIndex of [3, -1, 0.5])
      await expect(source.readBlock(blockIndex)).rejects.toThrow(`${snapshotId} has no block ${blockIndex}`)
    await pool.close()
  }, 5_000)

  it('shares its pool, which counts for all', async () => {
    const { aws, pool, snapshotId } = await snapshotOf(volume(1, twoOfThree(30)))
    const [a, b] = await Promise.all([pool.openSnapshot(snapshotId), pool.openSnapshot(snapshotId)])
    await Promise.all([expectBlocks(a, 30, twoOfThree(30)), b.readBlock(1)])
    expect([a.stats.blocks, b.stats.blocks, pool.stats.blocks]).toEqual([20, 1, 21])
    expect(pool.stats.requests).toBe(aws.calls.filter((call) => call.action.includes('SnapshotBlock')).length)
    await pool.close()
  })
})

describe('block tokens', () => {
  it('that expire are listed anew once for all blocks', async () => {
    const { aws, pool, snapshotId } = await snapshotOf(volume(1, twoOfThree(60)), { tokenMs: 1_000_000 })
    const source = await pool.openSnapshot(snapshotId)
    await source.readBlock(1)
    aws.advance(1_000_001)
    await expectBlocks(source, 60, twoOfThree(60))
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
