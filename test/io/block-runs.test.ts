import { describe, expect, it } from 'vitest'
import { blockRuns } from '../../src/io/block-runs.js'
import { Random } from '../support/random.js'

describe('blockRuns', () => {
  it('merges what overlaps or adjoins, in whatever order it comes', () => {
    const ranges = [
      { offset: 95, length: 10 },
      { offset: 0, length: 1 },
      { offset: 5, length: 14 },
      { offset: 40, length: 10 },
      { offset: 30, length: 70 },
      { offset: 200, length: 10 },
    ]
    const expected = [
      { first: 0, last: 1 },
      { first: 3, last: 10 },
      { first: 20, last: 20 },
    ]
    expect(blockRuns(ranges, 10, 1000)).toEqual(expected)
    expect(blockRuns(ranges.toReversed(), 10, 1000)).toEqual(expected)
  })

  it('agrees with counting block by block', () => {
    const random = new Random(7)
    for (let round = 0; round < 200; round++) {
      const ranges = Array.from({ length: random.below(12) }, () => ({ offset: random.below(260) - 10, length: random.below(60) - 5 }))
      const touched = new Set<number>()
      for (const { offset, length } of ranges) {
        if (offset >= 0) for (let at = offset; at < Math.min(offset + length, 230); at++) touched.add(Math.floor(at / 16))
      }
      const runs = blockRuns(ranges, 16, 230)
      const found = runs.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i))
      expect(found).toEqual([...touched].sort((a, b) => a - b))
      for (let i = 1; i < runs.length; i++) expect(runs[i]!.first).toBeGreaterThan(runs[i - 1]!.last + 1)
    }
  })
})
