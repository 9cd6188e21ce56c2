import { describe, expect, it } from 'vitest'
import { isExtended, readDisk } from '../../src/disk/index.js'
import type { Disk } from '../../src/disk/types.js'
import { readerOver } from '../support/memory-reader.js'

const DISK_BYTES = 4 * 1024 * 1024
const SECTORS = DISK_BYTES / 512

/** Type, start and length in sectors; in an EBR the start counts from what its type says. */
type Entry = readonly [type: number, start: number, count: number, status?: number]

/** A disk with boot records at sectors. */
function disk(records: Readonly<Record<number, readonly Entry[]>>, change?: (bytes: Buffer) => void): ReturnType<typeof readerOver> {
  const bytes = Buffer.alloc(DISK_BYTES)
  for (const [sector, entries] of Object.entries(records)) {
    const at = Number(sector) * 512
    bytes.writeUInt32LE(0xcafef00d, at + 440)
    bytes.writeUInt16LE(0xaa55, at + 510)
    entries.forEach(([type, start, count, status = 0], slot) => {
      const entry = at + 446 + slot * 16
      bytes[entry] = status
      bytes[entry + 4] = type
      bytes.writeUInt32LE(start, entry + 8)
      bytes.writeUInt32LE(count, entry + 12)
    })
  }
  change?.(bytes)
  return readerOver(bytes)
}

/** `index:start+count` in sectors. */
const layout = ({ partitions }: Disk): string[] =>
  partitions.map(({ index, startByte, sizeBytes }) => `${index}:${startByte / 512}+${sizeBytes / 512}`)
const messages = ({ issues }: Disk): string[] => issues.map((issue) => issue.message)
const EMPTY: Entry = [0, 0, 0]

describe('an MBR', () => {
  it('numbers primary partitions by their slot', async () => {
    const read = await readDisk(disk({ 0: [EMPTY, [0x83, 100, 50, 0x80], EMPTY, [0x82, 200, 10]] }))
    expect(layout(read)).toEqual(['2:100+50', '4:200+10'])
    expect(read.partitions.map((partition) => partition.uuid)).toEqual(['cafef00d-02', 'cafef00d-04'])
    expect(read).toMatchObject({ scheme: 'mbr', sectorSize: 512, issues: [] })
  })

  it.each([0x05, 0x0f, 0x85])('numbers logical partitions from 5, behind an extended one of type %i', async (type) => {
    const read = await readDisk(
      disk({
        0: [
          [0x83, 100, 50],
          [type, 1000, 3000],
        ],
        1000: [
          [0x83, 63, 100],
          [0x05, 500, 600],
        ],
        1500: [
          [0x82, 1, 99],
          [0x05, 2000, 500],
        ],
        3000: [[0x8e, 2, 300]],
      }),
    )
    expect(layout(read)).toEqual(['1:100+50', '2:1000+3000', '5:1063+100', '6:1501+99', '7:3002+300'])
    expect(read.partitions.filter(isExtended).map((partition) => partition.index)).toEqual([2])
    expect(read.issues).toEqual([])
  })

  it('takes the extended link of a boot record in whichever slot it is, and no garbage of the last two', async () => {
    const read = await readDisk(
      disk({
        0: [[0x05, 1000, 3000]],
        1000: [
          [0x05, 500, 600],
          [0x83, 10, 20],
          [0x83, 5000, 1],
          [0x83, 40, 2],
        ],
        1500: [EMPTY, EMPTY, EMPTY, EMPTY],
      }),
    )
    expect(layout(read)).toEqual(['1:1000+3000', '5:1010+20', '6:1040+2'])
  })

  it('goes on numbering through a second extended partition', async () => {
    const read = await readDisk(
      disk({
        0: [
          [0x05, 1000, 100],
          [0x85, 2000, 100],
        ],
        1000: [[0x83, 1, 10]],
        2000: [[0x83, 1, 10]],
      }),
    )
    expect(layout(read)).toEqual(['1:1000+100', '2:2000+100', '5:1001+10', '6:2001+10'])
  })

  it.each([
    ['back to its first record', [0x05, 0, 600]],
    ['to itself', [0x05, 500, 600]],
  ] as const)('ends a chain that leads %s', async (_, link) => {
    const read = await readDisk(
      disk({
        0: [[0x05, 1000, 3000]],
        1000: [
          [0x83, 1, 10],
          [0x05, 500, 600],
        ],
        1500: [[0x83, 1, 10], link],
      }),
    )
    expect(layout(read)).toEqual(['1:1000+3000', '5:1001+10', '6:1501+10'])
    expect(messages(read)).toEqual([expect.stringContaining('form a loop')])
  })

  it('ends a chain that never comes to a partition', async () => {
    const records: Record<number, Entry[]> = { 0: [[0x05, 1000, 3000]] }
    for (let i = 0; i < 500; i++) records[1000 + i] = [[0x05, i + 1, 10]]
    const read = await readDisk(disk(records))
    expect(layout(read)).toEqual(['1:1000+3000'])
    expect(messages(read)).toEqual([expect.stringContaining('at sector 1100')])
  })

  it('gives no more partitions than Linux does', async () => {
    const records: Record<number, Entry[]> = { 0: [[0x05, 1000, 3000]] }
    for (let i = 0; i < 1000; i += 2)
      records[1000 + i] = [
        [0x83, 1, 1],
        [0x05, i + 2, 2],
      ]
    const read = await readDisk(disk(records))
    expect(read.partitions.at(-1)?.index).toBe(255)
    expect(read.issues).toMatchObject([{ code: 'LIMIT', incomplete: true }])
  })

  it.each([
    ['outside the disk', [0x05, 8000, 600], 'extended boot record at byte 4608000 of a disk of 4194304'],
    ['without a signature', [0x05, 700, 600], 'extended boot record at byte 870400 has no signature'],
  ] as const)('tells of a link to a record %s', async (_, link, message) => {
    const read = await readDisk(disk({ 0: [[0x05, 1000, 3000]], 1000: [[0x83, 1, 10], link] }))
    expect(layout(read)).toEqual(['1:1000+3000', '5:1001+10'])
    expect(messages(read)).toEqual([message])
  })

  it('tells of partitions that leave the disk, and offers what lies on it', async () => {
    const read = await readDisk(
      disk({
        0: [
          [0x83, 100, SECTORS],
          [0x83, SECTORS, 10],
          [0x83, 50, 50],
        ],
      }),
    )
    expect(layout(read)).toEqual([`1:100+${SECTORS}`, '3:50+50'])
    expect(read.issues.map(({ where, incomplete }) => [where.partition, incomplete])).toEqual([
      [2, true],
      [1, true],
    ])
  })

  it('gives way to a GPT it protects, also in a hybrid table', async () => {
    await expect(readDisk(disk({ 0: [[0xee, 1, SECTORS - 1]] }))).rejects.toThrow('GPT header: no signature')
    await expect(
      readDisk(
        disk({
          0: [
            [0x83, 100, 10],
            [0xee, 1, 50],
          ],
        }),
      ),
    ).rejects.toThrow('GPT header: no signature')
  })
})

describe('a first sector with the signature of an MBR', () => {
  it.each([
    ['without entries', []],
    ['with an impossible status', [[0x83, 100, 50, 0x7f] as Entry]],
  ])('is none %s', async (_, entries) => {
    const read = await readDisk(disk({ 0: entries }))
    expect(read).toMatchObject({ scheme: 'none', partitions: [{ startByte: 0, sizeBytes: DISK_BYTES }] })
  })

  it.each([
    ['FAT32', 0x52, 'FAT32   '],
    ['FAT16', 0x36, 'FAT16   '],
    ['NTFS', 3, 'NTFS    '],
    ['exFAT', 3, 'EXFAT   '],
  ])('is the boot sector of a bare %s, whatever its code looks like', async (_, at, magic) => {
    const read = await readDisk(disk({ 0: [[0x83, 100, 50]] }, (bytes) => bytes.write(magic, at)))
    expect(read.scheme).toBe('none')
  })

  /** An ext superblock's magic, with the fields that make it plausible. */
  const ext = (at: number) => (bytes: Buffer) => {
    bytes.writeUInt32LE(128, at + 1024)
    bytes.writeUInt16LE(0xef53, at + 1024 + 0x38)
  }

  it('is a boot loader in front of a bare filesystem where its partitions hold nothing', async () => {
    expect((await readDisk(disk({ 0: [[0x83, 100, 5000]] }, ext(0)))).scheme).toBe('none')
  })

  it('is an old table in front of a bare filesystem where a partition begins at a copy of its superblock', async () => {
    const change = (bytes: Buffer): void => {
      ext(0)(bytes)
      ext(100 * 4096)(bytes)
      bytes.writeUInt16LE(1, 100 * 4096 + 1024 + 0x5a)
    }
    expect((await readDisk(disk({ 0: [[0x83, 100, 500]] }, change))).scheme).toBe('none')
  })

  it('is an MBR where they do, though an older filesystem left its superblock', async () => {
    const change = (bytes: Buffer): void => {
      ext(0)(bytes)
      ext(100 * 512)(bytes)
    }
    expect(layout(await readDisk(disk({ 0: [[0x83, 100, 5000]] }, change)))).toEqual(['1:100+5000'])
  })

  it('counts in sectors of 4096 bytes where only so its partitions hold something', async () => {
    const read = await readDisk(disk({ 0: [[0x83, 100, 500]] }, ext(100 * 4096)))
    expect(read).toMatchObject({ scheme: 'mbr', sectorSize: 4096, partitions: [{ startByte: 409600, sizeBytes: 2048000 }] })
  })
})
