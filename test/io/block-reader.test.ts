import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { IoError } from '../../src/errors.js'
import { BlockReader } from '../../src/io/block-reader.js'
import type { BlockSource, ByteRange } from '../../src/io/types.js'
import { CountingSource, distinctBytes } from '../support/counting-source.js'

const BLOCK = 64
const bytes = distinctBytes(20 * BLOCK + 17)

function open(options: { blocks?: number; holes?: number[]; signal?: AbortSignal } = {}): { source: CountingSource; reader: BlockReader } {
  const source = new CountingSource(bytes, BLOCK, options.holes)
  return { source, reader: new BlockReader(source, { cacheBytes: (options.blocks ?? 8) * BLOCK, signal: options.signal }) }
}

const block = (first: number, count = 1): ByteRange => ({ offset: first * BLOCK, length: count * BLOCK })

describe('read', () => {
  it('gives every range exactly, across any number of blocks and whatever the cache holds', async () => {
    for (const blocks of [2, 3, 8, 100]) {
      const { reader } = open({ blocks })
      for (let offset = 0; offset <= bytes.length; offset += 13) {
        for (const length of [0, 1, 63, 64, 65, 200, 700]) {
          if (offset + length > bytes.length) continue
          expect(Buffer.compare(await reader.read(offset, length), bytes.subarray(offset, offset + length)), `${offset}+${length}`).toBe(0)
        }
      }
      expect(await reader.read(0, bytes.length)).toEqual(bytes)
    }
  })

  it('is synchronous for a cached block, and a view of it', async () => {
    const { reader } = open()
    await reader.read(0, 1)
    const first = reader.read(10, 20)
    const second = reader.read(10, 20)
    expect(first).toEqual(bytes.subarray(10, 30))
    expect((first as Uint8Array).buffer).toBe((second as Uint8Array).buffer)
    expect((first as Uint8Array).byteOffset).toBe((second as Uint8Array).byteOffset)
  })

  it('gives zeros for a block never written, without asking for it', async () => {
    const { source, reader } = open({ holes: [1, 3] })
    const across = await reader.read(0, 5 * BLOCK)
    const expected = bytes.slice(0, 5 * BLOCK)
    expected.fill(0, BLOCK, 2 * BLOCK)
    expected.fill(0, 3 * BLOCK, 4 * BLOCK)
    expect(across).toEqual(expected)
    expect(reader.read(BLOCK + 5, 10)).toEqual(new Uint8Array(10))
    expect(source.reads).toEqual([0, 2, 4])
  })

  it.each([
    [bytes.length, 1],
    [bytes.length - 5, 6],
    [-1, 4],
    [4, -1],
    [Number.NaN, 1],
    [0, Number.NaN],
    [0, Number.POSITIVE_INFINITY],
    [2 ** 60, 1],
  ])('refuses %d + %d and names the range', async (offset, length) => {
    const { source, reader } = open()
    await reader.read(0, 1)
    const refused = Promise.resolve(reader.read(offset, length))
    await expect(refused).rejects.toBeInstanceOf(IoError)
    await expect(refused).rejects.toThrow(`read of ${length} bytes at ${offset} leaves the ${bytes.length} bytes`)
    expect(source.reads).toEqual([0])
  })

  it('refuses a source whose block is not as long as it must be', async () => {
    const source: BlockSource = { size: 2 * BLOCK, blockSize: BLOCK, hasBlock: () => true, readBlock: async () => bytes.subarray(0, 40) }
    await expect(new BlockReader(source).read(0, 8)).rejects.toThrow('block 0 came with 40 bytes instead of 64')
  })
})

describe('cache', () => {
  it('is bounded, and drops the block that was used longest ago', async () => {
    const { source, reader } = open({ blocks: 3 })
    for (const index of [0, 1, 2, 0, 3]) await reader.read(index * BLOCK, 1)
    expect(source.reads).toEqual([0, 1, 2, 3])
    for (const index of [3, 0, 2]) expect(reader.read(index * BLOCK, 1), `block ${index}`).toBeInstanceOf(Uint8Array)
    await reader.read(BLOCK, 1)
    expect(source.reads).toEqual([0, 1, 2, 3, 1])
  })

  it('never drops the block at hand, however much is fetched meanwhile', async () => {
    const { source, reader } = open({ blocks: 3 })
    await reader.read(0, 1)
    expect(reader.read(1, 1)).toBeInstanceOf(Uint8Array)
    for (const index of [1, 2, 3, 4, 5]) {
      await reader.prefetch([block(index)])
      expect(reader.read(2, 1)).toBeInstanceOf(Uint8Array)
    }
    expect(source.reads).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('counts blocks, bytes and hits', async () => {
    const { reader } = open({ holes: [1] })
    await reader.read(0, 8)
    await reader.read(BLOCK, 8)
    await reader.read(20 * BLOCK, 17)
    reader.read(3, 8)
    reader.read(4, 8)
    reader.read(20 * BLOCK + 1, 8)
    expect(reader.stats).toEqual({ blocks: 2, bytes: BLOCK + 17, cacheHits: 3 })
  })

  it('fetches a block once for all who ask while it is on its way', async () => {
    const { source, reader } = open()
    const ranges = [reader.read(0, 4), reader.read(8, 4), reader.prefetch([block(0)]), reader.read(0, 3 * BLOCK)]
    await Promise.all(ranges)
    expect(source.reads).toEqual([0, 1, 2])
  })
})

describe('prefetch', () => {
  it('fetches what ranges touch in ascending order, each block once, all at the same time', async () => {
    const { source, reader } = open({ blocks: 16, holes: [6] })
    await reader.prefetch([block(9), { offset: 5 * BLOCK + 60, length: 70 }, block(1, 2), block(2), { offset: 64, length: 0 }])
    expect(source.reads).toEqual([1, 2, 5, 7, 9])
    expect(source.mostInFlight).toBe(5)
    expect(reader.read(5 * BLOCK + 60, 4)).toEqual(bytes.subarray(5 * BLOCK + 60, 5 * BLOCK + 64))
  })

  it('brings no more than the cache holds, and what it brings does not drop what it found there', async () => {
    const { source, reader } = open({ blocks: 4 })
    await reader.prefetch([block(3)])
    await reader.prefetch([block(10, 3)])
    await reader.prefetch([block(0, 20)])
    expect(source.reads).toEqual([3, 10, 11, 12, 0, 1, 2])
    for (const index of [0, 1, 2, 3]) expect(reader.read(index * BLOCK, 1)).toBeInstanceOf(Uint8Array)
  })

  it('ignores ranges that make no sense and cuts those that leave the source', async () => {
    const { source, reader } = open()
    await reader.prefetch([
      { offset: -5, length: 10 },
      { offset: Number.NaN, length: 1 },
      { offset: 2 ** 60, length: 9 },
      { offset: 20 * BLOCK, length: 2 ** 60 },
    ])
    expect(source.reads).toEqual([20])
  })

  it.each([true, false])('looks at a bounded number of blocks of 64 TiB (written: %s)', async (written) => {
    let asked = 0
    const read: number[] = []
    const source: BlockSource = {
      size: 2 ** 46,
      blockSize: 2 ** 19,
      hasBlock: () => {
        asked++
        return written
      },
      readBlock: (blockIndex) => {
        read.push(blockIndex)
        return Promise.reject(new IoError('no such block'))
      },
    }
    await new BlockReader(source).prefetch([{ offset: 0, length: 2 ** 46 }])
    expect(asked).toBeLessThanOrEqual(100_000)
    expect(read).toHaveLength(written ? 128 : 0)
  })

  it('lets the source prepare, and then skips what it has learnt was never written', async () => {
    const prepared: number[][] = []
    const known = new Set<number>()
    const source = new CountingSource(bytes, BLOCK, [2])
    const lazy: BlockSource = {
      size: source.size,
      blockSize: BLOCK,
      hasBlock: (blockIndex) => !known.has(blockIndex) || source.hasBlock(blockIndex),
      readBlock: (blockIndex) => source.readBlock(blockIndex),
      prepare: async (blockIndexes) => {
        prepared.push([...blockIndexes])
        for (const blockIndex of blockIndexes) known.add(blockIndex)
      },
    }
    const reader = new BlockReader(lazy)
    await reader.prefetch([block(3), block(1, 2)])
    expect(prepared).toEqual([[1, 2, 3]])
    expect(source.reads).toEqual([1, 3])
    expect(reader.read(2 * BLOCK, 4)).toEqual(new Uint8Array(4))
  })

  it('neither caches nor counts a block that turns out never to have been written', async () => {
    const known = new Set<number>()
    const source: BlockSource = {
      size: 4 * BLOCK,
      blockSize: BLOCK,
      hasBlock: (blockIndex) => !known.has(blockIndex),
      readBlock: async (blockIndex) => {
        known.add(blockIndex)
        return new Uint8Array(BLOCK)
      },
    }
    const reader = new BlockReader(source)
    expect(await reader.read(5, 3)).toEqual(new Uint8Array(3))
    expect(reader.read(5, 3)).toEqual(new Uint8Array(3))
    expect(reader.stats).toEqual({ blocks: 0, bytes: 0, cacheHits: 0 })
  })
})

describe('failure', () => {
  const unhandled = vi.fn()
  beforeEach(() => {
    unhandled.mockReset()
    process.on('unhandledRejection', unhandled)
  })
  afterEach(async () => {
    vi.useRealTimers()
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })

  it('of one block fails only those who read it', async () => {
    const { source, reader } = open()
    source.before = (blockIndex) => {
      if (blockIndex === 2) throw new IoError('block 2 is bad')
    }
    await reader.prefetch([block(0, 5)])
    for (const index of [0, 1, 3, 4]) expect(reader.read(index * BLOCK, 9)).toEqual(bytes.subarray(index * BLOCK, index * BLOCK + 9))
    await expect(reader.read(2 * BLOCK + 5, 2)).rejects.toThrow('block 2 is bad')
    await expect(reader.read(0, 4 * BLOCK)).rejects.toThrow('block 2 is bad')
  })

  it('is remembered for a while, then tried again', async () => {
    vi.useFakeTimers()
    const { source, reader } = open()
    source.before = () => {
      throw new IoError('gone')
    }
    await reader.prefetch([block(2)])
    await expect(reader.read(2 * BLOCK, 1)).rejects.toThrow('gone')
    await expect(reader.read(2 * BLOCK, 1)).rejects.toThrow('gone')
    expect(source.reads).toEqual([2])
    vi.advanceTimersByTime(31_000)
    source.before = () => undefined
    expect(await reader.read(2 * BLOCK, 4)).toEqual(bytes.subarray(2 * BLOCK, 2 * BLOCK + 4))
    expect(source.reads).toEqual([2, 2])
  })

  it('thrown synchronously by a source is one like any other', async () => {
    let fail = true
    const source: BlockSource = {
      size: BLOCK,
      blockSize: BLOCK,
      hasBlock: () => true,
      readBlock: () => {
        if (fail) throw new IoError('at once')
        return Promise.resolve(bytes.subarray(0, BLOCK))
      },
    }
    vi.useFakeTimers()
    const reader = new BlockReader(source)
    await reader.prefetch([block(0)])
    await expect(reader.read(0, 1)).rejects.toThrow('at once')
    vi.advanceTimersByTime(31_000)
    fail = false
    expect(await reader.read(0, 1)).toEqual(bytes.subarray(0, 1))
  })

  it('to prepare is not one to prefetch', async () => {
    const source = new CountingSource(bytes, BLOCK)
    const reader = new BlockReader(Object.assign(source, { prepare: () => Promise.reject(new IoError('no listing')) }))
    await reader.prefetch([block(0)])
    expect(reader.read(0, 1)).toEqual(bytes.subarray(0, 1))
  })
})

describe('abort', () => {
  it('ends what is on its way with the reason, and refuses what is not here', async () => {
    const abort = new AbortController()
    const reason = new Error('enough')
    const { source, reader } = open({ signal: abort.signal })
    await reader.read(0, 1)
    source.before = (_, signal) => new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))))
    const prefetched = reader.prefetch([block(0, 4)])
    const read = Promise.resolve(reader.read(3 * BLOCK, 1))
    abort.abort(reason)
    await expect(read).rejects.toBe(reason)
    await prefetched
    await reader.prefetch([block(8, 2)])
    await expect(reader.read(8 * BLOCK, 1)).rejects.toBe(reason)
    expect(reader.read(1, 1)).toEqual(bytes.subarray(1, 2))
    expect(source.reads).toEqual([0, 1, 2, 3])
  })
})
