import { describe, expect, it } from 'vitest'
import { IoError } from '../../src/errors.js'
import { BlockReader } from '../../src/io/block-reader.js'
import { SliceReader } from '../../src/io/slice-reader.js'
import { CountingSource, distinctBytes } from '../support/counting-source.js'

const bytes = distinctBytes(1000)

function open(start: number, size: number): { source: CountingSource; slice: SliceReader } {
  const source = new CountingSource(bytes, 64)
  return { source, slice: new SliceReader(new BlockReader(source), start, size) }
}

describe('SliceReader', () => {
  it('reads its window and nothing besides', async () => {
    const { slice } = open(100, 300)
    expect(slice.size).toBe(300)
    expect(await slice.read(0, 300)).toEqual(bytes.subarray(100, 400))
    expect(await slice.read(7, 20)).toEqual(bytes.subarray(107, 127))
    expect(slice.read(7, 20)).toBeInstanceOf(Uint8Array)
    for (const [offset, length] of [
      [-1, 2],
      [299, 2],
      [0, -1],
      [Number.NaN, 1],
    ] as const) {
      await expect(slice.read(offset, length)).rejects.toThrow(
        new IoError(`read of ${length} bytes at ${offset} leaves the 300 bytes of this window`),
      )
    }
  })

  it('is cut where its base ends, and empty beyond', async () => {
    expect(open(900, 500).slice.size).toBe(100)
    const beyond = open(2000, 10).slice
    expect(beyond.size).toBe(0)
    await expect(beyond.read(0, 1)).rejects.toBeInstanceOf(IoError)
  })

  it('prefetches only inside its window', async () => {
    const { source, slice } = open(128, 64)
    await slice.prefetch([
      { offset: -64, length: 64 },
      { offset: 60, length: 500 },
    ])
    expect(source.reads).toEqual([2])
  })

  it('knows how it lies in the blocks beneath, also as a window of a window', () => {
    const base = new BlockReader(new CountingSource(bytes, 64))
    const outer = new SliceReader(base, 100, 500)
    expect(outer.grid).toEqual({ blockSize: 64, shift: 100 })
    expect(new SliceReader(outer, 30, 10).grid).toEqual({ blockSize: 64, shift: 130 })
    expect(outer.cacheBytes).toBe(base.cacheBytes)
  })
})
