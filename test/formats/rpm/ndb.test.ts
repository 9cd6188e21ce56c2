import { describe, expect, it } from 'vitest'
import { adler32 } from '../../../src/formats/rpm/adler32.js'
import { rpmDatabase, rpmTruth } from '../../support/rpm-fixture.js'
import { readRecords, recordLines } from '../../support/rpm-records.js'

const truth = rpmTruth()
const FIRST_SLOT = 32

/** Where the slots in use are. */
function slotsOf(bytes: Buffer): number[] {
  const slots: number[] = []
  for (let at = FIRST_SLOT; at < 4096; at += 16) if (bytes.readUInt32LE(at + 8) !== 0) slots.push(at)
  return slots
}

async function read(change: (bytes: Buffer, slot: number, blob: number, end: number) => unknown) {
  const bytes = rpmDatabase('Packages.db')
  const slot = slotsOf(bytes)[1]!
  const blob = bytes.readUInt32LE(slot + 8) * 16
  change(bytes, slot, blob, blob + bytes.readUInt32LE(slot + 12) * 16)
  const { records, problems } = await readRecords(bytes)
  const lines = recordLines(records)
  expect(truth).toEqual(expect.arrayContaining(lines))
  return { lost: truth.length - lines.length, problems }
}

describe('a damaged NDB', () => {
  it.each<[string, (b: Buffer, slot: number, blob: number, end: number) => unknown, RegExp]>([
    ['a slot without its magic', (b, slot) => b.writeUInt32LE(0, slot), /page 0 has 1 slots with a bad magic/],
    ['a slot without a pkgidx', (b, slot) => b.writeUInt32LE(0, slot + 4), /without a pkgidx/],
    ['a slot without a place', (b, slot) => b.writeUInt32LE(0, slot + 8), /has no place/],
    ['a slot that points among the slots', (b, slot) => b.writeUInt32LE(2, slot + 8), /among the slots/],
    ['a slot that points behind the end', (b, slot) => b.writeUInt32LE(0xffff_fff0, slot + 8), /behind the end/],
    ['a slot of no blocks', (b, slot) => b.writeUInt32LE(0, slot + 12), /has 0 blocks/],
    ['a slot of too many blocks', (b, slot) => b.writeUInt32LE(0x0fff_ffff, slot + 12), /behind the end/],
    ['a slot of one block less', (b, slot) => b.writeUInt32LE(b.readUInt32LE(slot + 12) - 1, slot + 12), /bytes in \d+ blocks/],
    ['a blob without its head', (b, _, blob) => b.writeUInt32LE(0, blob), /bad magic at its head/],
    ['a blob of another header', (b, _, blob) => b.writeUInt32LE(77, blob + 4), /belongs to header 77/],
    ['a blob of another length', (b, _, blob) => b.writeUInt32LE(16, blob + 12), /16 bytes in/],
    ['a blob with a flipped bit', (b, _, blob) => b.writeUInt8(b[blob + 100]! ^ 1, blob + 100), /bad checksum/],
    ['a blob with a flipped bit in its padding', (b, _, _blob, end) => b.writeUInt8(b[end - 12]! ^ 1, end - 12), /bad checksum/],
    ['a blob without its tail', (b, _, _blob, end) => b.writeUInt32LE(0, end - 4), /bad magic at its tail/],
    ['a tail of another length', (b, _, _blob, end) => b.writeUInt32LE(1, end - 8), /different lengths/],
  ])('loses only the header of %s', async (_, change, message) => {
    const { lost, problems } = await read(change)
    expect(problems).toEqual([expect.stringMatching(message)])
    expect(lost).toBe(1)
  })

  it('names a header that two slots claim', async () => {
    const { lost, problems } = await read((bytes, slot) => bytes.copyWithin(slotsOf(bytes)[2]!, slot, slot + 16))
    expect(problems).toEqual([expect.stringMatching(/is there twice/)])
    expect(lost).toBe(1)
  })

  it.each<[string, (b: Buffer) => unknown, RegExp]>([
    ['another version', (b) => b.writeUInt32LE(1, 4), /version 1/],
    ['a billion slot pages', (b) => b.writeUInt32LE(1_000_000_000, 12), /slot pages/],
  ])('refuses %s', async (_, change, message) => {
    await expect(read(change)).rejects.toThrow(message)
  })

  it('says that slot pages are missing', async () => {
    const { problems } = await read((bytes) => bytes.writeUInt32LE(1_000, 12))
    expect(problems[0]).toMatch(/bad magic|behind the end/)
  })
})

it.each([
  ['', 1],
  ['a', 0x00620062],
  ['abc', 0x024d0127],
  ['Wikipedia', 0x11e60398],
] as const)('adler32 of %j', (text, expected) => expect(adler32(Buffer.from(text))).toBe(expected))

it('adler32 of a megabyte of ones', () => {
  // As zlib has it.
  expect(adler32(new Uint8Array(1_000_000).fill(0xff))).toBe(0x3843_e1be)
})
