import { describe, expect, test } from 'vitest'
import { addSuperblocks, descriptorBlock, descriptorCopies, groupHasSuper } from '../../../src/fs/ext/layout.js'
import type { Superblock } from '../../../src/fs/ext/superblock.js'
import { SystemZone } from '../../../src/fs/ext/system-zone.js'

function superblock(fields: Partial<Superblock>): Superblock {
  const full = {
    blockSize: 1024,
    blocksCount: 100 * 8192 + 1,
    firstDataBlock: 1,
    blocksPerGroup: 8192,
    groupCount: 100,
    descSize: 64,
    hasSparseSuper: true,
    hasSparseSuper2: false,
    backupBgs: [0, 0],
    hasMetaBg: false,
    firstMetaBg: 0,
    ...fields,
  }
  return full as Superblock
}

const descriptorBlocks = (fields: Superblock, index: number): number[] => [
  descriptorBlock(fields, index),
  ...descriptorCopies(fields, index),
]

const groupsWithSuper = (fields: Partial<Superblock>): number[] =>
  Array.from({ length: 100 }, (_, group) => group).filter((group) => groupHasSuper(superblock(fields), group))

describe('copies of the superblock', () => {
  test('sparse_super: groups 0 and 1, and powers of 3, 5 and 7', () => {
    expect(groupsWithSuper({})).toEqual([0, 1, 3, 5, 7, 9, 25, 27, 49, 81])
  })
  test('without it: all groups', () => {
    expect(groupsWithSuper({ hasSparseSuper: false })).toHaveLength(100)
  })
  test('sparse_super2: the two it names', () => {
    expect(groupsWithSuper({ hasSparseSuper2: true, backupBgs: [1, 99] })).toEqual([0, 1, 99])
    expect(groupsWithSuper({ hasSparseSuper2: true })).toEqual([0])
  })
})

describe('descriptor blocks', () => {
  test('behind each superblock', () => {
    expect(descriptorBlocks(superblock({}), 2).slice(0, 3)).toEqual([4, 1 + 8192 + 1 + 2, 1 + 3 * 8192 + 1 + 2])
  })

  test('meta_bg: in the first, the second and the last of the groups they describe', () => {
    // dumpe2fs of mke2fs -b 1024 -O meta_bg: 16 descriptors in a block.
    expect(descriptorBlocks(superblock({ hasMetaBg: true }), 1)).toEqual([1 + 16 * 8192, 1 + 17 * 8192, 1 + 31 * 8192])
    expect(descriptorBlocks(superblock({ hasMetaBg: true }), 0)).toEqual([2, 1 + 8192 + 1, 1 + 15 * 8192])
    expect(descriptorBlocks(superblock({ hasMetaBg: true, groupCount: 97 }), 6)).toEqual([1 + 96 * 8192])
  })

  test('meta_bg from a block of the table on: those before it lie as ever', () => {
    const resized = superblock({ hasMetaBg: true, firstMetaBg: 1 })
    expect(descriptorBlocks(resized, 0)[0]).toBe(2)
    expect(descriptorBlocks(resized, 1)[0]).toBe(1 + 16 * 8192)
  })

  test('a first group that begins at block 0 has its superblock in block 1 where blocks have 1 KiB', () => {
    expect(descriptorBlocks(superblock({ firstDataBlock: 0 }), 0).slice(0, 2)).toEqual([2, 8192 + 1])
  })
})

test('a zone of what superblocks and descriptors take, and more', () => {
  const zone = new SystemZone()
  addSuperblocks(superblock({ groupCount: 4 }), zone)
  zone.add(5000, 5010)
  zone.add(4000, 4001)
  zone.add(5008, 5020)
  zone.seal()
  const taken = [1, 2, 8193, 8194, 24577, 24578, 4000, 5000, 5019]
  const free = [3, 8192, 8195, 16385, 24576, 24579, 3999, 4001, 4999, 5020]
  expect(taken.filter((block) => zone.meets(block, block + 1))).toEqual(taken)
  expect(free.filter((block) => zone.meets(block, block + 1))).toEqual([])
  expect([zone.meets(4990, 5001), zone.meets(4990, 5000), zone.meets(3, 8194)]).toEqual([true, false, true])
})

test('an empty zone is never met', () => {
  const zone = new SystemZone()
  zone.seal()
  expect(zone.meets(0, 100)).toBe(false)
})
