import { describe, expect, test } from 'vitest'
import { extDriver } from '../../src/fs/ext/index.js'
import { xfsDriver } from '../../src/fs/xfs/index.js'
import { DamagedSource, randomPatch, writtenSectors } from '../support/damage.js'
import { checkedDifferences, loadVictim, survey } from '../support/ext-damage.js'
import { Random } from '../support/random.js'

const SECONDS = 15
const SEED = Number(process.env.SNAPSIGHT_FUZZ_SEED ?? Date.now() % 1_000_000)

const VICTIMS = [
  { driver: extDriver, names: ['ext4-default', 'ext4-inline', 'ext4-fragments', 'ext4-bigalloc'] },
  { driver: xfsDriver, names: ['xfs-default', 'xfs-forms', 'xfs-scattered', 'xfs-shared', 'xfs-sparse-inodes'] },
]

describe.each(VICTIMS)('$driver.name: random faults, as many as the time allows', ({ driver, names }) => {
  test.each(names)('%s', async (name) => {
    const victim = await loadVictim(driver, name)
    const sectors = writtenSectors(victim.image)
    const until = performance.now() + SECONDS * 1000
    for (let seed = SEED; performance.now() < until; seed++) {
      const random = new Random(seed)
      const patches = Array.from({ length: 1 + random.below(3) }, () => randomPatch(victim.image, sectors, random))
      const started = performance.now()
      const found = await survey(driver, new DamagedSource(victim.base, patches)).catch((error) => {
        throw new Error(`SNAPSIGHT_FUZZ_SEED=${seed}`, { cause: error })
      })
      expect(checkedDifferences(victim, patches, found), `SNAPSIGHT_FUZZ_SEED=${seed}`).toEqual([])
      expect(performance.now() - started, `SNAPSIGHT_FUZZ_SEED=${seed}`).toBeLessThan(5000)
    }
  })
})
