import { expect } from 'vitest'
import type { FileSystemDriver } from '../../src/fs/types.js'
import { DamagedSource, type Patch } from './damage.js'
import { survey, type Victim } from './ext-damage.js'

/** Values that no mkfs writes, put on purpose into an image without checksums, of which `L` tells the places. */
export interface HostileRow<L> {
  readonly what: string
  readonly patches: (at: L) => Patch[]
  /** Code of the error with which the image is refused. */
  readonly refused?: string
  /** Entries that cannot be had any more, with all below them; that they are lost is reported. Absent: nothing is lost, and nothing need be. */
  readonly lost?: readonly string[]
}

export interface HostileImage<L> {
  readonly victim: Victim
  readonly layout: L
}

/** Hold the reader to a row: soon, in little memory, and everything that is not lost is listed as if nothing had happened. */
export async function expectHostile<L>(
  driver: FileSystemDriver,
  { victim, layout }: HostileImage<L>,
  { patches, refused, lost = [] }: HostileRow<L>,
): Promise<void> {
  const started = performance.now()
  const before = process.memoryUsage().rss
  const found = await survey(driver, new DamagedSource(victim.base, patches(layout)))
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
