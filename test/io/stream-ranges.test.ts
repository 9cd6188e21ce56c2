import { describe, expect, it } from 'vitest'
import { IoError } from '../../src/errors.js'
import { BlockReader } from '../../src/io/block-reader.js'
import { SliceReader } from '../../src/io/slice-reader.js'
import { streamRanges } from '../../src/io/stream-ranges.js'
import type { ByteRange, Reader } from '../../src/io/types.js'
import { CountingSource, distinctBytes } from '../support/counting-source.js'

const BLOCK = 256
const bytes = distinctBytes(400 * BLOCK)

function open(cacheBlocks: number): { source: CountingSource; reader: BlockReader } {
  const source = new CountingSource(bytes, BLOCK)
  source.before = () => new Promise((resolve) => setImmediate(resolve))
  return { source, reader: new BlockReader(source, { cacheBytes: cacheBlocks * BLOCK }) }
}

async function collect(reader: Reader, ranges: readonly ByteRange[], start = 0): Promise<void> {
  let expected = 0
  await streamRanges(reader, ranges, (index, found) => {
    expect(index).toBe(expected++)
    const { offset, length } = ranges[index]!
    if (found instanceof Error) throw found
    expect(Buffer.compare(found, bytes.subarray(start + offset, start + offset + length))).toBe(0)
  })
  expect(expected).toBe(ranges.length)
}

const scattered = (every: number, length: number, size: number): ByteRange[] =>
  Array.from({ length: Math.floor((size - length) / every) }, (_, i) => ({ offset: i * every, length }))

describe('streamRanges', () => {
  it.each([
    ['many in a block', 20, 16],
    ['one in a block', BLOCK, 8],
    ['across borders', BLOCK - 3, 12],
    ['blocks apart', 3 * BLOCK + 5, 40],
    ['longer than blocks', 5 * BLOCK, 3 * BLOCK + 7],
    ['longer than a window', 40 * BLOCK, 30 * BLOCK],
  ])('gives every range in order and fetches each block once: %s', async (_, every, length) => {
    for (const cacheBlocks of [64, 16]) {
      const { source, reader } = open(cacheBlocks)
      const ranges = scattered(every, length, bytes.length)
      await collect(reader, ranges)
      const touched = new Set(ranges.flatMap((range) => blocksOf(range)))
      if (length <= cacheBlocks * BLOCK) expect(source.reads).toHaveLength(touched.size)
      expect(new Set(source.reads)).toEqual(touched)
    }
  })

  it('keeps as many requests on their way as half the cache holds, also through a partition that no block border fits', async () => {
    const { source, reader } = open(64)
    const partition = new SliceReader(reader, 100, bytes.length - 100)
    const ranges = scattered(BLOCK, 8, partition.size)
    await collect(partition, ranges, 100)
    expect(source.reads).toHaveLength(new Set(source.reads).size)
    expect(source.mostInFlight).toBeGreaterThanOrEqual(24)
    expect(source.mostInFlight).toBeLessThanOrEqual(48)
  })

  it('fetches each block once too over a reader that does not say where its blocks lie', async () => {
    const { source, reader } = open(64)
    const plain: Reader = {
      size: reader.size,
      cacheBytes: 64 * 512 * 1024,
      read: (offset, length) => reader.read(offset, length),
      prefetch: (ranges) => reader.prefetch(ranges),
    }
    await collect(plain, scattered(700, 20, bytes.length))
    expect(source.reads).toHaveLength(new Set(source.reads).size)
  })

  it('takes ranges in any order', async () => {
    const { reader } = open(16)
    await collect(reader, scattered(77, 200, bytes.length / 8).toReversed())
    await collect(reader, [])
  })

  it('gives the error of a range in its place, and goes on', async () => {
    const { source, reader } = open(16)
    source.before = (blockIndex) => {
      if (blockIndex === 7) throw new IoError('block 7 is bad')
    }
    const seen: string[] = []
    await streamRanges(reader, [...scattered(BLOCK, 8, 12 * BLOCK), { offset: bytes.length, length: 9 }], (index, found) => {
      seen.push(found instanceof Error ? found.message : String(index))
    })
    expect(seen.slice(0, 9)).toEqual(['0', '1', '2', '3', '4', '5', '6', 'block 7 is bad', '8'])
    expect(seen.at(-1)).toMatch(/^read of 9 bytes at 102400 leaves/)
    expect(source.reads.filter((blockIndex) => blockIndex === 7)).toHaveLength(1)
  })

  it('ends with what the visitor throws, and does not call it again', async () => {
    const { reader } = open(16)
    const visited: number[] = []
    const bug = new Error('a bug of the visitor')
    await expect(
      streamRanges(reader, scattered(BLOCK, 8, bytes.length), (index) => {
        visited.push(index)
        if (index === 3) throw bug
      }),
    ).rejects.toBe(bug)
    expect(visited).toEqual([0, 1, 2, 3])
  })

  it('ends with the reason of an abort', async () => {
    const abort = new AbortController()
    const { reader } = open(16)
    const visited: number[] = []
    const streamed = streamRanges(
      reader,
      scattered(BLOCK, 8, bytes.length),
      (index) => {
        visited.push(index)
        if (index === 5) abort.abort(new Error('enough'))
      },
      abort.signal,
    )
    await expect(streamed).rejects.toThrow('enough')
    expect(visited).toEqual([0, 1, 2, 3, 4, 5])
  })
})

function blocksOf({ offset, length }: ByteRange): number[] {
  const first = Math.floor(offset / BLOCK)
  return Array.from({ length: Math.floor((offset + length - 1) / BLOCK) - first + 1 }, (_, i) => first + i)
}
