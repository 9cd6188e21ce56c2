import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { oracleMissing, run } from '../support/image.js'
import { Random } from '../support/random.js'
import { type BdbStep, writeBdb } from '../support/rpm-bdb.js'
import { NdbWriter } from '../support/rpm-ndb.js'
import { coveredFields, readRecords, recordLines } from '../support/rpm-records.js'
import { rpmQuery, rpmRoot, sqliteHeaders } from '../support/rpm-root.js'
import { scratchFolder } from '../support/scratch.js'

// What rpm lists of a database is what has to be read from it, in every format, file lists included.

const missing = oracleMissing('rpm', 'rpmbuild', 'rpmsign', 'gpg', 'sqlite3', 'perl')
if (missing) console.warn(`rpm oracle tests skipped: ${missing}`)
const scratch = scratchFolder()

async function linesOf(path: string): Promise<string[]> {
  const { records, problems } = await readRecords(readFileSync(path))
  expect(problems).toEqual([])
  return recordLines(records)
}

describe.skipIf(missing)('rpm', () => {
  let database = ''
  let truth: string[] = []
  let headers = new Map<number, Buffer>()

  beforeAll(() => {
    const root = rpmRoot(join(tmpdir(), 'snapsight-oracle', 'rpm'), 60, ['x86_64', 'i686', 'aarch64', 'noarch'])
    database = join(root, 'var/lib/rpm/rpmdb.sqlite')
    truth = rpmQuery(join(root, 'var/lib/rpm'))
    headers = sqliteHeaders(database)
    expect(truth.length).toBeGreaterThan(250)
  })

  it('lists what is read from SQLite', async () => {
    expect(await linesOf(database)).toEqual(truth)
  })

  it.each([512, 1024, 8192, 65_536])('lists what is read from SQLite with pages of %i bytes', async (pageSize) => {
    const path = join(scratch, `${pageSize}.sqlite`)
    copyFileSync(database, path)
    run('sqlite3', [path, `PRAGMA journal_mode = DELETE; PRAGMA page_size = ${pageSize}; VACUUM`])
    expect(run('sqlite3', [path, 'PRAGMA page_size']).trim()).toBe(String(pageSize))
    expect(await linesOf(path)).toEqual(truth)
  })

  /** Headers come and go before they are what they are: chains of free pages, pages of several lives, values that shrank and grew. */
  function history(seed: number): BdbStep[] {
    const random = new Random(seed)
    const all = [...headers].sort(() => random.below(3) - 1)
    const steps: BdbStep[] = [[0, Buffer.alloc(4, 1)]]
    for (const [number, header] of all) {
      if (random.below(3) === 0) steps.push([number, Buffer.alloc(random.below(60_000), 7)])
      if (random.below(4) === 0) steps.push([number, undefined])
      if (random.below(2) === 0) steps.push([100_000 + number, header])
      steps.push([number, header])
    }
    for (const [number] of all) steps.push([100_000 + number, undefined])
    return steps
  }

  it.each([
    { pageSize: 512 },
    { pageSize: 4096 },
    { pageSize: 16_384 },
    { pageSize: 65_536 },
    { pageSize: 4096, bigEndian: true },
    { pageSize: 512, bigEndian: true },
  ])('lists what is read from Berkeley DB, $pageSize bytes a page, big-endian: $bigEndian', async (options) => {
    const folder = join(scratch, `bdb-${options.pageSize}-${options.bigEndian}`)
    mkdirSync(folder)
    writeBdb(join(folder, 'Packages'), history(options.pageSize), options)
    expect(await linesOf(join(folder, 'Packages'))).toEqual(truth)
    expect(rpmQuery(folder, 'bdb_ro')).toEqual(truth)
  })

  it('gives all that rpm gives of hundreds of damaged headers, and nothing untrue', async () => {
    const random = new Random(9)
    const folder = join(scratch, 'damaged')
    mkdirSync(folder)
    const steps = [...headers].map(([number, header]): BdbStep => {
      const damaged = Buffer.from(header)
      const at = random.below(4) === 0 ? random.below(header.length - 4) : random.below(Math.min(header.length - 4, 1_800))
      if (random.below(2) === 0) damaged[at]! ^= 1 << random.below(8)
      else damaged.writeUInt32BE(random.pick([0, 1, 0xffff_ffff, 0x7fff_fff0, header.length]), at)
      return [number, damaged]
    })
    writeBdb(join(folder, 'Packages'), steps, { pageSize: 4096 })
    const { records, problems } = await readRecords(readFileSync(join(folder, 'Packages')))
    const lines = recordLines(records)
    // rpm also skips those of which only what surrounds the region is damaged: a second digest, a signature.
    expect(lines).toEqual(expect.arrayContaining(rpmQuery(folder, 'bdb_ro')))
    expect(truth.map(coveredFields)).toEqual(expect.arrayContaining(lines.map(coveredFields)))
    expect(problems.length).toBeGreaterThan(100)
  })

  it('lists what is read from NDB', async () => {
    const writer = new NdbWriter(4)
    for (const [number, header] of history(1)) {
      if (number === 0) continue
      if (header) writer.put(number, header)
      else writer.delete(number)
    }
    const { records, problems } = await readRecords(writer.bytes())
    expect(problems).toEqual([])
    expect(recordLines(records)).toEqual(truth)
  })
})
