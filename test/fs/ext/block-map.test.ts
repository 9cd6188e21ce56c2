import { describe, expect, test } from 'vitest'
import { extBlockMap } from '../../../src/fs/ext/block-map.js'
import { decodeExtentRoot } from '../../../src/fs/ext/extent.js'
import { decodeIndirectRoot } from '../../../src/fs/ext/indirect.js'
import { readerOver } from '../../support/memory-reader.js'
import { blockSpace, extent, extentIndex, extentNode, padded, u32le } from './block-space.js'

const space = blockSpace({ blocksCount: 400 })

/** A disk of 400 blocks of 1 KiB, fetched one by one. */
function disk(blocks: Record<number, readonly number[]>) {
  const bytes = new Uint8Array(400 * 1024)
  for (const [block, content] of Object.entries(blocks)) bytes.set(content, Number(block) * 1024)
  return readerOver(bytes, 1024)
}

const view = (bytes: readonly number[]) => new DataView(padded(bytes, 60).buffer)

describe('indirect blocks', () => {
  const root = decodeIndirectRoot(space, view(u32le(20, 21, 22, 0, 24, 0, 0, 0, 0, 0, 0, 0, 50, 60, 0)), 0)

  test('pointers side by side are one run, 0 is a hole, and each level covers its share', () => {
    expect(root).toEqual([
      { fileBlock: 0, blockCount: 3, fsBlock: 20, level: 0 },
      { fileBlock: 4, blockCount: 1, fsBlock: 24, level: 0 },
      { fileBlock: 12, blockCount: 256, fsBlock: 50, level: 1 },
      { fileBlock: 268, blockCount: 65536, fsBlock: 60, level: 2 },
    ])
  })

  test('only the blocks that a stretch needs are read', async () => {
    const reader = disk({ 50: u32le(100, 101), 60: u32le(61, 62), 61: u32le(200), 62: u32le(300) })
    const map = extBlockMap(space, root, undefined)
    await map.resolve(reader, 0, 12)
    expect(reader.stats.blocks).toBe(0)
    await map.resolve(reader, 268, 269)
    expect(reader.stats.blocks).toBe(2)
    expect(
      map
        .within(0, 2 ** 32)
        .filter((run) => run.level > 0)
        .map((run) => run.fsBlock),
    ).toEqual([50, 62])
    expect(map.within(0, 2 ** 32)).toContainEqual({ fileBlock: 268, blockCount: 1, fsBlock: 200, level: 0 })
    await map.resolve(reader, 0, 2 ** 32)
    expect(reader.stats.blocks).toBe(4)
    expect(map.within(0, 2 ** 32).map((run) => [run.fileBlock, run.fsBlock])).toEqual([
      [0, 20],
      [4, 24],
      [12, 100],
      [268, 200],
      [524, 300],
    ])
  })

  test('a bad index block costs what it covers', async () => {
    const map = extBlockMap(space, root, undefined)
    await map.resolve(disk({ 50: u32le(100, 4000), 60: u32le(61), 61: u32le(200) }), 0, 2 ** 32)
    expect(map.within(0, 2 ** 32).find((run) => run.fileBlock === 12)).toMatchObject({ blockCount: 256, error: { code: 'CORRUPT' } })
    expect(map.within(0, 2 ** 32).at(-1)).toEqual({ fileBlock: 268, blockCount: 1, fsBlock: 200, level: 0 })
  })

  test('triple indirect: 32 bits of file blocks, and no more', () => {
    const wide = decodeIndirectRoot(blockSpace({ blockSize: 65536, blocksCount: 400 }), view(u32le(...new Array(14).fill(0), 70)), 0)
    expect(wide).toEqual([{ fileBlock: 12 + 16384 + 16384 ** 2, blockCount: 2 ** 32 - (12 + 16384 + 16384 ** 2), fsBlock: 70, level: 3 }])
  })
})

test('an extent tree is read down to the leaves that are asked for', async () => {
  const root = decodeExtentRoot(space, view(extentNode(2, [extentIndex(0, 30)])), 0)
  const reader = disk({
    30: extentNode(1, [extentIndex(0, 31), extentIndex(50, 32)], 84),
    31: extentNode(0, [extent(0, 5, 100)], 84),
    32: extentNode(0, [extent(50, 5, 200)], 84),
  })
  const map = extBlockMap(space, root, 0)
  await map.resolve(reader, 52, 53)
  expect(reader.stats.blocks).toBe(2)
  expect(map.within(0, 2 ** 32)).toEqual([
    { fileBlock: 0, blockCount: 50, fsBlock: 31, level: 1 },
    { fileBlock: 50, blockCount: 5, fsBlock: 200, level: 0 },
  ])
})

test('a tree deeper than the budget stays unread', async () => {
  const root = decodeExtentRoot(space, view(extentNode(1, [extentIndex(0, 30), extentIndex(9, 31)])), 0)
  const reader = disk({})
  await extBlockMap(space, root, 0).resolve(reader, 0, 100, 1)
  expect(reader.stats.blocks).toBe(0)
})
