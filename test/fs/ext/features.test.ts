import { describe, expect, test } from 'vitest'
import { featureNames, kindOf, requireReadable } from '../../../src/fs/ext/features.js'

describe('names are those of dumpe2fs', () => {
  test('mke2fs -t ext4', () => {
    expect(featureNames({ compat: 0x3c, incompat: 0x2c2, roCompat: 0x46b }).join(' ')).toBe(
      'has_journal ext_attr resize_inode dir_index filetype extent 64bit flex_bg sparse_super large_file huge_file dir_nlink extra_isize metadata_csum',
    )
  })
  test('a bit without a name', () => {
    expect(featureNames({ compat: 0x80000000, incompat: 0x800, roCompat: 0x4 })).toEqual(['FEATURE_C31', 'FEATURE_I11', 'FEATURE_R2'])
  })
})

describe('the kind is that of blkid', () => {
  test.each([
    ['ext2', 0x38, 0x2, 0x3],
    ['ext3', 0x3c, 0x2, 0x3],
    ['ext3', 0x3c, 0x6, 0x3],
    ['ext4', 0x3c, 0x2c2, 0x46b],
    ['ext4', 0x38, 0x42, 0x3],
    ['ext4', 0x3c, 0x2, 0x13],
  ])('%s: %i %i %i', (kind, compat, incompat, roCompat) => {
    expect(kindOf({ compat, incompat, roCompat })).toBe(kind)
  })
})

describe('features that must be understood', () => {
  const reading = (incompat: number) => () => requireReadable({ compat: 0, incompat, roCompat: 0xffffffff })
  test.each([0x2, 0x4, 0x10, 0x40, 0x80, 0x100, 0x200, 0x400, 0x2000, 0x4000, 0x8000, 0x10000, 0x20000])('0x%s is read', (bit) => {
    expect(reading(bit)).not.toThrow()
  })
  test.each([
    [0x40000000, 'incompat 0x40000000'],
    [0x80000000, 'incompat 0x80000000'],
    [0x1, 'compression'],
    [0x1003, 'compression, dirdata'],
    [0x20, 'incompat 0x20'],
  ])('%i is refused by name', (incompat, feature) => {
    expect(reading(incompat)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED', feature }))
  })
  test('an external journal is told as one', () => {
    expect(reading(0x8)).toThrow('external journal')
  })
})
