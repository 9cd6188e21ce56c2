import { describe, expect, it } from 'vitest'
import { rpmDatabase, rpmTruth } from '../../support/rpm-fixture.js'
import { readRecords, recordLines } from '../../support/rpm-records.js'

const PAGE = 512
const truth = rpmTruth()

/** Page numbers by type, of a little-endian database with pages of 512 bytes. */
function pagesOf(bytes: Buffer, type: number): number[] {
  return Array.from({ length: bytes.length / PAGE }, (_, i) => i).filter((page) => page > 0 && bytes[page * PAGE + 25] === type)
}

const OVERFLOW = 7
const HASH = 13
/** Those with headers. */
const hashPages = (bytes: Buffer): number[] => [...pagesOf(bytes, 2), ...pagesOf(bytes, HASH)].filter((page) => entries(bytes, page) > 0)
const entries = (bytes: Buffer, page: number): number => bytes.readUInt16LE(page * PAGE + 20)
/** Where item `index` of a hash page lies. */
const itemAt = (bytes: Buffer, page: number, index: number): number => page * PAGE + bytes.readUInt16LE(page * PAGE + 26 + 2 * index)

/** The first header that is on overflow pages: its number, its item, its chain. */
function firstChain(bytes: Buffer): { number: number; item: number; chain: number[] } {
  for (const page of hashPages(bytes)) {
    for (let index = 0; index < entries(bytes, page); index += 2) {
      const item = itemAt(bytes, page, index + 1)
      if (bytes[item] !== 3) continue
      const chain: number[] = []
      for (let next = bytes.readUInt32LE(item + 4); next !== 0; next = bytes.readUInt32LE(next * PAGE + 16)) chain.push(next)
      return { number: bytes.readUInt32LE(itemAt(bytes, page, index) + 1), item, chain }
    }
  }
  throw new Error('no header on overflow pages')
}

async function read(change: (bytes: Buffer) => unknown): Promise<{ lost: number; problems: readonly string[] }> {
  const bytes = rpmDatabase('Packages.le')
  change(bytes)
  const { records, problems } = await readRecords(bytes)
  const lines = recordLines(records)
  expect(truth).toEqual(expect.arrayContaining(lines))
  return { lost: truth.length - lines.length, problems }
}

describe('Berkeley DB', () => {
  it.each<[string, (bytes: Buffer, first: ReturnType<typeof firstChain>) => unknown, RegExp]>([
    ['that leads back to its start', (b, { chain }) => b.writeUInt32LE(chain[0]!, chain[1]! * PAGE + 16), /goes in a circle/],
    ['that leads to its own page', (b, { chain }) => b.writeUInt32LE(chain[1]!, chain[1]! * PAGE + 16), /goes in a circle/],
    ['that leads out of the file', (b, { chain }) => b.writeUInt32LE(0x00ff_ffff, chain[1]! * PAGE + 16), /outside the file/],
    ['that ends early', (b, { chain }) => b.writeUInt32LE(0, chain[1]! * PAGE + 16), /outside the file, after \d+ of/],
    ['that leads to a page of another type', (b, { chain }) => b.writeUInt32LE(hashPages(b)[0]!, chain[0]! * PAGE + 16), /has the type/],
    ['with an empty page', (b, { chain }) => b.writeUInt16LE(0, chain[1]! * PAGE + 22), /holds 0 bytes/],
    ['with a page that holds too much', (b, { chain }) => b.writeUInt16LE(PAGE, chain[1]! * PAGE + 22), /holds 512 bytes/],
    ['with a page that is not itself', (b, { chain }) => b.writeUInt32LE(1, chain[1]! * PAGE + 8), /pgno is 1/],
    ['that is longer than the value', (b, { item }) => b.writeUInt32LE(PAGE - 26, item + 8), /goes on behind its 486 bytes/],
    ['of a value of 4 GB', (b, { item }) => b.writeUInt32LE(0xffff_ffff, item + 8), /more than|in a file of/],
    ['of a value longer than the file', (b, { item }) => b.writeUInt32LE(b.length + 1, item + 8), /bytes in a file of/],
    ['that begins at the first page', (b, { item }) => b.writeUInt32LE(0, item + 4), /outside the file/],
  ])('loses only the header of a chain %s', async (_, change, message) => {
    let number = 0
    const { lost, problems } = await read((bytes) => {
      const first = firstChain(bytes)
      number = first.number
      change(bytes, first)
    })
    expect(problems).toEqual([expect.stringMatching(message)])
    expect(problems[0]).toContain(`header ${number}`)
    expect(lost).toBe(1)
  })

  it('loses only the headers of a hash page that is gone, and says that they are missing', async () => {
    const { lost, problems } = await read((bytes) => bytes.fill(0, hashPages(bytes)[0]! * PAGE, (hashPages(bytes)[0]! + 1) * PAGE))
    expect(lost).toBeGreaterThan(0)
    expect(lost).toBeLessThan(truth.length)
    expect(problems).toEqual([expect.stringMatching(/nelem is \d+, but only \d+ pairs/)])
  })

  it.each<[string, (bytes: Buffer, page: number) => unknown, RegExp]>([
    ['another number', (b, page) => b.writeUInt32LE(999, page * PAGE + 8), /pgno is 999/],
    ['an odd count of entries', (b, page) => b.writeUInt16LE(3, page * PAGE + 20), /3 entries/],
    ['more entries than fit', (b, page) => b.writeUInt16LE(0xfffe, page * PAGE + 20), /65534 entries/],
    ['an unknown type', (b, page) => b.writeUInt8(99, page * PAGE + 25), /has the type 99/],
  ])('loses only the headers of a hash page with %s', async (_, change, message) => {
    const { lost, problems } = await read((bytes) => change(bytes, hashPages(bytes)[0]!))
    expect(lost).toBeLessThan(truth.length)
    expect(problems).toEqual([expect.stringMatching(message)])
  })

  it.each<[string, (bytes: Buffer, page: number) => unknown, RegExp]>([
    ['a key outside the page', (b, page) => b.writeUInt16LE(0xfff0, page * PAGE + 26), /item 0 has bad bounds/],
    ['a value among the offsets', (b, page) => b.writeUInt16LE(2, page * PAGE + 28), /item 0 has bad bounds/],
    ['a key of another type', (b, page) => b.writeUInt8(9, itemAt(b, page, 0)), /item 0 is not a header's number/],
    ['a value of another type', (b, page) => b.writeUInt8(4, itemAt(b, page, 1)), /has an item of type 4/],
  ])('loses little of a page with %s', async (_, change, message) => {
    const { lost, problems } = await read((bytes) => change(bytes, hashPages(bytes)[0]!))
    expect(lost).toBeLessThanOrEqual(2)
    expect(problems[0]).toMatch(message)
  })

  it('names a number that is there twice', async () => {
    const { problems } = await read((bytes) => {
      const page = hashPages(bytes).find((candidate) => entries(bytes, candidate) >= 4 && bytes[itemAt(bytes, candidate, 1)] === 3)!
      bytes.copyWithin(itemAt(bytes, page, 0), itemAt(bytes, page, 2), itemAt(bytes, page, 2) + 5)
    })
    expect(problems).toEqual([expect.stringMatching(/header \d+ is there twice/)])
  })

  it('is read as well where older versions wrote it, whose pages are not sorted', async () => {
    const { lost, problems } = await read((bytes) => {
      bytes.writeUInt32LE(8, 16)
      for (const page of pagesOf(bytes, HASH)) bytes.writeUInt8(2, page * PAGE + 25)
    })
    expect({ lost, problems }).toEqual({ lost: 0, problems: [] })
  })

  it('reads the last page too', async () => {
    const bytes = rpmDatabase('Packages.le')
    expect(Math.max(...pagesOf(bytes, OVERFLOW), ...hashPages(bytes))).toBe(bytes.length / PAGE - 1)
    bytes.writeUInt16LE(0, bytes.length - PAGE + 22)
    expect((await readRecords(bytes)).problems).toHaveLength(1)
  })

  it.each<[string, (bytes: Buffer) => unknown, RegExp]>([
    ['a page size that is no power of two', (b) => b.writeUInt32LE(1000, 20), /pagesize is 1000/],
    ['a page size of 0', (b) => b.writeUInt32LE(0, 20), /pagesize is 0/],
    ['a page size of 1 GiB', (b) => b.writeUInt32LE(1 << 30, 20), /pagesize is/],
    ['an older version', (b) => b.writeUInt32LE(5, 16), /hash version 5/],
    ['encryption', (b) => b.writeUInt8(1, 24), /encrypted/],
    ['checksums', (b) => b.writeUInt8(1, 26), /checksums/],
  ])('refuses %s', async (_, change, message) => {
    await expect(read(change)).rejects.toThrow(message)
  })
})
