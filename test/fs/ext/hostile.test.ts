import { beforeAll, describe, test } from 'vitest'
import type { Patch } from '../../support/damage.js'
import { expectHostile, type HostileImage, type HostileRow, loadHostile } from '../../support/ext-hostile.js'
import { type ExtLayout, le16, le32 } from '../../support/ext-layout.js'

const I_SIZE_LO = 0x4
const I_FLAGS = 0x20
const I_BLOCK = 0x28
const I_SIZE_HIGH = 0x6c
const ONES = [0xff, 0xff, 0xff, 0xff]

const superRow = (what: string, field: number, bytes: readonly number[], refused: string): HostileRow => ({
  what,
  patches: (at) => [at.super(what, field, bytes)],
  refused,
})

const SUPERBLOCKS: readonly HostileRow[] = [
  superRow('s_log_block_size 0xffffffff', 0x18, ONES, 'CORRUPT'),
  superRow('s_log_block_size 7', 0x18, le32(7), 'CORRUPT'),
  superRow('s_blocks_per_group 0', 0x20, le32(0), 'CORRUPT'),
  superRow('s_blocks_per_group 0xffffffff', 0x20, ONES, 'CORRUPT'),
  superRow('s_inodes_per_group 0', 0x28, le32(0), 'CORRUPT'),
  superRow('s_inodes_per_group 0xffffffff', 0x28, ONES, 'CORRUPT'),
  superRow('s_inode_size 0', 0x58, le16(0), 'CORRUPT'),
  superRow('s_inode_size 129', 0x58, le16(129), 'CORRUPT'),
  superRow('s_inode_size 65535', 0x58, le16(65_535), 'CORRUPT'),
  superRow('s_inode_size above the block size', 0x58, le16(2048), 'CORRUPT'),
  superRow('s_first_data_block behind the end', 0x14, ONES, 'CORRUPT'),
  superRow('s_feature_incompat with an unknown bit', 0x60, le32(0x8000_0002), 'UNSUPPORTED'),
  superRow('s_feature_incompat with a journal device', 0x60, le32(0xa), 'UNSUPPORTED'),
  superRow('s_feature_incompat with compression', 0x60, le32(0x3), 'UNSUPPORTED'),
]

const file = '/types/mode-4711'
const dirent = (at: ExtLayout, dir: string, name: string, field: number, bytes: readonly number[]): Patch =>
  at.firstBlock('entry', dir, at.entryAt(dir, name) + field, bytes)

const STRUCTURES: readonly HostileRow[] = [
  { what: 'a directory within itself', patches: (at) => [dirent(at, '/types', 'sub', 0, le32(at.ino('/types')))], lost: ['/types/sub'] },
  { what: 'the root within a directory', patches: (at) => [dirent(at, '/types', 'sub', 0, le32(2))], lost: ['/types/sub'] },
  { what: 'a directory with two parents', patches: (at) => [dirent(at, '/types', 'sub', 0, le32(at.ino('/deep/d0')))], lost: ['/'] },
  { what: 'an entry with an inode above the last', patches: (at) => [dirent(at, '/types', 'file', 0, ONES)], lost: ['/types'] },
  { what: 'an entry with a free inode', patches: (at) => [dirent(at, '/types', 'file', 0, le32(2000))], lost: ['/types'] },
  { what: 'an entry with a reserved inode', patches: (at) => [dirent(at, '/types', 'empty', 0, le32(8))], lost: ['/types'] },
  { what: 'rec_len 0', patches: (at) => [dirent(at, '/types', 'file', 4, le16(0))], lost: ['/types'] },
  { what: 'rec_len 5', patches: (at) => [dirent(at, '/types', 'file', 4, le16(5))], lost: ['/types'] },
  { what: 'rec_len beyond the block', patches: (at) => [dirent(at, '/types', 'file', 4, le16(4096))], lost: ['/types'] },
  { what: 'name_len beyond rec_len', patches: (at) => [dirent(at, '/types', 'file', 6, [255])], lost: ['/types'] },
  { what: 'name_len 0', patches: (at) => [dirent(at, '/types', 'file', 6, [0])], lost: ['/types'] },
  { what: 'a slash in a name', patches: (at) => [dirent(at, '/types', 'file', 8, [0x2f])], lost: ['/types'] },
  { what: 'a zero byte in a name', patches: (at) => [dirent(at, '/types', 'file', 9, [0])], lost: ['/types'] },
  {
    what: 'a second entry named ..',
    patches: (at) => [dirent(at, '/types', 'sub', 6, [2]), dirent(at, '/types', 'sub', 8, [0x2e, 0x2e])],
    lost: ['/types'],
  },
  { what: 'a directory of no bytes', patches: (at) => [at.inode('size', '/many', I_SIZE_LO, le32(0))], lost: ['/many'] },
  { what: 'a directory of less than a block', patches: (at) => [at.inode('size', '/many', I_SIZE_LO, le32(100))], lost: ['/many'] },
  { what: 'a directory of 4 GiB', patches: (at) => [at.inode('size', '/many', I_SIZE_LO, [0, 0xfc, 0xff, 0xff])], lost: ['/many'] },
  {
    what: 'a directory with i_size_high, which it has not without large_dir',
    patches: (at) => [at.inode('size', '/many', I_SIZE_HIGH, [0, 0, 0, 0x80])],
  },
  { what: 'a directory block behind the end', patches: (at) => [at.inode('block', '/many', I_BLOCK + 4, ONES)], lost: ['/many'] },
  {
    what: 'a directory block twice',
    patches: (at) => [at.inode('block', '/many', I_BLOCK + 8, le32(at.blockOf('/many', 1)))],
    lost: ['/many'],
  },
  { what: 'a directory block in the superblock', patches: (at) => [at.inode('block', '/many', I_BLOCK, le32(1))], lost: ['/many'] },
  {
    what: 'an indirect block that is its own child',
    patches: (at) => [
      at.inode('size', '/many', I_SIZE_LO, le32(0x4000_0000)),
      at.inode('triple', '/many', I_BLOCK + 56, le32(at.blockOf('/many', 12) || 300)),
      at.inode('double', '/many', I_BLOCK + 52, le32(at.blockOf('/many', 0))),
    ],
    lost: ['/many'],
  },
  { what: 'a file block behind the end', patches: (at) => [at.inode('block', file, I_BLOCK, ONES)], lost: [file] },
  { what: 'a file of 2^63 bytes', patches: (at) => [at.inode('size', file, I_SIZE_HIGH, [0, 0, 0, 0x80])], lost: [file] },
  { what: 'extents without a header', patches: (at) => [at.inode('flags', file, I_FLAGS, le32(0x8_0000))], lost: [file] },
  { what: 'an inode of no type', patches: (at) => [at.inode('mode', file, 0, le16(0o644))], lost: [file] },
  { what: 'an inode of another type than its entry', patches: (at) => [at.inode('mode', file, 0, le16(0o040755))], lost: [file] },
  { what: 'a symlink of 4 GiB', patches: (at) => [at.inode('size', '/types/link', I_SIZE_LO, ONES)], lost: ['/types/link'] },
  { what: 'an inode table behind the end', patches: (at) => [at.descriptor('table', 0, 8, ONES)], lost: ['/'] },
  { what: 'an inode table at block 0', patches: (at) => [at.descriptor('table', 0, 8, le32(0))], lost: ['/'] },
  { what: 's_inodes_count 0xffffffff', patches: (at) => [at.super('inodes', 0, ONES)], lost: ['/'] },
  { what: 's_blocks_count 0xffffffff', patches: (at) => [at.super('blocks', 4, ONES)], lost: ['/'] },
  {
    what: 'a consistent superblock of 16 million groups',
    patches: (at) => {
      const groups = Math.ceil((0xffffffff - 1) / 256)
      const perGroup = [...le32(256), ...le32(256), ...le32(8)]
      return [at.super('counts', 0, [...le32(groups * 8), ...ONES]), at.super('per group', 0x20, perGroup)]
    },
    lost: ['/'],
  },
  { what: 's_rev_level 99', patches: (at) => [at.super('revision', 0x4c, le32(99))] },
  { what: 's_first_ino 0xffffffff', patches: (at) => [at.super('first ino', 0x54, ONES)], lost: ['/'] },
  { what: 's_journal_inum 2', patches: (at) => [at.super('journal', 0xe0, le32(2))] },
  { what: 'the journal inode is free', patches: (at) => [at.super('journal', 0xe0, le32(2000))] },
]

// One block group, so no backups.
describe('ext3: hostile values', () => {
  let image: HostileImage
  beforeAll(async () => {
    image = await loadHostile('ext3-htree')
  })

  test.each(SUPERBLOCKS)('$what is refused', (row) => expectHostile(image, row))
  test.each(STRUCTURES)('$what', (row) => expectHostile(image, row))
})
