import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readDisk } from '../../src/disk/index.js'
import type { Partition } from '../../src/disk/types.js'
import { drivers, mountFileSystem } from '../../src/fs/index.js'
import { probeContents } from '../../src/fs/probe.js'
import { BlockReader } from '../../src/io/block-reader.js'
import { SliceReader } from '../../src/io/slice-reader.js'
import { SnapshotFixture } from '../../src/testing/snapshot-fixture.js'
import { damagedDisk } from '../support/disk-fixture.js'
import { readerOver } from '../support/memory-reader.js'

const folder = new URL('../../fixtures/contents/', import.meta.url)
const open = async (name: string): Promise<BlockReader> =>
  new BlockReader(await SnapshotFixture.load(new URL(`${name}.snap.gz`, folder).pathname))

/** What `blkid -p` said of a fixture. */
const blkid = (name: string): Record<string, string> =>
  Object.fromEntries(
    readFileSync(new URL(`${name}.txt`, folder), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split('=') as [string, string]),
  )
const BLKID_TYPES: Readonly<Record<string, string>> = { luks: 'crypto_LUKS', lvm2: 'LVM2_member' }

const partition = (typeId: string): Partition => ({ index: 1, scheme: 'gpt', typeId, startByte: 0, sizeBytes: 0 })
const EFI = partition('c12a7328-f81f-11d2-ba4b-00a0c93ec93b')
const BIOS_BOOT = partition('21686148-6449-6e6f-744e-656564454649')

const MIB = 1024 * 1024
const bytesWith = (change: (bytes: Buffer) => void, size = MIB): Buffer => {
  const bytes = Buffer.alloc(size)
  change(bytes)
  return bytes
}

describe('probing what the tools made', () => {
  it.each(['xfs', 'btrfs', 'fat12', 'fat16', 'fat32', 'ntfs', 'swap', 'swap-64k', 'lvm2', 'luks1', 'luks2'])('%s', async (name) => {
    const reader = await open(name)
    const { kind, uuid, label, outcome } = await probeContents(reader, [])
    const expected = blkid(name)
    expect({ type: BLKID_TYPES[kind] ?? kind, uuid, label }).toEqual({ type: expected.TYPE, uuid: expected.UUID, label: expected.LABEL })
    expect(outcome).toBe(kind === 'swap' ? 'ignored' : 'unsupported')
    expect(reader.stats.blocks).toBe(1)
  })

  it('tells the EFI system partition from other FAT', async () => {
    expect(await probeContents(await open('fat32'), drivers, EFI)).toMatchObject({ kind: 'efi', outcome: 'ignored', uuid: '1A2B-3C4D' })
    expect(await probeContents(await open('fat32'), drivers, BIOS_BOOT)).toMatchObject({ kind: 'vfat', outcome: 'unsupported' })
  })

  it('finds what a partition of a disk holds', async () => {
    const reader = await damagedDisk('dos-4096')
    const { partitions } = await readDisk(reader)
    const kinds = await Promise.all(
      partitions.map(async (one) => (await probeContents(new SliceReader(reader, one.startByte, one.sizeBytes), drivers, one)).kind),
    )
    expect(kinds).toEqual(['empty', 'swap'])
  })
})

describe('probing', () => {
  it.each([
    ['f2fs', 1024, [0x10, 0x20, 0xf5, 0xf2]],
    ['erofs', 1024, [0xe2, 0xe1, 0xf5, 0xe0]],
    ['iso9660', 32769, 'CD001'],
    ['jfs', 32768, 'JFS1'],
    ['reiserfs', 65588, 'ReIsEr2Fs'],
    ['zfs', 16408, 'version'],
    ['bitlocker', 3, '-FVE-FS-'],
    ['bcache', 4120, [0xc6, 0x85, 0x73, 0xf6, 0x4e, 0x1a, 0x45, 0xca, 0x82, 0x65, 0xf5, 0x7f, 0x48, 0xba, 0x6d, 0x81]],
    ['bcachefs', 4120, [0xc6, 0x85, 0x73, 0xf6, 0x66, 0xce, 0x90, 0xa9, 0xd9, 0x6a, 0x60, 0xcf, 0x80, 0x3d, 0xf7, 0xef]],
  ] as const)('recognises %s by its magic at byte %i', async (kind, at, magic) => {
    const bytes = bytesWith((image) => image.set(typeof magic === 'string' ? Buffer.from(magic) : magic, at))
    expect(await probeContents(readerOver(bytes), drivers)).toMatchObject({ kind, outcome: 'unsupported', reason: `${kind} is not read` })
  })

  it('recognises what a partition type says where its bytes say nothing', async () => {
    const code = readerOver(Buffer.alloc(MIB, 'boot code '))
    expect(await probeContents(code, drivers, BIOS_BOOT)).toMatchObject({ kind: 'bios-boot', outcome: 'ignored' })
    expect(await probeContents(code, drivers)).toMatchObject({ kind: 'unknown', outcome: 'unsupported' })
    const extended: Partition = { index: 2, scheme: 'mbr', typeId: '0x05', startByte: 0, sizeBytes: MIB }
    expect(await probeContents(await open('xfs'), drivers, extended)).toMatchObject({ kind: 'extended', outcome: 'ignored' })
  })

  it('does not take a magic that was left behind for what is there', async () => {
    const bytes = bytesWith((image) => {
      image.write('SWAPSPACE2', 4086)
      image.writeUInt32LE(64, 1024)
      image.writeUInt16LE(0xef53, 1080)
    })
    expect(await probeContents(readerOver(bytes), [])).toMatchObject({ kind: 'ext' })
    bytes.writeUInt32LE(1, 1024)
    expect(await probeContents(readerOver(bytes), [])).toMatchObject({ kind: 'swap' })
  })

  it.each([0, 1, 100, 511, 512, 1000, 4096, 69632])('calls %i bytes of zeros empty', async (size) => {
    expect(await probeContents(readerOver(new Uint8Array(size)), drivers)).toMatchObject({ kind: 'empty', outcome: 'ignored' })
  })

  it('does not call a disk empty whose start was erased', async () => {
    const bytes = bytesWith((image) => image.fill(1, 10 * MIB, 12 * MIB), 16 * MIB)
    expect(await probeContents(readerOver(bytes), drivers)).toMatchObject({ kind: 'unknown', outcome: 'unsupported' })
    const unwritten = readerOver(new Uint8Array(16 * MIB))
    expect(await probeContents(unwritten, drivers)).toMatchObject({ kind: 'empty', outcome: 'ignored' })
    expect(unwritten.stats.blocks).toBe(0)
  })

  it('does not take a magic that the end cuts off for a structure', async () => {
    const bytes = bytesWith((image) => image.write('XFSB', 508), 512)
    expect(await probeContents(readerOver(bytes.subarray(508)), drivers)).toMatchObject({ kind: 'unknown' })
  })
})

// Values as `mdadm --examine` reads them; both lie behind the data, so that a member starts like the filesystem on the array.
describe('a RAID member with its superblock at the end', () => {
  const SIZE = 8 * MIB
  const filesystem = async (): Promise<Buffer> => Buffer.from(await (await open('xfs')).read(0, SIZE))

  it.each([SIZE, SIZE - 512, SIZE - 4096, SIZE - 5000])('of version 1.0 is not taken for its contents, on %i bytes', async (size) => {
    const bytes = (await filesystem()).subarray(0, size)
    const sector = Math.floor((Math.floor(size / 512) - 16) / 8) * 8
    bytes.writeUInt32LE(0xa92b4efc, sector * 512)
    bytes.writeUInt32LE(1, sector * 512 + 4)
    bytes.writeUInt32LE(sector, sector * 512 + 144)
    expect(await probeContents(readerOver(bytes), drivers)).toMatchObject({ kind: 'mdraid', outcome: 'unsupported' })
    bytes.writeUInt32LE(sector + 8, sector * 512 + 144)
    expect((await probeContents(readerOver(bytes), drivers)).kind).toBe('xfs')
  })

  it.each(['LE', 'BE'] as const)('of version 0.90 is not taken for its contents, written by a host of %s order', async (order) => {
    const bytes = await filesystem()
    for (const [at, value] of [
      [0, 0xa92b4efc],
      [8, 90],
    ] as const) {
      bytes[`writeUInt32${order}`](value, SIZE - 65536 + at)
    }
    expect(await probeContents(readerOver(bytes), drivers)).toMatchObject({ kind: 'mdraid', outcome: 'unsupported' })
  })
})

describe('mountFileSystem', () => {
  it('names what it does not read', async () => {
    await expect(mountFileSystem(await open('luks1'))).rejects.toMatchObject({ code: 'UNSUPPORTED', feature: 'luks' })
    await expect(mountFileSystem(readerOver(new Uint8Array(MIB)))).rejects.toMatchObject({ code: 'UNSUPPORTED', feature: 'empty' })
  })
})
