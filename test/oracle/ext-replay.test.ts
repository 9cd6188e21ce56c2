import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { extDriver } from '../../src/fs/ext/index.js'
import type { JournalState } from '../../src/fs/types.js'
import { compareEntries } from '../support/compare.js'
import { busyCopies, type LiveRow, liveCopies, replayedByKernel } from '../support/ext-live.js'
import { folderIn, oracleMissing, scratchFolder } from '../support/image.js'
import { listing } from '../support/listing.js'
import { withImage } from '../support/mount.js'
import { LIVE_ROWS } from './ext-replay-rows.js'

const missing = oracleMissing('mke2fs', 'tune2fs', 'fallocate')
/** Copies of each kind of filesystem; `REPLAY_ROUNDS=20 REPLAY_SEED=7 npm run test:oracle -- ext-replay` makes others. `REPLAY_KEEP`: where one that fails is kept. */
const ROUNDS = Number(process.env.REPLAY_ROUNDS ?? 4)
const SEED = Number(process.env.REPLAY_SEED ?? 1)
/** Copies made before a filesystem is unmounted. */
const ROUNDS_PER_LIFE = 4

let scratch: ReturnType<typeof scratchFolder>
beforeAll(() => {
  scratch = scratchFolder()
})
afterAll(() => scratch?.remove())

describe.skipIf(missing)('ext: a copy made in use is what the kernel makes of it', () => {
  test.each(LIVE_ROWS.map((row) => [row.name, row] as const))('%s', async (_, row) => {
    let replays = 0
    for (let round = 0; round < ROUNDS; round += ROUNDS_PER_LIFE) {
      replays += await checkCopies(row, SEED + round, liveCopies)
    }
    expect(replays).toBeGreaterThan(0)
  })

  // A fast commit that is copied in the middle is one that the kernel refuses.
  test.each(LIVE_ROWS.filter((row) => !row.fastCommits).map((row) => [row.name, row] as const))(
    '%s, while it is written',
    async (_, row) => {
      expect(await checkCopies(row, SEED, busyCopies)).toBeGreaterThan(0)
    },
  )
})

/** Returns how many of the copies had something to replay. */
async function checkCopies(row: LiveRow, seed: number, makeCopies: typeof liveCopies): Promise<number> {
  const folder = folderIn(scratch.path, 'life')
  let replays = 0
  for (const copy of await makeCopies(row, seed, folder, ROUNDS_PER_LIFE)) {
    try {
      if ((await checkCopy(row, copy)).state === 'replayed') replays++
    } catch (error) {
      const kept = process.env.REPLAY_KEEP
      if (kept) copyFileSync(copy, join(kept, `${row.name.replace(/\W+/g, '-')}-${seed}-${copy.slice(-1)}`))
      throw new Error(`REPLAY_SEED=${seed}, ${copy.slice(-5)}`, { cause: error })
    }
  }
  rmSync(folder, { recursive: true })
  return replays
}

async function checkCopy(row: LiveRow, copy: string): Promise<JournalState> {
  const { entries, journal, issues } = await withImage(extDriver, copy, async (fs) => ({
    entries: await listing(fs),
    journal: fs.journal,
    issues: fs.issues,
  }))
  const truth = await replayedByKernel(copy, entries).catch((error: unknown) => {
    // Directories that were made and indexed in one fast commit stop the kernel's replay: it refuses its own journal.
    if (row.fastCommits && String(error).includes('Structure needs cleaning')) return undefined
    throw error
  })
  if (truth) expect(compareEntries(truth, entries, row.fastCommits ? { ignore: ['dirSize'] } : {}), journal.detail).toEqual([])
  expect(issues, journal.detail).toEqual([])
  return journal
}
