import { describe, expect, it } from 'vitest'
import { readDisk } from '../../src/disk/index.js'
import { type DiskFixture, damagedDisk, sfdiskTable } from '../support/disk-fixture.js'
import { readerOver } from '../support/memory-reader.js'
import { asSfdisk, expectedTable } from '../support/sfdisk.js'

const MIB = 1024 * 1024

describe('readDisk', () => {
  it.each<DiskFixture>(['gpt', 'gpt-4096', 'dos', 'dos-4096'])('reads %s as sfdisk does', async (name) => {
    const disk = await readDisk(await damagedDisk(name))
    expect(asSfdisk(disk)).toEqual(expectedTable(await sfdiskTable(name)))
    expect(disk.issues).toEqual([])
  })

  it('names types, partitions and PARTUUIDs', async () => {
    const gpt = await readDisk(await damagedDisk('gpt'))
    expect(gpt.partitions.map(({ index, typeName, name, uuid }) => [index, typeName, name, uuid?.slice(-2)])).toEqual([
      [1, 'Linux root (x86-64)', 'racine', '01'],
      [2, 'Linux swap', undefined, '02'],
      [3, 'Linux LVM', 'données 💾', '03'],
      [14, 'BIOS boot', undefined, '14'],
      [15, 'EFI System', undefined, '15'],
    ])
    const dos = await readDisk(await damagedDisk('dos'))
    expect(dos.partitions.map(({ index, typeId, typeName, uuid }) => [index, typeId, typeName, uuid])).toEqual([
      [1, '0x83', 'Linux', 'e3ae58f5-01'],
      [2, '0x0f', "W95 Ext'd (LBA)", 'e3ae58f5-02'],
      [3, '0x82', 'Linux swap / Solaris', 'e3ae58f5-03'],
      [5, '0x83', 'Linux', 'e3ae58f5-05'],
      [6, '0x83', 'Linux', 'e3ae58f5-06'],
    ])
  })

  it('costs one block for a whole GPT, and one for each boot record of an MBR', async () => {
    const gpt = await damagedDisk('gpt')
    await readDisk(gpt)
    expect(gpt.stats.blocks).toBe(1)
    const dos = await damagedDisk('dos')
    await readDisk(dos)
    expect(dos.stats.blocks).toBe(3)
  })

  it('takes a disk without a table as one partition', async () => {
    for (const bytes of [new Uint8Array(MIB), new Uint8Array(100), new Uint8Array(0), Buffer.alloc(MIB, 'noise, but no table ')]) {
      const disk = await readDisk(readerOver(bytes))
      expect(disk).toEqual({
        scheme: 'none',
        sectorSize: 512,
        partitions: [{ scheme: 'none', startByte: 0, sizeBytes: bytes.length }],
        issues: [],
      })
    }
  })
})
