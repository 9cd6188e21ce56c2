import { describe, expect, it } from 'vitest'
import { IoError } from '../../../src/errors.js'
import { readRpmDatabase } from '../../../src/formats/rpm/database.js'
import type { RpmRecord } from '../../../src/formats/rpm/record.js'
import { Random } from '../../support/random.js'
import { RPM_DATABASES, type RpmDatabaseName, rpmDatabase, rpmTruth } from '../../support/rpm-fixture.js'
import { coveredFields, databaseFile, readRecords, recordLines } from '../../support/rpm-records.js'

const truth = rpmTruth()

/** What is read of a damaged database; undefined where it is refused as a whole. */
async function readDamaged(bytes: Uint8Array): Promise<{ lines: string[]; problems: readonly string[] } | undefined> {
  try {
    const { records, problems } = await readRecords(bytes)
    return { lines: recordLines(records), problems }
  } catch (error) {
    expect((error as { code?: string }).code, String(error)).toMatch(/^(CORRUPT|UNSUPPORTED|LIMIT)$/)
    return undefined
  }
}

describe.each(RPM_DATABASES)('%s', (name) => {
  it('has the packages that rpm lists, with their files', async () => {
    const { records, problems } = await readRecords(rpmDatabase(name))
    expect(recordLines(records)).toEqual(truth)
    expect(problems).toEqual([])
    expect(truth).toHaveLength(14)
  })

  it('is read in the same way through a file that gives promises', async () => {
    const file = databaseFile(rpmDatabase(name))
    const slow = { ...file, read: async (offset: number, length: number) => file.read(offset, length) }
    let count = 0
    for await (const record of readRpmDatabase(slow)) if (!(record instanceof Error) && record.name !== 'gpg-pubkey') count++
    expect(count).toBe(truth.length)
  })

  it('loses only what lies in a block that cannot be had', async () => {
    const file = databaseFile(rpmDatabase(name))
    const lost = { from: 60_000, to: 61_000 }
    const read = async (offset: number, length: number): Promise<Uint8Array> => {
      if (offset < lost.to && offset + length > lost.from) throw new IoError('block 3 is gone')
      return file.read(offset, length)
    }
    const records: RpmRecord[] = []
    const problems: string[] = []
    for await (const record of readRpmDatabase({ ...file, read })) {
      if (record instanceof Error) problems.push(record.message)
      else records.push(record)
    }
    expect(truth).toEqual(expect.arrayContaining(recordLines(records)))
    expect(problems.join()).toContain('block 3 is gone')
    expect(records.length).toBeGreaterThan(7)
    expect(records.length).toBeLessThan(15)
  })

  it('passes on what is no fault of the database', async () => {
    const file = databaseFile(rpmDatabase(name))
    const aborted = new Error('aborted')
    let reads = 0
    const read = (offset: number, length: number): Uint8Array | Promise<Uint8Array> =>
      ++reads > 3 ? Promise.reject(aborted) : file.read(offset, length)
    const all = async (): Promise<void> => {
      for await (const _ of readRpmDatabase({ ...file, read }));
    }
    await expect(all()).rejects.toBe(aborted)
  })

  it('loses nothing without a word when it is cut short', async () => {
    const whole = rpmDatabase(name)
    for (let cut = 1; cut <= 40; cut++) {
      const result = await readDamaged(whole.subarray(0, Math.floor((whole.length * cut) / 41)))
      if (result === undefined) continue
      expect(truth).toEqual(expect.arrayContaining(result.lines))
      if (result.lines.length < truth.length) expect(result.problems.length).toBeGreaterThan(0)
    }
  })

  it('never gives other data as if it were right, whatever byte is damaged', async () => {
    const random = new Random(RPM_DATABASES.indexOf(name) + 1)
    const expected = new Set(truth.map(coveredFields))
    for (let round = 0; round < 400; round++) {
      const bytes = rpmDatabase(name)
      damage(bytes, random)
      const result = await readDamaged(bytes)
      for (const line of result?.lines ?? []) expect(expected).toContain(coveredFields(line))
    }
  })
})

/** A bit, a byte, a word of zeros or of ones, a block from elsewhere. */
function damage(bytes: Buffer, random: Random): void {
  const at = random.below(bytes.length - 512)
  const kind = random.below(5)
  if (kind === 0) bytes[at]! ^= 1 << random.below(8)
  else if (kind === 1) bytes[at] = random.below(256)
  else if (kind < 4) bytes.fill(kind === 2 ? 0 : 0xff, at, at + 4)
  else bytes.copy(bytes, at, random.below(bytes.length - 512), random.below(bytes.length - 512))
}

describe('a file that is no database', () => {
  it.each<[string, Uint8Array, RegExp]>([
    ['empty', new Uint8Array(0), /empty/],
    ['of one byte', new Uint8Array(1), /neither/],
    ['of zeros', new Uint8Array(8192), /neither/],
    ['of text', Buffer.from('not a database\n'.repeat(100)), /neither/],
    ['a Berkeley DB btree', withWord(8192, 12, 0x053162), /btree/],
    ['SQLite without a table of packages', emptySqlite(), /no table Packages/],
    ['a head alone of SQLite', rpmDatabase('rpmdb.sqlite').subarray(0, 60), /cut short/],
    ['a head alone of NDB', rpmDatabase('Packages.db').subarray(0, 20), /cut short/],
    ['a head alone of Berkeley DB', rpmDatabase('Packages.le').subarray(0, 100), /cut short/],
  ])('is refused: %s', async (_, bytes, message) => {
    await expect(readRecords(bytes)).rejects.toThrow(message)
  })
})

function withWord(size: number, at: number, value: number): Buffer {
  const bytes = Buffer.alloc(size)
  bytes.writeUInt32LE(value, at)
  return bytes
}

/** The schema's page with its count of cells put to zero. */
function emptySqlite(): Buffer {
  const bytes = rpmDatabase('rpmdb.sqlite' satisfies RpmDatabaseName)
  bytes[100] = 13
  bytes.writeUInt16BE(0, 103)
  return bytes
}
