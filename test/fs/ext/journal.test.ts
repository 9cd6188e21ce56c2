import { describe, expect, test } from 'vitest'
import { extDriver } from '../../../src/fs/ext/index.js'
import type { FileSystem } from '../../../src/fs/types.js'
import { MemorySource } from '../../../src/io/memory-source.js'
import { compareEntries } from '../../support/compare.js'
import { loadExtFixture } from '../../support/ext-fixture.js'
import { type Fixture, fixtureBytes } from '../../support/fixture.js'
import { listing } from '../../support/listing.js'
import { mountSource } from '../../support/mount.js'
import { Random } from '../../support/random.js'

const BLOCK = 1024
const S_FEATURE_INCOMPAT = 1024 + 0x60
const S_JNL_BACKUP_TYPE = 1024 + 0xfd
const JOURNAL_MAGIC = Buffer.from('c03b3998', 'hex')
const MILLISECONDS = 3000

async function open(bytes: Uint8Array): Promise<FileSystem> {
  return (await mountSource(extDriver, new MemorySource(bytes))).fs
}

/** Bytes at which the blocks of a journal begin that have a header. */
function journalBlocks(bytes: Buffer): number[] {
  const found: number[] = []
  for (let at = 0; at < bytes.length; at += BLOCK) if (bytes.subarray(at, at + 4).equals(JOURNAL_MAGIC)) found.push(at)
  return found
}

/** Byte at which the journal's inode lies. */
function journalInode(bytes: Buffer): number {
  const inodeSize = bytes.readUInt16LE(1024 + 0x58)
  return bytes.readUInt32LE(2 * BLOCK + 8) * BLOCK + 7 * inodeSize
}

async function ext3(): Promise<{ fixture: Fixture; bytes: Buffer }> {
  const fixture = await loadExtFixture('ext3-dirty')
  return { fixture, bytes: await fixtureBytes(fixture) }
}

describe('ext: the journal', () => {
  test('tells what was applied', async () => {
    const { fs } = await mountSource(extDriver, (await loadExtFixture('ext4-fast-commits')).source)
    expect(fs.journal).toEqual({ state: 'replayed', detail: expect.stringMatching(/^\d+ transactions?, \d+ blocks?, \d+ fast commits?$/) })
    expect(fs.issues).toEqual([])
  })

  test('of a filesystem that was not in use is not looked at', async () => {
    const { bytes, fixture } = await ext3()
    bytes.writeUInt32LE(bytes.readUInt32LE(S_FEATURE_INCOMPAT) & ~4, S_FEATURE_INCOMPAT)
    const fs = await open(bytes)
    expect(fs.journal).toEqual({ state: 'clean' })
    expect(compareEntries(fixture.truth, await listing(fs))).not.toEqual([])
  })

  test('is found by the copy in the superblock where its inode is lost', async () => {
    const { bytes, fixture } = await ext3()
    bytes.fill(0, journalInode(bytes), journalInode(bytes) + 128)
    const fs = await open(bytes)
    expect(fs.journal.state).toBe('replayed')
    expect(compareEntries(fixture.truth, await listing(fs))).toEqual([])
    bytes[S_JNL_BACKUP_TYPE] = 0
    const lost = await open(bytes)
    expect(lost.journal).toEqual({ state: 'dirty', detail: expect.stringContaining('inode 8') })
    expect(lost.issues).toMatchObject([{ code: 'CORRUPT', incomplete: true }])
  })

  test('is asked itself where the superblock that would tell of it is lost', async () => {
    const fixture = await loadExtFixture('ext4-fast-commits')
    const bytes = await fixtureBytes(fixture)
    bytes.fill(0, 0, 2048)
    const fs = await open(bytes)
    expect(fs.journal.state).toBe('replayed')
    expect(compareEntries(fixture.truth, await listing(fs), fixture.compare)).toEqual([])
  })

  test('is told as not applied where it uses what is not known', async () => {
    const { bytes } = await ext3()
    bytes.writeUInt32BE(0x1001, journalBlocks(bytes)[0]! + 0x28)
    const { journal, issues } = await open(bytes)
    expect(journal).toEqual({ state: 'dirty', detail: 'unsupported journal feature: journal incompat 0x1000' })
    expect(issues).toMatchObject([{ code: 'UNSUPPORTED', incomplete: true }])
  })

  test.each(['ext4-dirty', 'ext3-dirty', 'ext4-fast-commits'])('%s: damage ends soon, in a list or in an issue', async (name) => {
    const bytes = await fixtureBytes(await loadExtFixture(name))
    const heads = journalBlocks(bytes)
    const random = new Random(11)
    for (let round = 0; round < 30; round++) {
      const damaged = Buffer.from(bytes)
      for (let i = 0; i <= random.below(3); i++)
        damaged[random.pick(heads) + random.below(random.below(2) ? 40 : BLOCK)] = random.below(256)
      const started = performance.now()
      const fs = await open(damaged)
      const entries = await listing(fs)
      expect(performance.now() - started, `round ${round}`).toBeLessThan(MILLISECONDS)
      expect(entries[0]?.path).toBe('/')
      if (fs.journal.state === 'dirty') expect(fs.issues.some(({ incomplete }) => incomplete)).toBe(true)
    }
  })
})
