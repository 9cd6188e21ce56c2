import { describe, expect, test } from 'vitest'
import { crc32c } from '../../../src/fs/crc32c.js'
import { type DirIdentity, decodeDirBlock, decodeInlineDir } from '../../../src/fs/ext/dir-block.js'
import type { Superblock } from '../../../src/fs/ext/superblock.js'
import { blockSpace, dirent, padded, u16le, u32le } from './block-space.js'

const DIRECTORY: DirIdentity = { ino: 2, seed: 77, indexed: false, encrypted: false }

function decode(bytes: Uint8Array, fileBlock = 1, superblock: Partial<Superblock> = {}, directory = DIRECTORY) {
  const entries: [number, number, string][] = []
  const view = new DataView(bytes.buffer)
  const problem = decodeDirBlock(blockSpace(superblock).superblock, directory, fileBlock, view, bytes, 0, (ino, type, at, length) => {
    entries.push([ino, type, Buffer.from(bytes.subarray(at, at + length)).toString('latin1')])
  })
  return { entries, problem }
}

const block = (...entries: readonly number[][]) => padded(entries.flat(), 1024)

describe('entries', () => {
  test('without . and .., without deleted ones, of any bytes', () => {
    const bytes = block(
      dirent(2, '.', 2, 12),
      dirent(2, '..', 2, 12),
      dirent(0, 'gone', 1),
      dirent(13, 'a\xff', 1),
      dirent(14, 'n'.repeat(255), 7, 976),
    )
    expect(decode(bytes, 0)).toEqual({
      entries: [
        [13, 1, 'a\xff'],
        [14, 7, 'n'.repeat(255)],
      ],
      problem: undefined,
    })
  })

  test('without the feature filetype no type is told', () => {
    expect(decode(block(dirent(13, 'a', 3, 1024)), 1, { hasFiletype: false }).entries).toEqual([[13, 0, 'a']])
  })

  test.each([0, 65535])('in blocks of 64 KiB a rec_len of %i is the whole block', (recLen) => {
    const bytes = padded([...u32le(13), ...u16le(recLen), 1, 1, 0x61], 65536)
    expect(decode(bytes, 1, { blockSize: 65536 })).toEqual({ entries: [[13, 1, 'a']], problem: undefined })
  })

  test('in blocks of 64 KiB the two lowest bits of rec_len are the highest', () => {
    const bytes = padded(dirent(13, 'a', 1, 12), 65536)
    bytes.set([...u32le(14), ...u16le(65524), 1, 1, 0x62], 12)
    expect(decode(bytes, 1, { blockSize: 65536 }).entries).toEqual([
      [13, 1, 'a'],
      [14, 1, 'b'],
    ])
  })

  test.each([
    ['rec_len 0', dirent(14, 'b', 1, 0)],
    ['rec_len 10', dirent(14, 'b', 1, 10)],
    ['rec_len 8', dirent(14, 'b', 1, 8)],
    ['rec_len 12', dirent(14, 'long name', 1, 12)],
    ['rec_len 2000', dirent(14, 'b', 1, 2000).slice(0, 12)],
    ['rec_len 1004', dirent(14, 'b', 1, 1004)],
    ['inode 1001', dirent(1001, 'b', 1, 1012)],
    ['slash', dirent(14, 'b/c', 1, 1012)],
    ['NUL', dirent(14, 'b\0c', 1, 1012)],
    ['or none', dirent(14, '', 1, 1012)],
    ['itself or its parent', dirent(14, '..', 1, 1012)],
  ])('what is before a bad one counts: %s', (problem, bad) => {
    const decoded = decode(block(dirent(13, 'a', 1), bad))
    expect(decoded.entries).toEqual([[13, 1, 'a']])
    expect(decoded.problem).toContain(problem)
  })

  test('names of an encrypted directory hold any byte', () => {
    const decoded = decode(block(dirent(13, '/\0', 1, 1024)), 1, {}, { ...DIRECTORY, encrypted: true })
    expect(decoded).toEqual({ entries: [[13, 1, '/\0']], problem: undefined })
  })

  test('a first block that is of another directory is refused', () => {
    const decoded = decode(block(dirent(9, '.', 2, 12), dirent(2, '..', 2, 12), dirent(13, 'a', 1, 1000)), 0)
    expect(decoded).toEqual({ entries: [], problem: 'block 0 belongs to inode 9' })
  })
})

describe('checksums', () => {
  const csum = { hasMetadataCsum: true }

  function leaf(): Uint8Array {
    const bytes = block(dirent(13, 'a', 1, 1012))
    bytes.set([...u32le(0), ...u16le(12), 0, 0xde, ...u32le(crc32c(77, bytes, 0, 1012))], 1012)
    return bytes
  }

  test('of a leaf', () => {
    expect(decode(leaf(), 1, csum)).toEqual({ entries: [[13, 1, 'a']], problem: undefined })
    for (const at of [8, 1012, 1016, 1019, 1020]) {
      const bytes = leaf()
      bytes[at]! ^= 1
      expect(decode(bytes, 1, csum), `byte ${at}`).toEqual({ entries: [], problem: 'block 1: checksum does not fit' })
    }
  })

  test.each([
    ['the root', 0, 32, [dirent(2, '.', 2, 12), dirent(2, '..', 2, 1012).slice(0, 12), [0, 0, 0, 0, 1, 8, 0, 0]]],
    ['an inner block', 3, 8, [dirent(0, '', 0, 1024).slice(0, 8)]],
  ])('of %s of a hash tree', (_, fileBlock, countLimit, head) => {
    const bytes = block(...head)
    const limit = (1024 - countLimit - 8) / 8
    bytes.set(u16le(limit, 2), countLimit)
    bytes.set(u32le(0x1234, 5, 0x5678), countLimit + 4)
    const covered = crc32c(77, bytes, 0, countLimit + 2 * 8)
    bytes.set(u32le(crc32c(crc32c(covered, bytes, 1016, 1020), new Uint8Array(4))), 1020)
    const indexed = { ...DIRECTORY, indexed: true }
    expect(decode(bytes, fileBlock, csum, indexed)).toEqual({ entries: [], problem: undefined })
    bytes[countLimit + 4]! ^= 1
    expect(decode(bytes, fileBlock, csum, indexed).problem).toContain('checksum does not fit')
  })
})

test('an inline directory begins with its parent', () => {
  const bytes = padded([...u32le(2), ...dirent(13, 'a', 1, 56), ...dirent(14, 'b', 2, 20)], 80)
  const names: string[] = []
  const problem = decodeInlineDir(blockSpace().superblock, DIRECTORY, bytes, 80, (_, __, at, length) => {
    names.push(Buffer.from(bytes.subarray(at, at + length)).toString())
  })
  expect([names, problem]).toEqual([['a', 'b'], undefined])
})
