import { readFile } from 'node:fs/promises'
import { BlockReader } from '../../src/io/block-reader.js'
import { SnapshotFixture } from '../../src/testing/snapshot-fixture.js'
import { DamagedSource, type Patch } from './damage.js'
import type { SfdiskTable } from './sfdisk.js'

const folder: URL = new URL('../../fixtures/disks/', import.meta.url)

export type DiskFixture = 'gpt' | 'gpt-4096' | 'dos' | 'dos-4096'

/** One of fixtures/disks with bytes changed, and grown or cut to `size`. */
export async function damagedDisk(name: DiskFixture, patches: readonly Omit<Patch, 'what'>[] = [], size?: number): Promise<BlockReader> {
  const fixture = await SnapshotFixture.load(new URL(`${name}.snap.gz`, folder).pathname)
  const named = patches.map((patch) => ({ what: 'damage', ...patch }))
  return new BlockReader(new DamagedSource(fixture, named, size))
}

export async function sfdiskTable(name: DiskFixture): Promise<SfdiskTable> {
  return (JSON.parse(await readFile(new URL(`${name}.json`, folder), 'utf8')) as { partitiontable: SfdiskTable }).partitiontable
}
