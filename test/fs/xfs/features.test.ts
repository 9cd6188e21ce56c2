import { describe, expect, test } from 'vitest'
import { crc32c } from '../../../src/fs/crc32c.js'
import { decodeFeatures } from '../../../src/fs/xfs/features.js'
import { xfsDriver } from '../../../src/fs/xfs/index.js'
import { DamagedSource } from '../../support/damage.js'
import { loadVictim, survey } from '../../support/ext-damage.js'
import { listing } from '../../support/listing.js'
import { mountSource } from '../../support/mount.js'
import { be32, be64, XfsLayout } from '../../support/xfs-layout.js'

const SB_CRC = 224
const SECTOR = 512

const version5 = (incompat: number, roCompat = 0) => decodeFeatures({ versionnum: 0xb4a5, features2: 0x18a, roCompat, incompat })

/** The fixture with fields of its superblock written over, and a checksum that fits. */
async function withSuper(name: string, fields: readonly (readonly [at: number, bytes: readonly number[]])[]) {
  const victim = await loadVictim(xfsDriver, name)
  const sector = Uint8Array.from(victim.image.subarray(0, SECTOR))
  for (const [at, bytes] of fields) sector.set(bytes, at)
  sector.fill(0, SB_CRC, SB_CRC + 4)
  new DataView(sector.buffer).setUint32(SB_CRC, ~crc32c(0xffffffff, sector) >>> 0, true)
  return { victim, mounted: mountSource(xfsDriver, new DamagedSource(victim.base, [{ what: 'superblock', offset: 0, bytes: sector }])) }
}

describe('feature words', () => {
  test('version 5', () => {
    expect(version5(0x1ff, 0xf).names).toEqual([
      ...['crc', 'attr2', 'projid32bit', 'lazy-count', 'finobt', 'rmapbt', 'reflink', 'inobtcount'],
      ...['ftype', 'sparse', 'meta_uuid', 'bigtime', 'needsrepair', 'nrext64', 'exchange', 'parent', 'metadir'],
    ])
  })

  test('unknown read-only ones are read, and told by their bit', () => {
    expect(version5(1, 0x8000_0000).names).toContain('ro_compat 0x80000000')
  })

  test.each([
    [0x201, 'zoned'],
    [0x601, 'zoned, zone_gaps'],
    [0x8001, 'incompat 0x8000'],
    [0x8000_0001, 'incompat 0x80000000'],
  ])('0x%s is refused as %s', (incompat, feature) => {
    expect(() => version5(incompat)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED', feature }))
  })

  test('another version with checksums is damage, not another version', () => {
    expect(() => decodeFeatures({ versionnum: 0xb4a4, features2: 0x18a, roCompat: 0, incompat: 1 })).toThrow(
      expect.objectContaining({ code: 'CORRUPT' }),
    )
  })

  test('version 4, with and without ftype', () => {
    expect(decodeFeatures({ versionnum: 0xb4a4, features2: 0x28a, roCompat: 0, incompat: 0 })).toMatchObject({ crc: false, ftype: true })
    expect(decodeFeatures({ versionnum: 0xf4a4, features2: 0x8a, roCompat: 0, incompat: 0 })).toMatchObject({ ftype: false, asciiCi: true })
    // Without the bit for more bits, that word is of no meaning.
    expect(decodeFeatures({ versionnum: 0x3494, features2: 0xffff_ffff, roCompat: 0, incompat: 0 })).toMatchObject({ ftype: false })
  })
})

describe('features that this mkfs.xfs does not make, in the superblock of an image without them', () => {
  test.each([
    ['exchange-range', [[216, be32(0x4b)]]],
    ['parent pointers', [[216, be32(0x8b)]]],
    [
      'metadata directories',
      [
        [216, be32(0x10b)],
        [264, be64(2 ** 40)],
      ],
    ],
  ] as const)('%s are read', async (_what, fields) => {
    const { victim, mounted } = await withSuper('xfs-default', fields)
    const { fs } = await mounted
    expect((await listing(fs)).length).toBe(victim.truth.length)
    expect(fs.issues).toEqual([])
  })

  test('the root of metadata directories may not be named', async () => {
    const { victim } = await withSuper('xfs-default', [])
    const named = victim.truth.find((entry) => entry.path === '/times')!
    const { mounted } = await withSuper('xfs-default', [
      [216, be32(0x10b)],
      [264, be64(named.ino)],
    ])
    const entries = await listing((await mounted).fs)
    expect(entries.find((entry) => entry.path === '/times')?.error).toContain('reserved')
  })

  test('a filesystem in need of repair is read, and told to be incomplete', async () => {
    const { victim, mounted } = await withSuper('xfs-default', [[216, be32(0x1b)]])
    const { fs } = await mounted
    expect((await listing(fs)).length).toBe(victim.truth.length)
    expect(fs.issues).toEqual([expect.objectContaining({ code: 'CORRUPT', incomplete: true })])
  })

  test('zoned is refused, naming it, also where copies of the superblock have it not', async () => {
    const { mounted } = await withSuper('xfs-default', [[216, be32(0x203)]])
    await expect(mounted).rejects.toMatchObject({ code: 'UNSUPPORTED', feature: 'zoned' })
  })
})

test('a file on the realtime device is listed, and cannot be read', async () => {
  const victim = await loadVictim(xfsDriver, 'xfs-v4')
  const layout = new XfsLayout(victim.image, (await survey(xfsDriver, victim.base)).entries)
  const ino = layout.ino('/types/file')
  const flagged = new DamagedSource(victim.base, [layout.inode('di_flags', '/types/file', 90, [0, 1])])
  const { fs } = await mountSource(xfsDriver, flagged)
  expect(await fs.stat(ino)).toMatchObject({ type: 'file', size: 9000, error: expect.stringContaining('realtime') })
  await expect(fs.open(ino)).rejects.toMatchObject({ code: 'UNSUPPORTED', feature: 'realtime' })
  const entries = await listing(fs)
  expect(entries.find((entry) => entry.path === '/types/file')).toMatchObject({ size: 9000, error: expect.stringContaining('realtime') })
  expect(fs.issues).toContainEqual(expect.objectContaining({ code: 'UNSUPPORTED', incomplete: true }))
})
