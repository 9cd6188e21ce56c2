import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readDisk } from '../../src/disk/index.js'
import type { Disk } from '../../src/disk/types.js'
import { CorruptError } from '../../src/errors.js'
import type { BlockReader } from '../../src/io/block-reader.js'
import { type DiskFixture, damagedDisk, sfdiskTable } from '../support/disk-fixture.js'
import { loadExtFixture } from '../support/ext-fixture.js'
import { fixtureBytes } from '../support/fixture.js'
import { readerOver } from '../support/memory-reader.js'
import { asSfdisk, expectedTable } from '../support/sfdisk.js'

const DISK_BYTES = 256 * 1024 * 1024
const HEADER = 512
const ENTRIES = 1024
const BACKUP_HEADER = DISK_BYTES - 512
const ones = (offset: number, length = 1): { offset: number; bytes: Uint8Array } => ({ offset, bytes: new Uint8Array(length).fill(0xa5) })

async function expectWhole(disk: Disk, name: DiskFixture = 'gpt'): Promise<void> {
  expect(asSfdisk(disk)).toEqual(expectedTable(await sfdiskTable(name)))
}

describe('a damaged GPT', () => {
  it.each([
    ['signature', HEADER, 'GPT header: no signature'],
    ['revision', HEADER + 8, 'GPT header: wrong CRC'],
    ['HeaderSize', HEADER + 13, 'GPT header: HeaderSize is 42332'],
    ['MyLBA', HEADER + 24, 'GPT header: wrong CRC'],
    ['disk GUID', HEADER + 56, 'GPT header: wrong CRC'],
    ['first entry', ENTRIES + 3, `GPT entries: wrong CRC (at byte ${ENTRIES})`],
    ['last entry', ENTRIES + 128 * 128 - 1, `GPT entries: wrong CRC (at byte ${ENTRIES})`],
  ])('is read by its backup where the %s is wrong', async (_, offset, problem) => {
    const disk = await readDisk(await damagedDisk('gpt', [ones(offset)]))
    await expectWhole(disk)
    expect(disk.issues).toMatchObject([
      { stage: 'disk', code: 'CORRUPT', message: `primary GPT: ${problem}; its backup at LBA 524287 was used`, incomplete: false },
    ])
  })

  it('is read by the backup of 4096-byte sectors too', async () => {
    const disk = await readDisk(await damagedDisk('gpt-4096', [ones(4096, 4096)]))
    await expectWhole(disk, 'gpt-4096')
    expect(disk.issues).toHaveLength(1)
  })

  it('is read by the backup where the disk has grown since', async () => {
    for (const damage of [ones(HEADER, 512), ones(HEADER + 56)]) {
      await expectWhole(await readDisk(await damagedDisk('gpt', [damage], DISK_BYTES * 2)))
    }
  })

  it('is read by the backup that the damaged header names, where nothing else does', async () => {
    const noMbr = { offset: 0, bytes: new Uint8Array(512) }
    await expectWhole(await readDisk(await damagedDisk('gpt', [noMbr, ones(HEADER + 56)], DISK_BYTES * 2)))
    const lost = await readDisk(await damagedDisk('gpt', [noMbr, ones(HEADER, 512)], DISK_BYTES * 2))
    expect(lost.scheme).toBe('none')
  })

  it.each([
    ['headers', [ones(HEADER), ones(BACKUP_HEADER)]],
    ['entry arrays', [ones(ENTRIES), ones(BACKUP_HEADER - 128 * 128)]],
    ['header and the other entry array', [ones(HEADER + 20), ones(BACKUP_HEADER - 1)]],
  ])('is refused where both %s are', async (_, patches) => {
    await expect(readDisk(await damagedDisk('gpt', patches))).rejects.toThrow(CorruptError)
  })

  it('is refused, not misread, where the image is cut before the backup and the primary is gone', async () => {
    await expect(readDisk(await damagedDisk('gpt', [ones(HEADER)], DISK_BYTES / 2))).rejects.toThrow('GPT header: no signature')
  })

  it('is read without a protective MBR, and told', async () => {
    const disk = await readDisk(await damagedDisk('gpt', [{ offset: 0, bytes: new Uint8Array(512) }]))
    await expectWhole(disk)
    expect(disk.issues.map((issue) => [issue.message, issue.incomplete])).toEqual([['the disk has a GPT but no protective MBR', false]])
  })

  it('is not missed where a filesystem was made over it and only the protective MBR is left', async () => {
    const bytes = await fixtureBytes(await loadExtFixture('ext4-default'))
    bytes.writeUInt8(0xee, 446 + 4)
    bytes.writeUInt32LE(1, 446 + 8)
    bytes.writeUInt32LE(0xffffffff, 446 + 12)
    bytes.writeUInt16LE(0xaa55, 510)
    const disk = await readDisk(readerOver(bytes))
    expect(disk).toMatchObject({ scheme: 'none', partitions: [{ startByte: 0, sizeBytes: bytes.length }], issues: [{ incomplete: false }] })
  })

  it('is not believed where an MBR without a protective entry was written over it', async () => {
    const table = Buffer.alloc(16)
    table.writeUInt8(0x83, 4)
    table.writeUInt32LE(2048, 8)
    table.writeUInt32LE(4096, 12)
    const disk = await readDisk(await damagedDisk('gpt', [{ offset: 446, bytes: table }]))
    expect(disk).toMatchObject({ scheme: 'mbr', partitions: [{ index: 1, startByte: 1048576, sizeBytes: 2097152 }], issues: [] })
  })

  it('offers what a cut image still has', async () => {
    const disk = await readDisk(await damagedDisk('gpt', [], 168 * 1024 * 1024))
    expect(disk.partitions.map((partition) => partition.index)).toEqual([1, 2, 3, 14, 15])
    expect(disk.issues.map(({ where, incomplete }) => [where.partition, incomplete])).toEqual([[3, true]])
    const less = await readDisk(await damagedDisk('gpt', [], 100 * 1024 * 1024))
    expect(less.partitions.map((partition) => partition.index)).toEqual([1, 14, 15])
    expect(less.issues.map((issue) => issue.where.partition)).toEqual([2, 3, 1])
  })
})

interface Entry {
  readonly start: number
  /** Inclusive. */
  readonly end: number
  readonly type?: number
}

/** A disk of 1 MiB whose only GPT, by its checksums, is right. */
function gptDisk(
  entries: readonly Entry[],
  { entrySize = 128, entryCount = 128, headerSize = 92, entryLba = 2, bytes = 1024 * 1024 } = {},
): BlockReader {
  const disk = Buffer.alloc(bytes)
  disk.set([0, 0, 2, 0, 0xee, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], 446)
  disk.writeUInt16LE(0xaa55, 510)
  entries.forEach(({ start, end, type = 0x42 }, i) => {
    const at = entryLba * 512 + i * entrySize
    disk.fill(type, at, at + 16).fill(i + 1, at + 16, at + 32)
    disk.writeBigUInt64LE(BigInt(start), at + 32)
    disk.writeBigUInt64LE(BigInt(end), at + 40)
  })
  const array = disk.subarray(entryLba * 512, entryLba * 512 + entryCount * entrySize)
  disk.write('EFI PART', 512)
  disk.writeUInt32LE(0x10000, 512 + 8)
  disk.writeUInt32LE(headerSize, 512 + 12)
  disk.writeBigUInt64LE(1n, 512 + 24)
  disk.writeBigUInt64LE(BigInt(entryLba), 512 + 72)
  disk.writeUInt32LE(entryCount >>> 0, 512 + 80)
  disk.writeUInt32LE(entrySize, 512 + 84)
  disk.writeUInt32LE(crc32(array), 512 + 88)
  disk.writeUInt32LE(crc32(disk.subarray(512, 512 + headerSize)), 512 + 16)
  return readerOver(disk)
}

describe('a GPT with right checksums', () => {
  it('is read with larger entries and a longer header than today', async () => {
    const disk = await readDisk(
      gptDisk(
        [
          { start: 100, end: 199 },
          { start: 300, end: 300 },
        ],
        { entrySize: 256, entryCount: 8, headerSize: 512 },
      ),
    )
    expect(disk.partitions.map(({ index, startByte, sizeBytes }) => [index, startByte, sizeBytes])).toEqual([
      [1, 51200, 51200],
      [2, 153600, 512],
    ])
  })

  it('tells of overlapping partitions and offers both', async () => {
    const disk = await readDisk(
      gptDisk([
        { start: 100, end: 500 },
        { start: 200, end: 300 },
        { start: 400, end: 600 },
        { start: 601, end: 700 },
      ]),
    )
    expect(disk.partitions).toHaveLength(4)
    expect(disk.issues.map(({ message, where, incomplete }) => [where.partition, message, incomplete])).toEqual([
      [2, 'overlaps partition 1', false],
      [3, 'overlaps partition 1', false],
    ])
  })

  it.each([
    ['ends before it starts', { start: 200, end: 100 }],
    ['starts beyond the disk', { start: 4096, end: 5000 }],
    ['starts beyond 2^53', { start: Number.MAX_SAFE_INTEGER, end: Number.MAX_SAFE_INTEGER }],
  ])('leaves out an entry that %s, as an issue', async (_, entry) => {
    const disk = await readDisk(gptDisk([entry, { start: 100, end: 199 }]))
    expect(disk.partitions.map((partition) => partition.index)).toEqual([2])
    expect(disk.issues).toMatchObject([{ code: 'CORRUPT', where: { partition: 1 }, incomplete: true }])
  })

  it.each([
    ['entries of no size', { entrySize: 0 }],
    ['entries too small', { entrySize: 64 }],
    ['entries of an odd size', { entrySize: 129, entryCount: 4 }],
    ['entries without end', { entryCount: 0xffffffff }],
    ['more entries than any kernel takes', { entryCount: 32769, bytes: 8 * 1024 * 1024 }],
    ['entries outside the disk', { entryCount: 16384 }],
    ['a header larger than a sector', { headerSize: 513 }],
    ['a header too small', { headerSize: 91 }],
  ])('is refused with %s', async (_, options) => {
    await expect(readDisk(gptDisk([{ start: 100, end: 199 }], options))).rejects.toThrow(CorruptError)
  })

  it('gives no more partitions than Linux does', async () => {
    const entries = Array.from({ length: 300 }, (_, i) => ({ start: 200 + i, end: 200 + i }))
    const disk = await readDisk(gptDisk(entries, { entryCount: 300 }))
    expect(disk.partitions).toHaveLength(255)
    expect(disk.issues).toMatchObject([{ code: 'LIMIT', incomplete: true }])
  })
})
