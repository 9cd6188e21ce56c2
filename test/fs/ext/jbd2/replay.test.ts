import { describe, expect, test } from 'vitest'
import { crc32Be } from '../../../../src/fs/ext/jbd2/checksum.js'
import { type Replay, replayLog } from '../../../../src/fs/ext/jbd2/replay.js'
import { type ScannedLog, scanLog } from '../../../../src/fs/ext/jbd2/scan.js'
import { FS_BLOCKS, HandMadeJournal, type JournalForm } from '../../../support/jbd2-journal.js'

const BLOCK = 1024

async function replayed(journal: HandMadeJournal): Promise<ScannedLog & Replay> {
  const log = await journal.open()
  const scanned = await scanLog(log)
  return { ...scanned, ...(await replayLog(log, scanned)) }
}

/** The byte that fills each of these blocks after replay. */
async function fills({ reader }: Replay, ...fsBlocks: readonly number[]): Promise<number[]> {
  const out: number[] = []
  for (const fsBlock of fsBlocks) {
    const bytes = await reader.read(fsBlock * BLOCK, BLOCK)
    expect(bytes.subarray(4).every((byte) => byte === bytes[4])).toBe(true)
    out.push(bytes[4]!)
  }
  return out
}

const FORMS: readonly JournalForm[] = (['none', 'v1', 'v2', 'v3'] as const).flatMap((checksums) =>
  [false, true].flatMap((is64Bit) => [false, true].map((uuids) => ({ checksums, is64Bit, uuids }))),
)

test('the checksum of v1 is CRC-32/MPEG-2', () => {
  expect(crc32Be(0xffffffff, Buffer.from('123456789'))).toBe(0x0376e6e7)
})

describe.each(FORMS)('a log with checksums $checksums, 64 bit $is64Bit, UUIDs $uuids', (form) => {
  test('is applied to its end', async () => {
    const journal = new HandMadeJournal(form)
    journal.write(10, { fsBlock: 5, fill: 1 }, { fsBlock: 6, fill: 2 }, { fsBlock: 7, fill: 3 }).commit(10)
    journal.write(11, { fsBlock: 6, fill: 4 }).write(11, { fsBlock: 8, fill: 5 }).revoke(11, 5).commit(11)
    journal.write(12, { fsBlock: 9, fill: 6 })
    const found = await replayed(journal)
    expect(found).toMatchObject({ endSequence: 12, blocks: 3, revoked: 1, problems: [] })
    expect(found.problem).toBeUndefined()
    expect(await fills(found, 5, 6, 7, 8, 9)).toEqual([0, 4, 3, 5, 0])
  })

  test('gives escaped blocks their magic number back', async () => {
    const journal = new HandMadeJournal(form).write(10, { fsBlock: 5, fill: 1, escaped: true }, { fsBlock: 6, fill: 2 }).commit(10)
    const { reader } = await replayed(journal)
    expect(Buffer.from(await reader.read(5 * BLOCK, 6)).toString('hex')).toBe('c03b39980101')
    expect(Buffer.from(await reader.read(6 * BLOCK, 4)).toString('hex')).toBe('02020202')
  })

  test('goes round', async () => {
    const journal = new HandMadeJournal({ ...form, start: 61 })
    for (let sequence = 10; sequence < 16; sequence++) journal.write(sequence, { fsBlock: sequence, fill: sequence }).commit(sequence)
    const found = await replayed(journal)
    expect(found.endSequence).toBe(16)
    expect(await fills(found, 10, 11, 12, 13, 14, 15)).toEqual([10, 11, 12, 13, 14, 15])
  })
})

describe('revoke records', () => {
  test('hold for their own transaction and those before it, not for later ones', async () => {
    const journal = new HandMadeJournal()
    journal.write(10, { fsBlock: 5, fill: 1 }, { fsBlock: 6, fill: 1 }).commit(10)
    journal.revoke(11, 5, 6, 7).write(11, { fsBlock: 7, fill: 2 }).commit(11)
    journal.write(12, { fsBlock: 6, fill: 3 }).commit(12)
    const found = await replayed(journal)
    expect(await fills(found, 5, 6, 7)).toEqual([0, 3, 0])
    expect(found.revoked).toBe(3)
  })

  test('of a transaction without a commit are not applied', async () => {
    const journal = new HandMadeJournal().write(10, { fsBlock: 5, fill: 1 }).commit(10).revoke(11, 5)
    expect(await fills(await replayed(journal), 5)).toEqual([1])
  })

  test('that cannot be, end the log before their transaction', async () => {
    const journal = new HandMadeJournal().write(10, { fsBlock: 5, fill: 1 }).commit(10).revoke(11, 5).commit(11)
    journal.block(4).writeUInt32BE(0xffffffff, 12)
    const found = await replayed(journal)
    expect(found.problem).toContain('r_count')
    expect(await fills(found, 5)).toEqual([1])
  })
})

describe('where a log ends', () => {
  const three = (form: JournalForm): HandMadeJournal => {
    const journal = new HandMadeJournal(form)
    for (const sequence of [10, 11, 12]) journal.write(sequence, { fsBlock: sequence, fill: 1 }).commit(sequence)
    return journal
  }
  const flip = (journal: HandMadeJournal, logBlock: number, at: number): HandMadeJournal => {
    journal.block(logBlock)[at]! ^= 1
    return journal
  }

  test.each([
    ['a block without the magic number', 0],
    ['a block of another type', 7],
    ['a block of another transaction', 11],
  ])('%s', async (_, at) => {
    const found = await replayed(flip(three({}), 4, at))
    expect(found).toMatchObject({ endSequence: 11, blocks: 1 })
    expect(found.problem).toBeUndefined()
  })

  test('v3: a block that does not verify is left out, and told', async () => {
    const found = await replayed(flip(three({ checksums: 'v3' }), 5, 100))
    expect(found).toMatchObject({ endSequence: 13, blocks: 2, problems: ['1 of its blocks do not verify'] })
    expect(await fills(found, 10, 11, 12)).toEqual([1, 0, 1])
  })

  test('v3: a block that does not verify, but is written again or revoked, costs nothing', async () => {
    const journal = flip(three({ checksums: 'v3' }), 5, 100)
      .write(13, { fsBlock: 11, fill: 2 })
      .commit(13)
    expect(await replayed(journal)).toMatchObject({ blocks: 3, problems: [] })
    const revoked = flip(three({ checksums: 'v3' }), 5, 100)
      .revoke(13, 11)
      .commit(13)
    expect(await replayed(revoked)).toMatchObject({ blocks: 2, problems: [] })
  })

  test.each(['v2', 'v3'] as const)('%s: a descriptor that does not verify is damage, or of an earlier round', async (checksums) => {
    const damaged = await replayed(flip(three({ checksums }), 4, 500))
    expect(damaged).toMatchObject({ endSequence: 11, blocks: 1, problem: expect.stringContaining('transaction 11') })
    const journal = new HandMadeJournal({ checksums }).write(10, { fsBlock: 10, fill: 1 }).commit(10)
    journal.write(11, { fsBlock: 11, fill: 1 }).commit(11, 5)
    const stale = await replayed(flip(journal, 4, 500))
    expect(stale).toMatchObject({ endSequence: 11, blocks: 1 })
    expect(stale.problem).toBeUndefined()
  })

  test.each(['v1', 'v2', 'v3'] as const)('%s: a commit that does not verify', async (checksums) => {
    const where = checksums === 'v1' ? 5 : 6
    const damaged = await replayed(flip(three({ checksums }), where, 20))
    expect(damaged).toMatchObject({ endSequence: 11, blocks: 1, problem: expect.stringContaining('transaction 11') })
    const last = await replayed(
      flip(new HandMadeJournal({ checksums, async: true }).write(10, { fsBlock: 5, fill: 1 }).commit(10), where - 3, 20),
    )
    expect(last).toMatchObject({ endSequence: 10, blocks: 0 })
    expect(last.problem).toBeUndefined()
  })

  test('a commit block of which only the first sector was written counts', async () => {
    expect(await replayed(flip(three({ checksums: 'v3' }), 6, 700))).toMatchObject({ endSequence: 13, blocks: 3 })
    expect(await replayed(flip(three({ checksums: 'v3' }), 6, 60))).toMatchObject({ endSequence: 11 })
  })

  test('sequence numbers pass 2^32', async () => {
    const journal = new HandMadeJournal()
    journal.block(0).writeUInt32BE(0xffffffff, 0x18)
    journal.write(0xffffffff, { fsBlock: 5, fill: 1 }).commit(0xffffffff).write(0, { fsBlock: 6, fill: 1 }).commit(0)
    expect(await replayed(journal)).toMatchObject({ endSequence: 1, blocks: 2 })
  })
})

describe('hostile journals', () => {
  test('blocks that form a ring end', async () => {
    const journal = new HandMadeJournal()
    for (let i = 0; i < 63; i++) journal.revoke(10)
    expect((await replayed(journal)).problem).toBe('the log has no end')
  })

  test('tags without a last one end with their block', async () => {
    const journal = new HandMadeJournal().write(10, { fsBlock: 5, fill: 1 })
    journal.block(1).fill(0, 12)
    const found = await replayed(journal)
    expect(found).toMatchObject({ blocks: 0, endSequence: 10 })
  })

  test('blocks outside the device and in the journal itself are not written', async () => {
    const journal = new HandMadeJournal({ is64Bit: true })
    const outside = [FS_BLOCKS, FS_BLOCKS + 1, FS_BLOCKS + 63, FS_BLOCKS + 64, 2 ** 32, 2 ** 52].map((fsBlock) => ({ fsBlock, fill: 1 }))
    journal.write(10, ...outside, { fsBlock: FS_BLOCKS - 1, fill: 2 }).commit(10)
    const found = await replayed(journal)
    expect(found).toMatchObject({ blocks: 1, problems: ['6 of its blocks have no place that may be written'] })
    expect(await fills(found, FS_BLOCKS - 1)).toEqual([2])
  })

  test('a hole ends the log, and is told', async () => {
    const journal = new HandMadeJournal().write(10, { fsBlock: 5, fill: 1 }).commit(10).write(11, { fsBlock: 6, fill: 1 }).commit(11)
    const log = await journal.open([
      { fileBlock: 0, blockCount: 5, fsBlock: FS_BLOCKS, level: 0 },
      { fileBlock: 6, blockCount: 58, fsBlock: FS_BLOCKS + 6, level: 0 },
    ])
    expect(await scanLog(log)).toMatchObject({ endSequence: 11, problem: expect.stringContaining('block 5 is a hole') })
  })

  test('one whose blocks are the same ones is refused', async () => {
    const halves = [0, 32].map((fileBlock) => ({ fileBlock, blockCount: 32, fsBlock: FS_BLOCKS, level: 0 }))
    await expect(new HandMadeJournal().open(halves)).rejects.toMatchObject({ code: 'CORRUPT' })
  })

  test.each([
    ['bad h_magic', 0x0, 0x12345678, 'CORRUPT'],
    ['h_blocktype', 0x4, 5, 'CORRUPT'],
    ['s_blocksize', 0xc, 4096, 'CORRUPT'],
    ['s_maxlen', 0x10, 65, 'CORRUPT'],
    ['s_first', 0x14, 0, 'CORRUPT'],
    ['s_first', 0x14, 64, 'CORRUPT'],
    ['s_start', 0x1c, 64, 'CORRUPT'],
    ['journal incompat 0x40', 0x28, 0x51, 'UNSUPPORTED'],
    ['journal ro_compat 0x80000000', 0x2c, 0x80000000, 'UNSUPPORTED'],
    ['several kinds of checksums', 0x28, 0x19, 'CORRUPT'],
    ['journal checksum algorithm 0', 0x50, 0, 'UNSUPPORTED'],
  ] as const)('a superblock is refused for %s', async (message, at, value, code) => {
    const journal = new HandMadeJournal({ checksums: 'v3' })
    journal.block(0).writeUInt32BE(value, at)
    journal.sumSuperblock()
    await expect(journal.open()).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
  })

  test('a superblock is refused where its checksum does not fit', async () => {
    const journal = new HandMadeJournal({ checksums: 'v3' })
    journal.block(0)[0x18]! ^= 1
    await expect(journal.open()).rejects.toMatchObject({ code: 'CORRUPT', message: expect.stringContaining('checksum') })
  })
})
