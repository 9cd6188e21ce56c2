import { describe, expect, it } from 'vitest'
import { readDisk } from '../../src/disk/index.js'
import type { Disk } from '../../src/disk/types.js'
import { ScanError } from '../../src/errors.js'
import { drivers } from '../../src/fs/index.js'
import { probeContents } from '../../src/fs/probe.js'
import { SliceReader } from '../../src/io/slice-reader.js'
import { type DiskFixture, damagedDisk } from '../support/disk-fixture.js'
import { Random } from '../support/random.js'

/** Sectors that hold the tables of each fixture. */
const TABLES: Readonly<Record<DiskFixture, readonly number[]>> = {
  gpt: [0, 1, 2, 524287, 524255],
  'gpt-4096': [0, 8, 16, 131064],
  dos: [0, 22528, 22528 + 34816],
  'dos-4096': [0],
}

/** A few bytes of one table sector, or all of it, from a generator. */
function randomPatches(name: DiskFixture, random: Random): { offset: number; bytes: Uint8Array }[] {
  return Array.from({ length: 1 + random.below(3) }, () => {
    const start = random.pick([0, 0x1be, 0x1c6, 0x1ca, 0x1ce, 0x1fe, 12, 24, 72, 80, 84, random.below(512)])
    const length = Math.min(random.pick([1, 1, 4, 8, 512]), 512 - start)
    const fill = random.pick([0x00, 0xff, 0x05, -1])
    const bytes = Uint8Array.from({ length }, () => (fill < 0 ? random.below(256) : fill))
    return { offset: random.pick(TABLES[name]) * 512 + start, bytes }
  })
}

describe('a disk with random damage to its tables', () => {
  it.each(Object.keys(TABLES) as DiskFixture[])('%s is read or refused, and nothing else', async (name) => {
    const random = new Random(7)
    let refused = 0
    for (let i = 0; i < 150; i++) {
      const patches = randomPatches(name, random)
      const reader = await damagedDisk(name, patches)
      let disk: Disk
      try {
        disk = await readDisk(reader)
      } catch (error) {
        if (!(error instanceof ScanError)) throw error
        refused++
        continue
      }
      for (const partition of disk.partitions) {
        expect(partition.startByte).toBeGreaterThanOrEqual(0)
        expect(partition.startByte).toBeLessThan(reader.size)
        expect(partition.sizeBytes).toBeGreaterThan(0)
        expect(Number.isSafeInteger(partition.sizeBytes) || partition.sizeBytes > reader.size).toBe(true)
        const slice = new SliceReader(reader, partition.startByte, partition.sizeBytes)
        expect((await probeContents(slice, drivers, partition)).kind).toMatch(/./)
      }
    }
    expect(refused).toBeLessThan(150)
  })

  it.each([0, 1, 511, 512, 513, 1024, 4096, 8192, 17408, 20000])('is read or refused where the image ends after %i bytes', async (size) => {
    for (const name of Object.keys(TABLES) as DiskFixture[]) {
      try {
        const disk = await readDisk(await damagedDisk(name, [], size))
        expect(disk.partitions.every((partition) => partition.startByte < Math.max(1, size))).toBe(true)
      } catch (error) {
        expect(error).toBeInstanceOf(ScanError)
      }
    }
  })
})
