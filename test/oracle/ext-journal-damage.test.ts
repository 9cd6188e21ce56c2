import { copyFileSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { extDriver } from '../../src/fs/ext/index.js'
import type { JournalState } from '../../src/fs/types.js'
import type { Issue } from '../../src/model.js'
import { type CompareOptions, compareEntries } from '../support/compare.js'
import type { Entry } from '../support/entry.js'
import { type LiveRow, leftByKernel, liveCopies, replayedByKernel } from '../support/ext-live.js'
import { folderIn, oracleMissing, run, scratchFolder } from '../support/image.js'
import { listing } from '../support/listing.js'
import { withImage } from '../support/mount.js'
import { Random } from '../support/random.js'

const missing = oracleMissing('mke2fs', 'debugfs')
/** Damaged journals of each kind; `DAMAGE_ROUNDS=100 DAMAGE_SEED=7` makes others. */
const ROUNDS = Number(process.env.DAMAGE_ROUNDS ?? 10)
const SEED = Number(process.env.DAMAGE_SEED ?? 1)
const COPIES = 4
const JBD2_MAGIC = Buffer.from('c03b3998', 'hex')
/** Bytes of the header of a journal block and what follows it. */
const HEAD_SIZE = 64

interface DamageRow extends LiveRow {
  readonly blockSize: number
  /** Nothing would tell damage of other blocks than those of the journal itself. */
  readonly headsOnly?: boolean
}

const ROWS: readonly DamageRow[] = [
  { name: 'v3', size: '32M', make: '-t ext4 -b 4096', blockSize: 4096 },
  { name: 'v3, a log that goes round', size: '32M', make: '-t ext4 -b 1024 -J size=1', blockSize: 1024 },
  { name: 'v3, asynchronous', size: '32M', make: '-t ext4 -b 1024', mount: 'journal_async_commit,data=journal', blockSize: 1024 },
  { name: 'v1', size: '32M', make: '-t ext4 -b 1024 -O ^metadata_csum', mount: 'journal_checksum', blockSize: 1024 },
  {
    name: 'v1, asynchronous',
    size: '32M',
    make: '-t ext4 -b 1024 -O ^metadata_csum',
    mount: 'journal_async_commit,data=writeback',
    blockSize: 1024,
  },
  { name: 'fast commits', size: '32M', make: '-t ext4 -b 1024 -O fast_commit', blockSize: 1024, fastCommits: true },
  { name: 'no checksums', size: '32M', make: '-t ext3 -b 1024', blockSize: 1024, headsOnly: true },
]

let scratch: ReturnType<typeof scratchFolder>
beforeAll(() => {
  scratch = scratchFolder()
})
afterAll(() => scratch?.remove())

/** Blocks of the journal that were written, but for its superblock. */
async function writtenBlocks(image: string, row: DamageRow): Promise<number[]> {
  const blocks = run('debugfs', ['-R', 'blocks <8>', image]).trim().split(/\s+/).map(Number)
  const file = await open(image)
  try {
    const written: number[] = []
    for (const block of blocks.slice(1)) {
      const { buffer } = await file.read(Buffer.alloc(row.blockSize), 0, row.blockSize, block * row.blockSize)
      if (row.headsOnly ? buffer.subarray(0, 4).equals(JBD2_MAGIC) : buffer.some((byte) => byte !== 0)) written.push(block)
    }
    return written
  } finally {
    await file.close()
  }
}

/** Change a byte or a few of the journal; returns where. */
async function damage(image: string, row: DamageRow, blocks: readonly number[], random: Random): Promise<string> {
  const file = await open(image, 'r+')
  try {
    const block = random.pick(blocks)
    const at = random.below(row.headsOnly || random.below(2) ? HEAD_SIZE : row.blockSize)
    const bytes = Buffer.from(Array.from({ length: random.pick([1, 1, 4, 40]) }, () => random.below(256)))
    const length = Math.min(bytes.length, row.blockSize - at)
    await file.write(bytes, 0, length, block * row.blockSize + at)
    return `${bytes.subarray(0, length).toString('hex')} at byte ${at} of block ${block}`
  } finally {
    await file.close()
  }
}

async function survey(image: string): Promise<{ entries: Entry[]; journal: JournalState; issues: readonly Issue[] }> {
  return withImage(extDriver, image, async (fs) => ({ entries: await listing(fs), journal: fs.journal, issues: fs.issues }))
}

/** `whole`: what the journal gives when it is not damaged. */
async function checkDamaged(row: DamageRow, image: string, whole: readonly Entry[]): Promise<'mounted' | 'refused'> {
  const { entries, journal, issues } = await survey(image)
  const truth = await replayedByKernel(image, entries).catch(() => undefined)
  if (truth) {
    // Without checksums a block may have come to the wrong place: what it held is then reported.
    const options: CompareOptions = { partial: row.headsOnly === true, ignore: row.fastCommits ? ['dirSize'] : [] }
    expect(compareEntries(truth, entries, options), journal.detail).toEqual([])
    if (!row.headsOnly) expect(issues, journal.detail).toEqual([])
    return 'mounted'
  }
  // Some fast commits the kernel refuses even when they are sound.
  if (row.fastCommits) return 'refused'
  // Damage of a block that is written again later costs nothing, although the kernel does not go on.
  if (issues.length === 0) {
    expect(compareEntries(whole, entries), journal.detail).toEqual([])
    return 'refused'
  }
  expect(issues.filter(({ incomplete }) => incomplete)).not.toEqual([])
  // Where its first look fails the kernel applies nothing, and at a block outside the device it stops; here all that is sound is applied.
  if (!/descriptor of transaction|r_count|no end|no place/.test(journal.detail ?? '')) {
    expect(compareEntries(await leftByKernel(image), entries), journal.detail).toEqual([])
  }
  return 'refused'
}

describe.skipIf(missing)('ext: of a damaged journal, what the kernel applies', () => {
  test.each(ROWS.map((row) => [row.name, row] as const))('%s', async (_, row) => {
    const outcomes = { mounted: 0, refused: 0 }
    const folder = folderIn(scratch.path, 'damage')
    const random = new Random(SEED)
    for (const copy of await liveCopies(row, SEED, folder, COPIES)) {
      const blocks = await writtenBlocks(copy, row)
      const { entries: whole } = await survey(copy)
      for (let round = 0; blocks.length > 0 && round < ROUNDS / COPIES; round++) {
        const damaged = join(folder, 'damaged')
        copyFileSync(copy, damaged)
        const what = await damage(damaged, row, blocks, random)
        try {
          outcomes[await checkDamaged(row, damaged, whole)]++
        } catch (error) {
          if (process.env.REPLAY_KEEP)
            copyFileSync(damaged, join(process.env.REPLAY_KEEP, `damaged-${SEED}-${row.name.replace(/\W+/g, '-')}`))
          throw new Error(`DAMAGE_SEED=${SEED}, ${copy.slice(-5)}, round ${round}: ${what}`, { cause: error })
        }
      }
    }
    rmSync(folder, { recursive: true })
    expect(outcomes.mounted + outcomes.refused).toBeGreaterThan(0)
    if (process.env.REPLAY_TALK) console.log(row.name, outcomes)
  })
})
