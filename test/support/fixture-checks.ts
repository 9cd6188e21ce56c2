import { expect } from 'vitest'
import type { FileSystem, FileSystemDriver, Stat } from '../../src/fs/types.js'
import { compareEntries } from './compare.js'
import type { Fixture } from './fixture.js'
import { listing } from './listing.js'
import { mountSource } from './mount.js'

/** It is listed as the kernel lists it; returns the filesystem for what else is to be held. */
export async function expectListing(
  driver: FileSystemDriver,
  { source, truth, compare }: Fixture,
  cacheBytes?: number,
): Promise<FileSystem> {
  const { fs } = await mountSource(driver, source, cacheBytes === undefined ? {} : { cacheBytes })
  expect(compareEntries(truth, await listing(fs), compare)).toEqual([])
  return fs
}

/** Mounting and walking it costs so many of the blocks that were written. */
export async function expectCost(
  driver: FileSystemDriver,
  { source, truth }: Fixture,
  cost: { readonly written: number; readonly read: number },
): Promise<void> {
  const { fs, stats } = await mountSource(driver, source)
  let entries = 0
  await fs.walk(() => {
    entries++
    return undefined
  })
  expect({ entries, written: source.blocks.length, read: stats.blocks }).toEqual({ entries: truth.length, ...cost })
}

/** stat, readdir and lookup (of at most `lookups` names a directory) agree with the walk. */
export async function expectAgreement(driver: FileSystemDriver, { source }: Fixture, lookups: number): Promise<void> {
  const { fs } = await mountSource(driver, source)
  const walked = new Map<string, Stat>()
  await fs.walk(({ path, stat }) => {
    walked.set(path, { ...stat })
    return undefined
  })
  for (const [path, stat] of walked) {
    expect(await fs.stat(stat.ino)).toEqual(stat)
    if (stat.type !== 'dir') continue
    const below = path === '/' ? '/' : `${path}/`
    const entries = await fs.readdir(stat.ino)
    for (const entry of entries) {
      const child = walked.get(below + entry.name)
      expect(child?.ino, `${below}${entry.name}`).toBe(entry.ino)
      expect(entry.type ?? child?.type).toBe(child?.type)
    }
    for (const entry of entries.slice(0, lookups)) expect(await fs.lookup(stat.ino, entry.name)).toBe(entry.ino)
    expect(await fs.lookup(stat.ino, 'no such name')).toBeUndefined()
  }
}
