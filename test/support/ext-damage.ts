import { ScanError } from '../../src/errors.js'
import { encodeName } from '../../src/fs/name.js'
import type { FileSystemDriver } from '../../src/fs/types.js'
import type { BlockSource, ByteRange } from '../../src/io/types.js'
import { type CompareOptions, compareEntries } from './compare.js'
import type { Patch } from './damage.js'
import type { Entry } from './entry.js'
import { fixtureBytes, loadFixture } from './fixture.js'
import { listing } from './listing.js'
import { mountSource } from './mount.js'

/** What a damaged image gave: a refusal, or a list and how many problems were reported. */
export interface Survey {
  readonly refused?: ScanError
  readonly entries: readonly Entry[]
  readonly reported: number
}

/** List whatever can be listed. Anything thrown that is not a ScanError is a bug and leaves. */
export async function survey(driver: FileSystemDriver, source: BlockSource): Promise<Survey> {
  try {
    const { fs } = await mountSource(driver, source)
    const entries = await listing(fs)
    return { entries, reported: fs.issues.length + entries.filter((entry) => entry.error !== undefined).length }
  } catch (error) {
    if (error instanceof ScanError) return { refused: error, entries: [], reported: 1 }
    throw error
  }
}

/** A fixture to damage: its bytes, and where those lie that no checksum covers (contents of files, targets of slow symlinks). */
export interface Victim {
  readonly name: string
  readonly base: BlockSource
  readonly image: Buffer
  /** Indexes of the blocks that were written. */
  readonly written: readonly number[]
  readonly truth: readonly Entry[]
  readonly compare: CompareOptions
  readonly contents: readonly ByteRange[]
}

export async function loadVictim(driver: FileSystemDriver, name: string): Promise<Victim> {
  const fixture = await loadFixture(driver.name, name)
  const image = await fixtureBytes(fixture)
  const { fs } = await mountSource(driver, fixture.source)
  const contents: ByteRange[] = []
  for (const { ino, type, target = '' } of await listing(fs)) {
    if (type === 'file') contents.push(...(await (await fs.open(ino)).extents()))
    // Those of XFS have checksums.
    if (type !== 'symlink' || driver.name !== 'ext' || target.length < 60) continue
    const bytes = Buffer.concat([encodeName(target), Buffer.of(0)])
    for (let offset = 0; offset < image.length; offset += 1024) {
      if (bytes.equals(image.subarray(offset, offset + bytes.length))) contents.push({ offset, length: bytes.length })
    }
  }
  return { name, base: fixture.source, image, written: fixture.source.blocks, truth: fixture.truth, compare: fixture.compare, contents }
}

/**
 * What is wrong with a survey of a filesystem whose metadata has checksums: nothing may be given that differs from the truth, and nothing
 * may be missing without a word.
 */
export function checkedDifferences(victim: Victim, patches: readonly Patch[], found: Survey): string[] {
  const uncovered = patches.some((patch) =>
    victim.contents.some(({ offset, length }) => patch.offset < offset + length && offset < patch.offset + patch.bytes.length),
  )
  const ignore = [...(victim.compare.ignore ?? []), ...(uncovered ? (['sha256', 'target'] as const) : [])]
  const differences = compareEntries(victim.truth, found.entries, { ignore, partial: true })
  if (found.entries.length < victim.truth.length && found.reported === 0) {
    differences.push(`${victim.truth.length - found.entries.length} entries missing and nothing reported`)
  }
  return differences
}
