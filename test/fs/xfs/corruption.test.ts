import { describe, expect, test } from 'vitest'
import { xfsDriver } from '../../../src/fs/xfs/index.js'
import { DamagedSource, type Patch, randomPatch, writtenSectors } from '../../support/damage.js'
import { checkedDifferences, loadVictim, survey } from '../../support/ext-damage.js'
import { Random } from '../../support/random.js'

const MILLISECONDS = 3000
const ROUNDS = 20

const describePatch = ({ what, offset, bytes }: Patch): string =>
  `${what} at ${offset}: ${Buffer.from(bytes.subarray(0, 8)).toString('hex')}`

describe.each(['xfs-default', 'xfs-forms', 'xfs-scattered', 'xfs-64k-blocks'])('%s, with checksums', (name) => {
  test('one fault never gives other data as if it were right', async () => {
    const victim = await loadVictim(xfsDriver, name)
    const sectors = writtenSectors(victim.image)
    const random = new Random(20_240_601)
    for (let round = 0; round < ROUNDS; round++) {
      const patch = randomPatch(victim.image, sectors, random)
      const started = performance.now()
      const found = await survey(xfsDriver, new DamagedSource(victim.base, [patch]))
      expect(checkedDifferences(victim, [patch], found), `round ${round}: ${describePatch(patch)}`).toEqual([])
      expect(performance.now() - started, describePatch(patch)).toBeLessThan(MILLISECONDS)
    }
  })

  test('cut short at any place, the rest is right', async () => {
    const victim = await loadVictim(xfsDriver, name)
    const random = new Random(7)
    for (let round = 0; round < 12; round++) {
      const size = round < 4 ? [0, 1, 511, 4096][round]! : random.below(victim.base.size)
      const found = await survey(xfsDriver, new DamagedSource(victim.base, [], size))
      expect(checkedDifferences(victim, [], found), `cut to ${size} bytes`).toEqual([])
    }
  })
})

describe.each(['xfs-v4', 'xfs-v4-ci'])('%s, without checksums', (name) => {
  test('many faults at once end in a list or a refusal, soon, and of bounded size', async () => {
    const victim = await loadVictim(xfsDriver, name)
    const sectors = writtenSectors(victim.image)
    const random = new Random(99)
    for (let round = 0; round < ROUNDS; round++) {
      const patches = Array.from({ length: 1 + random.below(20) }, () => randomPatch(victim.image, sectors, random))
      const started = performance.now()
      const { entries, refused } = await survey(xfsDriver, new DamagedSource(victim.base, patches))
      const context = patches.map(describePatch).join('; ')
      expect(performance.now() - started, context).toBeLessThan(MILLISECONDS)
      expect(entries.length, context).toBeLessThan(victim.truth.length * 5 + 2000)
      expect(refused !== undefined || entries[0]?.path === '/', context).toBe(true)
    }
  })
})
