import { describe, expect, test } from 'vitest'
import type { BlockMap } from '../../../src/fs/block-map.js'
import { IssueLog } from '../../../src/fs/issue-log.js'
import { decodeBmapRoot, xfsBlockMap } from '../../../src/fs/xfs/bmap-btree.js'
import { decodeExtents, MAX_FILE_BLOCK } from '../../../src/fs/xfs/extent.js'
import { decodeTime } from '../../../src/fs/xfs/inode-time.js'
import { decodeShortForm } from '../../../src/fs/xfs/short-form.js'
import type { Superblock } from '../../../src/fs/xfs/superblock.js'
import { Volume } from '../../../src/fs/xfs/volume.js'
import { readerOver } from '../../support/memory-reader.js'
import { be16, be32, be64, extentRecord } from '../../support/xfs-layout.js'

/** Version 4: 4 AGs of 100 blocks of 512 bytes, numbered with 7 bits for the block in its AG; the last AG has 80. */
function volume(bytes: Uint8Array = new Uint8Array(380 * 512)): Volume {
  const features = { crc: false, ftype: false }
  const superblock = { blockSize: 512, sectorSize: 512, agBlocks: 100, agCount: 4, agBlockBits: 7, blocksCount: 380, features }
  return new Volume(readerOver(bytes), superblock as Superblock, new IssueLog(''))
}

const viewOf = (bytes: readonly number[]): DataView => new DataView(Uint8Array.from(bytes).buffer)
const stored = (ag: number, agBlock: number): number => ag * 128 + agBlock

describe('extent records', () => {
  const decode = (...records: number[][]) => decodeExtents(volume(), viewOf(records.flat()), 0, records.length, 0, MAX_FILE_BLOCK)

  test('blocks are counted without the gaps between AGs; unwritten ones are holes', () => {
    expect(
      decode(extentRecord(0, stored(0, 50), 3), extentRecord(3, stored(1, 9), 5, true), extentRecord(2 ** 40, stored(3, 79), 1)),
    ).toEqual([
      { fileBlock: 0, blockCount: 3, fsBlock: 50, level: 0 },
      { fileBlock: 2 ** 40, blockCount: 1, fsBlock: 379, level: 0 },
    ])
  })

  test.each([
    ['the headers of an AG', extentRecord(0, stored(1, 3), 1)],
    ['the gap behind an AG', extentRecord(0, stored(0, 100), 1)],
    ['across the end of an AG', extentRecord(0, stored(1, 99), 2)],
    ['behind the last AG', extentRecord(0, stored(4, 10), 1)],
    ['behind the blocks of the last AG', extentRecord(0, stored(3, 80), 1)],
    ['a block above 2^51', extentRecord(0, 2 ** 51, 1)],
    ['no length', extentRecord(0, stored(0, 50), 0)],
    ['a file block above 2^53', [0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 0, 0x06, 0x40, 0, 0, 1]],
  ])('%s is refused', (_what, record) => {
    expect(() => decode(record)).toThrow(expect.objectContaining({ code: 'CORRUPT' }))
  })

  test('records that overlap or are out of order are refused', () => {
    expect(() => decode(extentRecord(0, stored(0, 50), 3), extentRecord(2, stored(0, 60), 3))).toThrow('out of order')
    expect(() => decode(extentRecord(9, stored(0, 50), 3), extentRecord(2, stored(0, 60), 3))).toThrow('out of order')
  })
})

test('a B+tree of extents without checksums is read level by level', async () => {
  const capacity = Math.floor((512 - 24) / 16)
  const header = (level: number, count: number): number[] => [
    ...Buffer.from('BMAP'),
    ...be16(level),
    ...be16(count),
    ...new Array<number>(16).fill(0xff),
  ]
  const inner = (keys: number[], pointers: number[]): number[] => {
    const padding = new Array<number>((capacity - keys.length) * 8).fill(0)
    return [...header(1, keys.length), ...keys.flatMap(be64), ...padding, ...pointers.flatMap(be64)]
  }
  const bytes = new Uint8Array(380 * 512)
  bytes.set(inner([0, 100], [stored(1, 20), stored(2, 30)]), 10 * 512)
  bytes.set([...header(0, 2), ...extentRecord(0, stored(0, 50), 2), ...extentRecord(60, stored(0, 60), 2)], 120 * 512)
  bytes.set([...header(0, 1), ...extentRecord(100, stored(3, 5), 7)], 230 * 512)
  const space = volume(bytes)
  const fork = [
    ...be16(2),
    ...be16(1),
    ...be64(0),
    ...new Array<number>(8 * 8).fill(0),
    ...be64(stored(0, 10)),
    ...new Array<number>(64).fill(0),
  ]
  const root = decodeBmapRoot(space, viewOf(fork), 0, 156)
  expect(root).toEqual([{ fileBlock: 0, blockCount: MAX_FILE_BLOCK, fsBlock: 10, level: 2 }])
  const map: BlockMap = xfsBlockMap(space, 1, root)
  await map.resolve(space.reader, 0, 1000)
  expect(map.within(0, 1000)).toEqual([
    { fileBlock: 0, blockCount: 2, fsBlock: 50, level: 0 },
    { fileBlock: 60, blockCount: 2, fsBlock: 60, level: 0 },
    { fileBlock: 100, blockCount: 7, fsBlock: 305, level: 0 },
  ])
})

describe('timestamps', () => {
  // Counts of nanoseconds since 1901-12-13T20:45:52Z.
  test.each([
    [0n, -(2 ** 31), 0],
    [1n, -(2 ** 31), 1],
    [2147483648n * 1_000_000_000n, 0, 0],
    [2147483648n * 1_000_000_000n - 1n, -1, 999_999_999],
    [(2147483648n + 1_700_000_000n) * 1_000_000_000n + 123_456_789n, 1_700_000_000, 123_456_789],
    [2n ** 64n - 1n, 16_299_260_425, 709_551_615],
  ])('of 64 bits: %s', (count, seconds, nanoseconds) => {
    const view = new DataView(new ArrayBuffer(8))
    view.setBigUint64(0, count)
    expect(decodeTime(view, 0, true)).toEqual([seconds, nanoseconds])
  })

  test('of 32 bits and as many nanoseconds', () => {
    expect(decodeTime(viewOf([...be32(0xffff_ffff), ...be32(5)]), 0, false)).toEqual([-1, 5])
    expect(decodeTime(viewOf([...be32(0x7fff_ffff), ...be32(1_000_000_001)]), 0, false)).toEqual([2 ** 31, 1])
  })
})

describe('short directories', () => {
  const entriesOf = (bytes: readonly number[], ftype: boolean) => {
    const out: [number, number, string][] = []
    const all = Uint8Array.from(bytes)
    decodeShortForm(ftype, all, (ino, type, at, length) => out.push([ino, type, Buffer.from(all.subarray(at, at + length)).toString()]))
    return out
  }

  test('numbers of 4 bytes, with and without types', () => {
    const plain = [2, 0, ...be32(128), 1, 0, 96, 0x61, ...be32(131), 2, 0, 112, 0x62, 0x63, ...be32(132)]
    expect(entriesOf(plain, false)).toEqual([
      [131, 0, 'a'],
      [132, 0, 'bc'],
    ])
    expect(entriesOf([1, 0, ...be32(128), 1, 0, 96, 0x61, 2, ...be32(131)], true)).toEqual([[131, 2, 'a']])
  })

  test('numbers of 8 bytes as soon as one needs them', () => {
    expect(entriesOf([1, 1, ...be64(128), 1, 0, 96, 0x61, ...be64(2 ** 40 + 5)], false)).toEqual([[2 ** 40 + 5, 0, 'a']])
  })

  test.each([
    ['an entry without a number', [1, 0, ...be32(128), 1, 0, 96, 0x61, 0, 0]],
    ['bytes behind the last entry', [0, 0, ...be32(128), 1]],
    ['fewer entries than their count', [2, 0, ...be32(128), 1, 0, 96, 0x61, ...be32(131)]],
    ['the number 0', [1, 0, ...be32(128), 1, 0, 96, 0x61, ...be32(0)]],
    ['no bytes', []],
  ])('%s is refused', (_what, bytes) => {
    expect(() => entriesOf(bytes, false)).toThrow(expect.objectContaining({ code: 'CORRUPT' }))
  })
})
