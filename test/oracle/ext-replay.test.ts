import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { extDriver } from '../../src/fs/ext/index.js'
import type { JournalState } from '../../src/fs/types.js'
import { compareEntries } from '../support/compare.js'
import type { Entry } from '../support/entry.js'
import { folderIn, oracleMissing, run, scratchFolder, sparseFile, withMount } from '../support/image.js'
import { listing } from '../support/listing.js'
import { LiveWork } from '../support/live-work.js'
import { kernelManifest } from '../support/manifest.js'
import { withImage } from '../support/mount.js'
import { Random } from '../support/random.js'
import { LIVE_ROWS, type LiveRow } from './ext-replay-rows.js'

const missing = oracleMissing('mke2fs', 'tune2fs', 'fallocate')
/** Copies of each kind of filesystem; `REPLAY_ROUNDS=20 REPLAY_SEED=7 npm run test:oracle -- ext-replay` makes others. `REPLAY_KEEP`: where one that fails is kept. */
const ROUNDS = Number(process.env.REPLAY_ROUNDS ?? 4)
const SEED = Number(process.env.REPLAY_SEED ?? 1)
/** Copies made before a filesystem is unmounted. */
const ROUNDS_PER_LIFE = 4
/** The kernel's clock for files may stand still for so long. */
const CLOCK_MS = 5

let scratch: ReturnType<typeof scratchFolder>
beforeAll(() => {
  scratch = scratchFolder()
})
afterAll(() => scratch?.remove())

/** Use a filesystem and copy it at random moments. */
async function liveCopies(row: LiveRow, seed: number, folder: string): Promise<string[]> {
  const image = join(folder, 'image')
  sparseFile(image, row.size)
  run('mke2fs', ['-q', '-F', ...row.make.split(' '), image])
  await row.prepare?.(image)
  const copies: string[] = []
  await withMount(image, 'ext4', row.mount?.split(',') ?? [], (root) => {
    const random = new Random(seed)
    const work = new LiveWork(root, random)
    try {
      for (let i = 0; i < ROUNDS_PER_LIFE; i++) {
        work.run(1 + random.below(random.below(2) ? 300 : 30))
        const copy = join(folder, `copy${i}`)
        run('cp', ['--sparse=always', image, copy])
        copies.push(copy)
      }
    } finally {
      work.end()
    }
  })
  rmSync(image)
  return copies
}

/** What the kernel shows when it has replayed the journal; times that it set in doing so are taken from `ours`. */
async function replayedByKernel(copy: string, ours: readonly Entry[]): Promise<Entry[]> {
  const replayed = `${copy}.kernel`
  copyFileSync(copy, replayed)
  try {
    const since = Date.now() - CLOCK_MS
    await withMount(replayed, 'ext4', [], () => undefined)
    const truth = await withMount(replayed, 'ext4', ['ro'], kernelManifest)
    const found = new Map(ours.map((entry) => [entry.path, entry]))
    return truth.map((entry) => {
      const own = found.get(entry.path)
      return own && entry.mtime * 1000 + entry.mtimeNs / 1e6 >= since ? { ...entry, mtime: own.mtime, mtimeNs: own.mtimeNs } : entry
    })
  } finally {
    rmSync(replayed, { force: true })
  }
}

describe.skipIf(missing)('ext: a copy made in use is what the kernel makes of it', () => {
  test.each(LIVE_ROWS.map((row) => [row.name, row] as const))('%s', async (_, row) => {
    let replays = 0
    for (let round = 0; round < ROUNDS; round += ROUNDS_PER_LIFE) {
      const seed = SEED + round
      const folder = folderIn(scratch.path, 'life')
      for (const copy of await liveCopies(row, seed, folder)) {
        try {
          if ((await checkCopy(row, copy)).state === 'replayed') replays++
        } catch (error) {
          if (process.env.REPLAY_KEEP)
            copyFileSync(copy, join(process.env.REPLAY_KEEP, `${row.name.replace(/\W+/g, '-')}-${seed}-${copy.slice(-1)}`))
          throw new Error(`REPLAY_SEED=${seed}, ${copy.slice(-5)}`, { cause: error })
        }
      }
      rmSync(folder, { recursive: true })
    }
    expect(replays).toBeGreaterThan(0)
  })
})

async function checkCopy(row: LiveRow, copy: string): Promise<JournalState> {
  const { entries, journal, issues } = await withImage(extDriver, copy, async (fs) => ({
    entries: await listing(fs),
    journal: fs.journal,
    issues: fs.issues,
  }))
  const truth = await replayedByKernel(copy, entries)
  expect(compareEntries(truth, entries, row.fastCommits ? { ignore: ['dirSize'] } : {}), journal.detail).toEqual([])
  expect(issues, journal.detail).toEqual([])
  return journal
}
