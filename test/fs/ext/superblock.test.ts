import { beforeAll, describe, expect, test } from 'vitest'
import { crc32c } from '../../../src/fs/crc32c.js'
import { decodeSuperblock, hasSuperMagic, isCopyOf, SUPERBLOCK_OFFSET, superblockChecksumFits } from '../../../src/fs/ext/superblock.js'
import { loadExtFixture } from '../../support/ext-fixture.js'
import { u16le, u32le } from './block-space.js'

/** The superblock of a filesystem that mke2fs made. */
async function superblockOf(fixture: string): Promise<Uint8Array> {
  const { source } = await loadExtFixture(fixture)
  return Uint8Array.from((await source.readBlock(0)).subarray(SUPERBLOCK_OFFSET, SUPERBLOCK_OFFSET + 1024))
}

let good: Uint8Array
beforeAll(async () => {
  good = await superblockOf('ext4-default')
})

const patched = (at: number, bytes: readonly number[]): Uint8Array => {
  const out = good.slice()
  out.set(bytes, at)
  return out
}

test('what mke2fs wrote', () => {
  expect(hasSuperMagic(good)).toBe(true)
  expect(superblockChecksumFits(good)).toBe(true)
  const superblock = decodeSuperblock(good)
  expect(superblock).toMatchObject({ firstIno: 11, hasJournal: true, needsRecovery: false, hasMetadataCsum: true, descSize: 64 })
  expect(superblock.uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  expect(superblock.checksumSeed).toBe(crc32c(0xffffffff, superblock.uuidBytes))
})

test('each byte counts for the checksum', () => {
  for (let at = 0; at < 1024; at += 7) expect(superblockChecksumFits(patched(at, [good[at]! ^ 0x20])), `byte ${at}`).toBe(false)
})

test('without metadata_csum there is nothing to fit', () => {
  expect(superblockChecksumFits(patched(0x64, u32le(0x3)))).toBe(true)
})

test('revision 0 has inodes of 128 bytes whatever s_inode_size says', () => {
  const bytes = patched(0x4c, u32le(0))
  bytes.set(u16le(0), 0x58)
  expect(decodeSuperblock(bytes)).toMatchObject({ inodeSize: 128, firstIno: 11 })
})

test('the label ends at the first NUL or takes all 16 bytes', () => {
  expect(decodeSuperblock(patched(0x78, [...Buffer.from('root\0left over\0\0')])).label).toBe('root')
  expect(decodeSuperblock(patched(0x78, [...Buffer.from('sixteen-bytes-ok')])).label).toBe('sixteen-bytes-ok')
})

test('a copy is of the same filesystem by UUID or by age', () => {
  const copy = decodeSuperblock(good)
  const otherUuid = patched(0x68, [good[0x68]! ^ 1])
  const otherAge = patched(0x108, [good[0x108]! ^ 1])
  const both = otherUuid.slice()
  both[0x108]! ^= 1
  expect([otherUuid, otherAge, both].map((primary) => isCopyOf(primary, copy))).toEqual([true, true, false])
})

describe('refused', () => {
  test.each([
    ['s_magic', 0x38, u16le(0x1234)],
    ['s_log_block_size', 0x18, u32le(7)],
    ['s_inode_size', 0x58, u16le(192)],
    ['s_first_ino', 0x54, u32le(10)],
    ['s_desc_size', 0xfe, u16le(48)],
    ['s_desc_size', 0xfe, u16le(2048)],
    ['s_blocks_per_group', 0x20, u32le(0)],
    ['s_blocks_per_group', 0x20, u32le(0xffffffff)],
    ['s_inodes_per_group', 0x28, u32le(0)],
    ['s_inodes_count', 0x0, u32le(1)],
    ['s_blocks_count', 0x150, u32le(0x7fffffff)],
    ['s_first_data_block', 0x14, u32le(3)],
  ])('%s', (field, at, bytes) => {
    expect(() => decodeSuperblock(patched(at, bytes))).toThrow(
      expect.objectContaining({ code: 'CORRUPT', message: expect.stringContaining(field) }),
    )
  })

  test('a checksum that is not crc32c', () => {
    expect(() => decodeSuperblock(patched(0x175, [2]))).toThrow('metadata_csum algorithm 2')
  })

  test('too few bytes', () => {
    expect(() => decodeSuperblock(good.subarray(0, 1000))).toThrow('only 1000 bytes')
    expect(hasSuperMagic(good.subarray(0, 0x39))).toBe(false)
  })
})
