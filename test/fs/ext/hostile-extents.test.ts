import { beforeAll, describe, test } from 'vitest'
import type { Patch } from '../../support/damage.js'
import { expectHostile, type HostileImage, type HostileRow, loadHostile } from '../../support/ext-hostile.js'
import { type ExtLayout, le16, le32 } from '../../support/ext-layout.js'

const FILE = '/w3/f'
const OTHER = '/w4/f'
const DIR = '/w5'
const I_SIZE_LO = 0x4
const I_BLOCK = 0x28
const MAGIC = 0xf30a

const header = (entries: number, max: number, depth: number): number[] => [...[MAGIC, entries, max, depth].flatMap(le16), ...le32(0)]
const extent = (fileBlock: number, length: number, fsBlock: number, high = 0): number[] => [
  ...le32(fileBlock),
  ...[length, high].flatMap(le16),
  ...le32(fsBlock),
]
const index = (fileBlock: number, fsBlock: number): number[] => [...le32(fileBlock), ...le32(fsBlock), ...le32(0)]

/** Where the one extent of a file of these fixtures starts. */
const dataBlock = (at: ExtLayout, path: string): number => at.blockOf(path, 5)

const mapOf = (what: string, bytes: (at: ExtLayout) => number[], lost = FILE): HostileRow => ({
  what,
  patches: (at) => [at.inode(what, lost, I_BLOCK, bytes(at))],
  lost: [lost],
})

/** The map of `FILE` is an index of one block, which is the first of `OTHER` with `bytes` written into it. */
const nodeOf = (what: string, depth: number, bytes: (at: ExtLayout, node: number) => number[]): HostileRow => ({
  what,
  patches: (at) => {
    const node = dataBlock(at, OTHER)
    const block: Patch = { what, offset: node * at.blockSize, bytes: Uint8Array.from(bytes(at, node)) }
    return [at.inode(what, FILE, I_BLOCK, [...header(1, 4, depth), ...index(0, node)]), block]
  },
  lost: [FILE, OTHER],
})

const EXTENTS: readonly HostileRow[] = [
  mapOf('no magic', () => [0, 0]),
  mapOf('more entries than fit the inode', (at) => [...header(5, 5, 0), ...extent(0, 3, dataBlock(at, FILE))]),
  mapOf('more entries than their maximum', (at) => [...header(3, 1, 0), ...extent(0, 3, dataBlock(at, FILE))]),
  mapOf('a depth of 6', (at) => [...header(1, 4, 6), ...index(0, dataBlock(at, OTHER))]),
  mapOf('a depth of 65535', (at) => [...header(1, 4, 65_535), ...index(0, dataBlock(at, OTHER))]),
  mapOf('an index to a block of data', (at) => [...header(1, 4, 1), ...index(0, dataBlock(at, OTHER))]),
  mapOf('an index to a block behind the end', () => [...header(1, 4, 1), ...index(0, 0xffffffff)]),
  mapOf('an index to block 0', () => [...header(1, 4, 1), ...index(0, 0)]),
  mapOf('an index without entries', () => header(0, 4, 1)),
  mapOf('an extent behind the end', () => [...header(1, 4, 0), ...extent(0, 3, 0xfffffff0)]),
  mapOf('an extent across the end', () => [...header(1, 4, 0), ...extent(0, 3, 8190)]),
  mapOf('an extent above 2^32', (at) => [...header(1, 4, 0), ...extent(0, 3, dataBlock(at, FILE), 0xffff)]),
  mapOf('an extent of no length', (at) => [...header(1, 4, 0), ...extent(0, 0, dataBlock(at, FILE))]),
  mapOf('an extent beyond the last file block', (at) => [...header(1, 4, 0), ...extent(0xfffffffe, 5, dataBlock(at, FILE))]),
  mapOf('extents that overlap', (at) => [...header(2, 4, 0), ...extent(0, 3, dataBlock(at, FILE)), ...extent(1, 2, dataBlock(at, OTHER))]),
  mapOf('extents out of order', (at) => [...header(2, 4, 0), ...extent(2, 1, dataBlock(at, FILE)), ...extent(0, 2, dataBlock(at, OTHER))]),
  mapOf('a directory with no magic', () => [0, 0], DIR),
  mapOf('a directory behind the end', () => [...header(1, 4, 0), ...extent(0, 1, 0xfffffff0)], DIR),
  {
    what: 'a directory of 4 GiB in one block',
    patches: (at) => [at.inode('size', DIR, I_SIZE_LO, [0, 0xfc, 0xff, 0xff])],
    lost: [DIR],
  },
  nodeOf('a node that is its own child', 5, (_, node) => [...header(1, 84, 4), ...index(0, node)]),
  nodeOf('a node of the wrong depth', 1, (_, node) => [...header(1, 84, 1), ...index(0, node)]),
  nodeOf('a node that is its own child 84 times', 5, (_, node) => [
    ...header(84, 84, 4),
    ...Array.from({ length: 84 }, (_entry, i) => index(i, node)).flat(),
  ]),
  nodeOf('a node of more entries than fit a block', 1, (at) => [...header(5000, 5000, 0), ...extent(0, 3, dataBlock(at, FILE))]),
]

describe('ext4: hostile extents', () => {
  let image: HostileImage
  beforeAll(async () => {
    image = await loadHostile('ext4-meta-bg')
  })

  test.each(EXTENTS)('$what', (row) => expectHostile(image, row))
})
