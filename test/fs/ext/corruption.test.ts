import { describe, expect, test } from 'vitest'
import { extDriver } from '../../../src/fs/ext/index.js'
import { DamagedSource, type Patch, randomPatch, withoutBlock, writtenSectors } from '../../support/damage.js'
import { checkedDifferences, loadVictim, survey } from '../../support/ext-damage.js'
import { Random } from '../../support/random.js'

const MILLISECONDS = 3000
const ROUNDS = 40

const describePatch = ({ what, offset, bytes }: Patch): string =>
  `${what} at ${offset}: ${Buffer.from(bytes.subarray(0, 8)).toString('hex')}`

describe.each(['ext4-default', 'ext4-inline', 'ext4-fragments', 'ext4-bigalloc'])('%s, with checksums', (name) => {
  test('one fault never gives other data as if it were right', async () => {
    const victim = await loadVictim(extDriver, name)
    const sectors = writtenSectors(victim.image)
    const random = new Random(20_240_601)
    for (let round = 0; round < ROUNDS; round++) {
      const patch = randomPatch(victim.image, sectors, random)
      const started = performance.now()
      const found = await survey(extDriver, new DamagedSource(victim.base, [patch]))
      expect(checkedDifferences(victim, [patch], found), `round ${round}: ${describePatch(patch)}`).toEqual([])
      expect(performance.now() - started, describePatch(patch)).toBeLessThan(MILLISECONDS)
    }
  })

  test('a block that cannot be had costs only what lies in it', async () => {
    const victim = await loadVictim(extDriver, name)
    for (const blockIndex of victim.written) {
      const found = await survey(extDriver, withoutBlock(victim.base, blockIndex))
      expect(checkedDifferences(victim, [], found), `without block ${blockIndex}`).toEqual([])
      expect(found.reported > 0 || found.entries.length === victim.truth.length).toBe(true)
      if (blockIndex > 0) expect(found.entries.map((entry) => entry.path)).toContain('/')
    }
  })

  test('cut short at any place, the rest is right', async () => {
    const victim = await loadVictim(extDriver, name)
    const random = new Random(7)
    for (let round = 0; round < 12; round++) {
      const size = round < 4 ? [0, 1, 1024, 2048][round]! : random.below(victim.base.size)
      const found = await survey(extDriver, new DamagedSource(victim.base, [], size))
      expect(checkedDifferences(victim, [], found), `cut to ${size} bytes`).toEqual([])
    }
  })
})

describe.each(['ext2-no-filetype', 'ext3-htree', 'ext4-meta-bg'])('%s, without checksums', (name) => {
  test('many faults at once end in a list or a refusal, soon, and of bounded size', async () => {
    const victim = await loadVictim(extDriver, name)
    const sectors = writtenSectors(victim.image)
    const random = new Random(99)
    for (let round = 0; round < ROUNDS; round++) {
      const patches = Array.from({ length: 1 + random.below(20) }, () => randomPatch(victim.image, sectors, random))
      const started = performance.now()
      const { entries, refused } = await survey(extDriver, new DamagedSource(victim.base, patches))
      const context = patches.map(describePatch).join('; ')
      expect(performance.now() - started, context).toBeLessThan(MILLISECONDS)
      expect(entries.length, context).toBeLessThan(victim.truth.length * 5 + 2000)
      expect(refused !== undefined || entries[0]?.path === '/', context).toBe(true)
    }
  })
})
