import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SnapshotFixture } from '../../src/testing/snapshot-fixture.js'
import type { CompareOptions } from './compare.js'
import type { Entry } from './entry.js'

const FOLDER = join(import.meta.dirname, '../../fixtures/snapshots')

export interface Fixture {
  readonly source: SnapshotFixture
  readonly truth: readonly Entry[]
  readonly compare: CompareOptions
}

/** An image of `fixtures/snapshots/<driver>` with what the kernel shows of it. */
export async function loadFixture(driver: string, name: string): Promise<Fixture> {
  const source = await SnapshotFixture.load(join(FOLDER, driver, `${name}.snap.gz`))
  const manifest = JSON.parse(await readFile(join(FOLDER, driver, `${name}.manifest.json`), 'utf8')) as {
    entries: Entry[]
    ignore: NonNullable<CompareOptions['ignore']>
  }
  return { source, truth: manifest.entries, compare: { ignore: manifest.ignore } }
}

/** All bytes of a fixture. */
export async function fixtureBytes({ source }: Fixture): Promise<Buffer> {
  const bytes = Buffer.alloc(source.size)
  for (const blockIndex of source.blocks) bytes.set(await source.readBlock(blockIndex), blockIndex * source.blockSize)
  return bytes
}
