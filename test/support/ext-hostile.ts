import { expect } from 'vitest'
import { extDriver } from '../../src/fs/ext/index.js'
import { DamagedSource, type Patch } from './damage.js'
import { loadVictim, survey, type Victim } from './ext-damage.js'
import { ExtLayout } from './ext-layout.js'

/** Values that no mke2fs writes, put on purpose into an image without checksums. */
export interface HostileRow {
  readonly what: string
  readonly patches: (at: ExtLayout) => Patch[]
  /** Code of the error with which the image is refused. */
  readonly refused?: string
  /** Entries that cannot be had any more, with all below them; that they are lost is reported. Absent: nothing is lost, and nothing need be. */
  readonly lost?: readonly string[]
}

export interface HostileImage {
  readonly victim: Victim
  readonly layout: ExtLayout
}

export async function loadHostile(name: string): Promise<HostileImage> {
  const victim = await loadVictim(extDriver, name)
  return { victim, layout: new ExtLayout(victim.image, victim.truth) }
}

/** Hold the reader to a row: soon, in little memory, and everything that is not lost is listed as if nothing had happened. */
export async function expectHostile({ victim, layout }: HostileImage, { patches, refused, lost = [] }: HostileRow): Promise<void> {
  const started = performance.now()
  const before = process.memoryUsage().rss
  const found = await survey(extDriver, new DamagedSource(victim.base, patches(layout)))
  expect(performance.now() - started).toBeLessThan(2000)
  expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024)
  if (refused !== undefined) {
    expect(found.refused).toMatchObject({ code: refused })
    return
  }
  const given = new Map(found.entries.map((entry) => [entry.path, entry]))
  expect(given.size, 'each path once').toBe(found.entries.length)
  if (lost.length > 0) expect(found.reported).toBeGreaterThan(0)
  if (lost.includes('/')) return
  expect(found.refused).toBeUndefined()
  for (const entry of victim.truth) {
    if (lost.some((path) => entry.path === path || entry.path.startsWith(`${path}/`))) continue
    expect(given.get(entry.path), entry.path).toEqual(entry)
  }
}
