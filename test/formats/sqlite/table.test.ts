import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import sqlite from 'node-sqlite3-wasm'
import { describe, expect, it } from 'vitest'
import { SqliteFile } from '../../../src/formats/sqlite/file.js'
import { findTable, readTable, type SqliteRow } from '../../../src/formats/sqlite/table.js'
import { databaseFile } from '../../support/rpm-records.js'
import { scratchFolder } from '../../support/scratch.js'

const scratch = scratchFolder()
const MAX_ROW = 1 << 20
let count = 0

/** A database made by SQLite itself. */
function make(...statements: readonly string[]): Buffer {
  const path = join(scratch, `${count++}.sqlite`)
  const database = new sqlite.Database(path)
  for (const statement of statements) database.exec(statement)
  database.close()
  return readFileSync(path)
}

/** What SQLite itself gives for a query on such a database. */
function select(query: string): Record<string, unknown>[] {
  const database = new sqlite.Database(join(scratch, `${count - 1}.sqlite`), { readOnly: true })
  try {
    return database.all(query) as Record<string, unknown>[]
  } finally {
    database.close()
  }
}

async function read(bytes: Uint8Array, table: string, maxRowBytes = MAX_ROW): Promise<{ rows: SqliteRow[]; problems: string[] }> {
  const file = await SqliteFile.open(databaseFile(bytes))
  const rows: SqliteRow[] = []
  const problems: string[] = []
  for await (const row of readTable(file, await findTable(file, table), { maxRowBytes })) {
    if (row instanceof Error) problems.push(row.message)
    else rows.push(row)
  }
  return { rows, problems }
}

/** Rows of every length up to 60,000 bytes, so that cells end just before and behind the edge of a page; then many are deleted. */
function lengths(pageSize: number): string[] {
  return [
    `PRAGMA page_size = ${pageSize}`,
    'CREATE TABLE t (id INTEGER PRIMARY KEY, data BLOB)',
    'CREATE TABLE other (x); INSERT INTO other VALUES (1)',
    'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500) INSERT INTO t SELECT i, randomblob(i * i % 2100 + i % 7) FROM n',
    `INSERT INTO t SELECT 2000 + x, randomblob(${pageSize} - 40 + x) FROM (WITH RECURSIVE n(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM n WHERE x < 45) SELECT x FROM n)`,
    'INSERT INTO t VALUES (3000, randomblob(60000)), (9007199254740991, zeroblob(3))',
    'DELETE FROM t WHERE id % 5 = 1',
    'INSERT INTO t SELECT id + 10000, data FROM t WHERE id % 3 = 0 AND id < 1000',
  ]
}

describe('readTable', () => {
  it.each([512, 1024, 4096, 65_536])('gives the rows that SQLite gives, with pages of %i bytes', async (pageSize) => {
    const { rows, problems } = await read(make(...lengths(pageSize)), 't')
    const expected = select('SELECT id, hex(data) AS data FROM t ORDER BY id')
    const actual = rows.map(({ rowid, values }) => ({
      id: rowid,
      data: Buffer.from(values[1] as Uint8Array)
        .toString('hex')
        .toUpperCase(),
    }))
    expect(actual).toEqual(expected)
    expect(actual.length).toBeGreaterThan(1_000)
    expect(problems).toEqual([])
  })

  it.each(['UTF-8', 'UTF-16le', 'UTF-16be'])('decodes every kind of value, text in %s', async (encoding) => {
    const values = ['NULL', '0', '1', '-1', '127', '-128', '32767', '-8388608', '8388607', '2147483647', '-2147483648', '140737488355327']
    values.push('-140737488355328', '9007199254740991', '-9007199254740991', '1.5', '-1e300', "''", "'text ä 日本 🦉'", "x''", "x'00ff'")
    const bytes = make(
      `PRAGMA encoding = '${encoding}'`,
      'CREATE TABLE t (v)',
      `INSERT INTO t VALUES ${values.map((v) => `(${v})`).join(', ')}`,
    )
    const { rows, problems } = await read(bytes, 'T')
    const expected = select('SELECT v FROM t ORDER BY rowid').map(({ v }) =>
      v instanceof Uint8Array ? Buffer.from(v) : typeof v === 'bigint' ? Number(v) : v,
    )
    const plain = rows.map(({ values: [v] }) => (v instanceof Uint8Array ? Buffer.from(v) : v))
    expect(plain).toEqual(expected)
    expect(problems).toEqual([])
  })

  it('reads a database in WAL mode whose log is merged', async () => {
    const bytes = make('PRAGMA journal_mode = WAL', 'CREATE TABLE t (v)', 'INSERT INTO t VALUES (7)')
    bytes.writeUInt8(2, 18)
    bytes.writeUInt8(2, 19)
    expect((await read(bytes, 't')).rows).toEqual([{ rowid: 1, values: [7] }])
  })

  it('names the row that is longer than allowed, and reads the others', async () => {
    const { rows, problems } = await read(make('CREATE TABLE t (v)', 'INSERT INTO t VALUES (1), (randomblob(5000)), (3)'), 't', 1_000)
    expect(rows.map(({ rowid }) => rowid)).toEqual([1, 3])
    expect(problems).toEqual(['row 2: bytes of a row: more than 1000'])
  })

  it('refuses a table that is not there, and a view in its place', async () => {
    const bytes = make('CREATE TABLE t (v)', 'CREATE VIEW w AS SELECT v FROM t')
    await expect(read(bytes, 'missing')).rejects.toThrow('no table missing')
    await expect(read(bytes, 'w')).rejects.toThrow('no table w')
  })
})

describe('a damaged database', () => {
  const PAGE = 512
  const whole = make(`PRAGMA page_size = ${PAGE}`, 'CREATE TABLE t (id INTEGER PRIMARY KEY, data BLOB)', 'BEGIN', ...inserts(40), 'COMMIT')
  /** Page numbers from 1. */
  const at = (page: number): number => (page - 1) * PAGE
  const root = 2
  const leaves = childrenOf(whole, root)

  function inserts(rows: number): string[] {
    return Array.from({ length: rows }, (_, i) => `INSERT INTO t VALUES (${i + 1}, randomblob(${i === 20 ? 3_000 : 60}))`)
  }

  function childrenOf(bytes: Buffer, page: number): number[] {
    const cells = bytes.readUInt16BE(at(page) + 3)
    const children = Array.from({ length: cells }, (_, i) => bytes.readUInt32BE(at(page) + bytes.readUInt16BE(at(page) + 12 + 2 * i)))
    return [...children, bytes.readUInt32BE(at(page) + 8)]
  }

  async function damaged(change: (bytes: Buffer) => unknown): Promise<{ lost: number; problems: string[] }> {
    const bytes = Buffer.from(whole)
    change(bytes)
    const { rows, problems } = await read(bytes, 't')
    return { lost: 40 - rows.length, problems }
  }

  it.each<[string, (b: Buffer) => unknown, RegExp]>([
    ['a leaf of another type', (b) => b.writeUInt8(2, at(leaves[1]!)), /has the type 2/],
    ['a leaf of zeros', (b) => b.fill(0, at(leaves[1]!), at(leaves[1]! + 1)), /has the type 0/],
    ['a child that is its parent', (b) => b.writeUInt32BE(root, at(root) + 8), /pointed to twice/],
    ['a child that is another child', (b) => b.writeUInt32BE(leaves[0]!, at(root) + 8), /pointed to twice/],
    ['a child outside the file', (b) => b.writeUInt32BE(0x7fff_ffff, at(root) + 8), /is pointed to/],
    ['a child of number 0', (b) => b.writeUInt32BE(0, at(root) + 8), /page 0 of/],
    ['more cells than fit', (b) => b.writeUInt16BE(0xffff, at(leaves[1]!) + 3), /counts 65535 cells/],
  ])('loses only the rows of %s', async (_, change, message) => {
    const { lost, problems } = await damaged(change)
    expect(problems).toEqual([expect.stringMatching(message)])
    expect(lost).toBeGreaterThan(0)
    expect(lost).toBeLessThan(10)
  })

  it('loses only the row of a cell that begins among the pointers', async () => {
    const { lost, problems } = await damaged((b) => b.writeUInt16BE(3, at(leaves[1]!) + 8))
    expect({ lost, problems }).toEqual({ lost: 1, problems: [expect.stringMatching(/cell 0 begins at 3/)] })
  })

  /** The leaf cell with the long row, and the first page of its chain. */
  function longCell(bytes: Buffer): { pointer: number; first: number } {
    for (const leaf of leaves) {
      for (let i = 0; i < bytes.readUInt16BE(at(leaf) + 3); i++) {
        const cell = at(leaf) + bytes.readUInt16BE(at(leaf) + 8 + 2 * i)
        // Two bytes of length, one of the rowid.
        if (bytes[cell]! < 0x80) continue
        const length = (bytes[cell]! & 0x7f) * 128 + bytes[cell + 1]!
        const surplus = 39 + ((length - 39) % (PAGE - 4))
        const local = surplus <= PAGE - 35 ? surplus : 39
        return { pointer: cell + 3 + local, first: bytes.readUInt32BE(cell + 3 + local) }
      }
    }
    throw new Error('no long row')
  }

  it.each<[string, (b: Buffer, pointer: number, first: number) => unknown, RegExp]>([
    ['goes in a circle', (b, _, first) => b.writeUInt32BE(first, at(first)), /is in its chain twice/],
    ['ends early', (b, _, first) => b.writeUInt32BE(0, at(first)), /page 0 of/],
    ['leaves the file', (b, pointer) => b.writeUInt32BE(0x00ff_ffff, pointer), /is pointed to/],
  ])('loses only the row whose chain %s', async (_, change, message) => {
    const { lost, problems } = await damaged((bytes) => change(bytes, longCell(bytes).pointer, longCell(bytes).first))
    expect(problems).toEqual([expect.stringMatching(message)])
    expect(problems[0]).toMatch(/^row 21: /)
    expect(lost).toBe(1)
  })

  it.each<[string, (b: Buffer) => unknown, RegExp]>([
    ['a page size of 0', (b) => b.writeUInt16BE(0, 16), /page size 0/],
    ['a page size of 1000', (b) => b.writeUInt16BE(1000, 16), /page size 1000/],
    ['pages without room', (b) => b.writeUInt8(255, 20), /257 usable bytes/],
    ['a newer file format', (b) => b.writeUInt8(3, 19), /file format 3/],
    ['another magic', (b) => b.write('sqlite', 0), /bad magic/],
  ])('is refused with %s', async (_, change, message) => {
    await expect(damaged(change)).rejects.toThrow(message)
  })
})
