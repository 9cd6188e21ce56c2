import { beforeAll, describe, expect, test } from 'vitest'
import { xfsDriver } from '../../../src/fs/xfs/index.js'
import { DamagedSource } from '../../support/damage.js'
import { checkedDifferences, loadVictim, survey, type Victim } from '../../support/ext-damage.js'

const SECTOR = 512
/** Of a byte in every structure that its checksum covers, behind what it says of itself. */
const AT = 90

interface Structure {
  readonly magic: string
  readonly what: string
  /** What is lost with it: nothing, an inode with what is below it, or names of one directory or the contents of one file. */
  readonly costs: 'nothing' | 'one object'
  /** It is not read, so that it is not told either. */
  readonly unread?: boolean
}

const STRUCTURES: readonly Structure[] = [
  { magic: 'XAGF', what: 'free space header', costs: 'nothing', unread: true },
  { magic: 'XAGI', what: 'inode header', costs: 'nothing' },
  { magic: 'XAFL', what: 'free list', costs: 'nothing', unread: true },
  { magic: 'AB3B', what: 'free space by block', costs: 'nothing', unread: true },
  { magic: 'AB3C', what: 'free space by size', costs: 'nothing', unread: true },
  { magic: 'IAB3', what: 'inode B+tree', costs: 'nothing' },
  { magic: 'FIB3', what: 'free inode B+tree', costs: 'nothing', unread: true },
  { magic: 'R3FC', what: 'reference counts', costs: 'nothing', unread: true },
  { magic: 'XDB3', what: 'directory of one block', costs: 'one object' },
  { magic: 'XDD3', what: 'directory data', costs: 'one object' },
  { magic: 'BMA3', what: 'extent B+tree', costs: 'one object' },
  { magic: 'XSLM', what: 'symlink', costs: 'one object' },
]

/** Sectors of an image that begin with these four letters, at most 6 of them. */
function placesOf(image: Buffer, magic: string): number[] {
  const letters = Buffer.from(magic)
  const places: number[] = []
  for (let at = 0; at < image.length && places.length < 6; at += SECTOR) if (letters.equals(image.subarray(at, at + 4))) places.push(at)
  return places
}

describe('xfs: damage to one structure costs only that', () => {
  let victim: Victim
  beforeAll(async () => {
    victim = await loadVictim(xfsDriver, 'xfs-forms')
  })

  test.each(STRUCTURES)('$magic, $what', async ({ magic, costs, unread }) => {
    const places = placesOf(victim.image, magic)
    expect(places.length).toBeGreaterThan(0)
    let told = 0
    for (const place of places) {
      const patch = { what: magic, offset: place + AT, bytes: Uint8Array.of(victim.image[place + AT]! ^ 0x40) }
      const found = await survey(xfsDriver, new DamagedSource(victim.base, [patch]))
      expect(checkedDifferences(victim, [patch], found)).toEqual([])
      const good = new Set(found.entries.filter((entry) => entry.error === undefined).map((entry) => entry.path))
      const lost = victim.truth.filter((entry) => !good.has(entry.path)).map((entry) => entry.path)
      if (costs === 'nothing') expect(lost).toEqual([])
      // Blocks of removed directories lie about: they are no one's.
      else
        for (const path of lost) expect(path === lost[0] || path.startsWith(`${shortest(lost)}/`), `${path} lost with ${magic}`).toBe(true)
      if (unread) expect(found.reported).toBe(0)
      if (lost.length > 0) expect(found.reported).toBeGreaterThan(0)
      told += found.reported
    }
    if (!unread) expect(told).toBeGreaterThan(0)
  })
})

function shortest(paths: readonly string[]): string {
  return paths.reduce((a, b) => (a.length <= b.length ? a : b))
}
