import { describe, expect, it } from 'vitest'
import { ReadAhead } from '../../src/formats/database-file.js'

const MIB = 1024 * 1024

function fileOf(sizeMib: number, cacheMib: number) {
  const fetched: string[] = []
  const bytes = new Uint8Array(sizeMib * MIB)
  const reader = new ReadAhead({
    size: bytes.length,
    cacheBytes: cacheMib * MIB,
    read: (offset, length) => bytes.subarray(offset, offset + length),
    prefetch: async (ranges) => void fetched.push(...ranges.map(({ offset, length }) => `${offset / MIB}+${length / MIB}`)),
  })
  return { fetched, reader }
}

describe('ReadAhead', () => {
  it('fetches the window around a read once, cut at the end of the file', async () => {
    const { fetched, reader } = fileOf(9, 64)
    for (const offset of [0, 10, 3 * MIB, 8 * MIB, 8.5 * MIB]) expect(await reader.read(offset, 100)).toHaveLength(100)
    expect(fetched).toEqual(['0+4', '8+1'])
  })

  it('fetches every window that a read touches', async () => {
    const { fetched, reader } = fileOf(16, 64)
    expect(await reader.read(3 * MIB, 6 * MIB)).toHaveLength(6 * MIB)
    expect(fetched).toEqual(['0+4', '4+4', '8+4'])
  })

  it('fetches a window again once the cache may have lost it', async () => {
    const { fetched, reader } = fileOf(24, 16)
    for (const offset of [0, 4, 8, 0]) await reader.read(offset * MIB, 1)
    expect(fetched).toEqual(['0+4', '4+4', '8+4', '0+4'])
  })

  it('takes smaller windows where the cache is small', async () => {
    const { fetched, reader } = fileOf(4, 4)
    await reader.read(0, 1)
    expect(fetched).toEqual(['0+1'])
    const tiny = fileOf(1, 0)
    await tiny.reader.read(0, 1)
    expect(tiny.fetched).toEqual([`0+${1 / 16}`])
  })
})
