import { describe, expect, test } from 'vitest'
import { decodeInode, type Inode } from '../../../src/fs/ext/inode.js'
import type { Superblock } from '../../../src/fs/ext/superblock.js'
import { blockSpace, extent, extentNode, u16le, u32le } from './block-space.js'

/** An inode of 256 bytes with `fields` written at their offsets. */
function decode(fields: Record<number, readonly number[]>, superblock: Partial<Superblock> = {}): Inode {
  const bytes = new Uint8Array(256)
  bytes.set(u16le(1), 0x1a)
  bytes.set(u16le(32), 0x80)
  for (const [at, field] of Object.entries(fields)) bytes.set(field, Number(at))
  return decodeInode(blockSpace(superblock), 12, new DataView(bytes.buffer), bytes, 0)
}

const FILE = u16le(0o100644)
const SYMLINK = u16le(0o120777)

describe('times', () => {
  // The table of docs.kernel.org/filesystems/ext4/inodes.html#inode-timestamps
  test.each([
    [0, 0x80000000, -(2 ** 31)],
    [0, 0xffffffff, -1],
    [0, 0x7fffffff, 2 ** 31 - 1],
    [1, 0x80000000, 2 ** 31],
    [1, 0xffffffff, 2 ** 32 - 1],
    [1, 0x7fffffff, 2 ** 32 + 2 ** 31 - 1],
    [2, 0, 2 ** 33],
    [3, 0x7fffffff, 3 * 2 ** 32 + 2 ** 31 - 1],
  ])('epoch %i, seconds 0x%s', (epoch, seconds, expected) => {
    const { stat } = decode({ 0: FILE, 16: u32le(seconds), 136: u32le((123456789 << 2) | epoch) })
    expect([stat.mtime, stat.mtimeNs]).toEqual([expected, 123456789])
  })

  test('an inode of 128 bytes has neither epoch nor nanoseconds', () => {
    const { stat } = decode({ 0: FILE, 16: u32le(0xffffffff), 136: u32le(0xffffffff) }, { inodeSize: 128 })
    expect([stat.mtime, stat.mtimeNs]).toEqual([-1, 0])
  })

  test('only the fields that i_extra_isize takes in are there', () => {
    const { stat } = decode({ 0: FILE, 128: u16le(8), 132: u32le(8), 136: u32le(12) })
    expect([stat.ctimeNs, stat.mtimeNs]).toEqual([2, 0])
  })

  test('nanoseconds above a second are carried', () => {
    const { stat } = decode({ 0: FILE, 16: u32le(5), 136: u32le((1_000_000_007 * 4) >>> 0) })
    expect([stat.mtime, stat.mtimeNs]).toEqual([6, 7])
  })
})

describe('fields', () => {
  test('owners of 32 bits, mode without type, links', () => {
    const { stat } = decode({ 0: u16le(0o104755, 1), 24: u16le(2), 120: u16le(0xffff, 3), 26: u16le(65535) })
    expect(stat).toMatchObject({ type: 'file', mode: 0o4755, uid: 0xffff0001, gid: 0x30002, nlink: 65535 })
  })

  test.each([
    ['8 bits each', [0x0105, 0], '1:5'],
    ['12 and 20 bits', [0, 0x11110371], '259:70001'],
    ['nothing', [0, 0], '0:0'],
  ])('device of %s', (_, words, rdev) => {
    expect(decode({ 0: u16le(0o020600), 40: u32le(...words) }).stat).toMatchObject({ type: 'char', rdev })
  })

  test('i_size_high counts for files, and for directories with large_dir', () => {
    const size = { 4: u32le(7), 108: u32le(1) }
    expect(decode({ 0: FILE, ...size }).stat.size).toBe(2 ** 32 + 7)
    expect(decode({ 0: u16le(0o040755), ...size }).stat.size).toBe(7)
    expect(decode({ 0: u16le(0o040755), ...size }, { hasLargeDir: true }).stat.size).toBe(2 ** 32 + 7)
  })

  test('encrypted', () => {
    expect(decode({ 0: FILE, 32: u32le(0x800) }).stat.encrypted).toBe(true)
    expect(decode({ 0: FILE }).stat).not.toHaveProperty('encrypted')
  })
})

describe('symlinks', () => {
  const target = [...Buffer.from('target')]

  test('without blocks the target lies in i_block', () => {
    expect(Buffer.from(decode({ 0: SYMLINK, 4: u32le(6), 40: target }).inline!).toString()).toBe('target')
  })

  test('a block of extended attributes does not count, whatever a cluster takes', () => {
    const fields = { 0: SYMLINK, 4: u32le(6), 40: target, 104: u32le(70) }
    expect(decode({ ...fields, 28: u32le(2) }).inline).toBeDefined()
    expect(decode({ ...fields, 28: u32le(32) }, { clusterSize: 16384 }).inline).toBeDefined()
    expect(decode({ ...fields, 28: u32le(4), 32: u32le(0x80000), 40: extentNode(0, [extent(0, 1, 90)]) })).toMatchObject({
      inline: undefined,
      runs: [{ fsBlock: 90 }],
    })
  })

  test('under ea_inode the blocks of attributes do not count, however many', () => {
    const fields = { 0: SYMLINK, 4: u32le(6), 28: u32le(120), 104: u32le(70) }
    expect(Buffer.from(decode({ ...fields, 40: target }, { hasEaInode: true }).inline!).toString()).toBe('target')
    const long = { ...fields, 4: u32le(60), 32: u32le(0x80000), 40: extentNode(0, [extent(0, 1, 90)]) }
    expect(decode(long, { hasEaInode: true })).toMatchObject({ inline: undefined, runs: [{ fsBlock: 90 }] })
  })

  test.each([0, 60])('one of %i bytes cannot lie there', (size) => {
    expect(decode({ 0: SYMLINK, 4: u32le(size) }).stat.error).toContain(`fast symlink of ${size} bytes`)
  })
})

describe('inline data', () => {
  const attribute = (size: number, offset: number, valueInode = 0) => [
    ...u32le(0xea020000),
    ...[4, 7],
    ...u16le(offset),
    ...u32le(valueInode, size, 0),
    ...Buffer.from('data'),
    ...u32le(0),
  ]
  const inode = (xattrs: readonly number[]) =>
    decode({ 0: FILE, 4: u32le(62), 32: u32le(0x10000000), 40: [1, 2], 160: xattrs, 250: [8, 9] })

  test('i_block, then the value of system.data', () => {
    const { inline } = inode(attribute(2, 86))
    expect(inline).toHaveLength(62)
    expect([...inline!.subarray(0, 2), ...inline!.subarray(60)]).toEqual([1, 2, 8, 9])
  })

  test.each([
    ['without system.data', u32le(0)],
    ['without system.data', [...u32le(0xea020000), ...u32le(0)]],
    ['leaves the inode', attribute(20, 86)],
    ['lies in another inode', attribute(2, 86, 99)],
    ['leaves the inode', [...u32le(0xea020000), 255, 7, ...u16le(0), ...u32le(0, 0, 0)]],
  ])('%s', (problem, xattrs) => {
    expect(inode(xattrs).stat.error).toContain(problem)
  })

  test('never together with extents', () => {
    expect(decode({ 0: FILE, 32: u32le(0x10080000) }).stat.error).toContain('both inline data and extents')
  })
})

test.each([
  ['i_mode', { 0: u16le(0o644) }],
  ['i_extra_isize 33', { 0: FILE, 128: u16le(33) }],
  ['i_extra_isize 132', { 0: FILE, 128: u16le(132) }],
  ['i_size', { 0: FILE, 108: u32le(0x80000000) }],
  ['i_file_acl', { 0: FILE, 104: u32le(0xffffffff) }],
  ['extended attribute', { 0: FILE, 32: u32le(0x200000) }],
  ['eh_magic', { 0: FILE, 32: u32le(0x80000) }],
  ["no file's", { 0: FILE, 40: u32le(0xffffffff) }],
])('refused as the kernel does: %s', (problem, fields) => {
  expect(decode(fields).stat.error).toContain(problem)
})
