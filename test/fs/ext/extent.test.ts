import { describe, expect, test } from 'vitest'
import { crc32c } from '../../../src/fs/crc32c.js'
import { decodeExtentBlock, decodeExtentRoot } from '../../../src/fs/ext/extent.js'
import { blockSpace, extent, extentIndex, extentNode, padded, u32le } from './block-space.js'

const decodeRoot = (node: readonly number[]) => decodeExtentRoot(blockSpace(), new DataView(padded(node, 60).buffer), 0)

describe('root', () => {
  test('no extents', () => {
    expect(decodeRoot(extentNode(0, []))).toEqual([])
  })

  test('an extent of 32,768 blocks is data, one more is unwritten and a hole', () => {
    expect(decodeRoot(extentNode(0, [extent(0, 32768, 500), extent(40000, 32769, 40000), extent(40001, 1, 90000)]))).toEqual([
      { fileBlock: 0, blockCount: 32768, fsBlock: 500, level: 0 },
      { fileBlock: 40001, blockCount: 1, fsBlock: 90000, level: 0 },
    ])
  })

  test('blocks above 2^32', () => {
    const space = blockSpace({ blocksCount: 2 ** 40 })
    const view = new DataView(padded(extentNode(0, [extent(0, 1, 3 * 2 ** 32 + 5)]), 60).buffer)
    expect(decodeExtentRoot(space, view, 0)).toMatchObject([{ fsBlock: 3 * 2 ** 32 + 5 }])
  })

  test('an index covers the file up to the next one', () => {
    expect(decodeRoot(extentNode(2, [extentIndex(0, 70), extentIndex(1000, 71)]))).toEqual([
      { fileBlock: 0, blockCount: 1000, fsBlock: 70, level: 2 },
      { fileBlock: 1000, blockCount: 2 ** 32 - 1 - 1000, fsBlock: 71, level: 2 },
    ])
  })

  test.each([
    ['bad eh_magic', [0, 0, ...extentNode(0, []).slice(2)]],
    ['eh_depth 6', extentNode(6, [extentIndex(0, 70)])],
    ['eh_max 5', extentNode(0, [], 5)],
    ['eh_max 0', extentNode(0, [], 0)],
    ['eh_entries 3 of 2', extentNode(0, [extent(0, 1, 70), extent(1, 1, 71), extent(2, 1, 72)], 2)],
    ['no entries at depth 1', extentNode(1, [])],
    ['out of order', extentNode(0, [extent(5, 1, 70), extent(0, 1, 71)])],
    ['out of order', extentNode(0, [extent(0, 4, 70), extent(3, 1, 80)])],
    ['out of order', extentNode(0, [extent(0, 0, 70)])],
    ['out of order', extentNode(0, [extent(0xffffffff, 1, 70)])],
    ['out of order', extentNode(1, [extentIndex(9, 70), extentIndex(9, 71)])],
    ["no file's", extentNode(0, [extent(0, 1, 1)])],
    ["no file's", extentNode(0, [extent(0, 2, 99_999)])],
    ["no file's", extentNode(1, [extentIndex(0, 100_000)])],
  ])('%s', (problem, node) => {
    expect(() => decodeRoot(node)).toThrow(expect.objectContaining({ code: 'CORRUPT', message: expect.stringContaining(problem) }))
  })
})

describe('block', () => {
  const parent = { fileBlock: 100, blockCount: 50, fsBlock: 70, level: 1 }
  const node = extentNode(0, [extent(100, 10, 200), extent(120, 30, 300)], 84)

  test('runs', () => {
    expect(decodeExtentBlock(blockSpace(), padded(node, 1024), parent, 0)).toMatchObject([
      { fsBlock: 200 },
      { fsBlock: 300, blockCount: 30 },
    ])
  })

  test('the checksum covers the entries there is room for', () => {
    const bytes = padded(node, 1024)
    const tail = 12 * 85
    bytes.set(u32le(crc32c(77, bytes, 0, tail)), tail)
    const space = blockSpace({ hasMetadataCsum: true })
    expect(decodeExtentBlock(space, bytes, parent, 77)).toHaveLength(2)
    expect(() => decodeExtentBlock(space, bytes, parent, 78)).toThrow('bad checksum')
  })

  test.each([
    ['eh_depth 1 under depth 1', extentNode(1, [extentIndex(100, 80)], 84)],
    ['first entry differs', extentNode(0, [extent(101, 1, 200)], 84)],
    ['out of order', extentNode(0, [extent(100, 51, 200)], 84)],
    ['eh_max exceeds', extentNode(0, [extent(100, 1, 200)], 85)],
  ])('%s', (problem, bad) => {
    expect(() => decodeExtentBlock(blockSpace(), padded(bad, 1024), parent, 0)).toThrow(problem)
  })
})
