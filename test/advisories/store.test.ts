import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type * as sqlite from 'node-sqlite3-wasm'
import { describe, expect, it } from 'vitest'
import { buildDatabase } from '../../src/advisories/build.js'
import { matchPackages } from '../../src/advisories/match.js'
import { memoryStore } from '../../src/advisories/memory-store.js'
import { databaseInfo, openStore } from '../../src/advisories/store.js'
import { testFolder } from './support/folder.js'
import { affected, deb, fixedIn, osv, ubuntu } from './support/records.js'

const { Database } = createRequire(import.meta.url)('node-sqlite3-wasm') as typeof sqlite

const RECORDS = [
  osv(
    'UBUNTU-CVE-2024-0001',
    [
      affected(
        'Ubuntu:22.04:LTS',
        'p',
        [{ introduced: '0' }, { fixed: '1.5' }, { introduced: '2' }, { last_affected: '2.5' }, { limit: '*' }],
        {
          versions: ['9', '1.0'],
          severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
          ecosystem_specific: { ubuntu_priority: 'high' },
        },
      ),
      { package: { ecosystem: 'Debian:12', name: '__proto__', purl: 'pkg:deb/debian/p?arch=source' }, versions: ['é 1'] },
    ],
    {
      upstream: ['CVE-2024-0001'],
      aliases: ['A-1'],
      related: ['USN-1'],
      details: 'why '.repeat(200),
      published: '2024-01-01T00:00:00Z',
      references: [{ url: 'https://example.org/1' }, { url: 'javascript:1' }],
    },
  ),
  osv('B-1', [affected('Ubuntu:22.04:LTS', 'p', fixedIn('3'))], {
    aliases: ['A-1'],
    upstream: ['CVE-2024-0001', 'CVE-2024-0002'],
    summary: 'short',
  }),
  osv('USN-1', [affected('Ubuntu:22.04:LTS', 'constructor', fixedIn('3'))], { upstream: ['CVE-2024-0001'] }),
]

async function database(): Promise<string> {
  const folder = testFolder()
  writeFileSync(join(folder, 'r.json'), JSON.stringify(RECORDS))
  await buildDatabase({ from: [join(folder, 'r.json')], to: join(folder, 'a.db') })
  return join(folder, 'a.db')
}

describe('openStore', () => {
  it('gives back what the records say, as the store in memory does', async () => {
    const store = openStore(await database())
    const memory = memoryStore(RECORDS)
    for (const [ecosystem, name] of [
      ['Ubuntu:22.04:LTS', 'p'],
      ['Ubuntu:22.04:LTS', 'constructor'],
      ['Debian:12', '__proto__'],
      ['Debian:12', 'p'],
      ['', ''],
    ] as const) {
      const byId = [...memory.lookup(ecosystem, name)].sort((a, b) => (a.id < b.id ? -1 : 1))
      const withEvents = (list: typeof byId): unknown =>
        list.map((row) => ({ ...row, upstream: row.id.startsWith('UBUNTU') ? [] : row.upstream }))
      expect(store.lookup(ecosystem, name)).toEqual(withEvents(byId))
    }
    for (const id of ['UBUNTU-CVE-2024-0001', 'B-1', 'none']) expect(store.details(id)).toEqual(memory.details(id))
    expect(store.details('UBUNTU-CVE-2024-0001')?.references).toEqual(['https://example.org/1'])
    for (const [ecosystem, id] of [
      ['Ubuntu:22.04:LTS', 'UBUNTU-CVE-2024-0001'],
      ['Ubuntu:22.04:LTS', 'UBUNTU-CVE-2024-9'],
      ['Ubuntu:20.04:LTS', 'UBUNTU-CVE-2024-0001'],
      ['Debian:12', 'UBUNTU-CVE-2024-0001'],
    ] as const) {
      expect(store.speaksFor(ecosystem, id)).toBe(memory.speaksFor(ecosystem, id))
    }
    expect(store.speaksFor('Ubuntu:22.04:LTS', 'UBUNTU-CVE-2024-0001')).toBe(true)
    const packages = [deb('p', '1', ubuntu('22.04')), deb('p', '9', ubuntu('22.04')), deb('constructor', '1', ubuntu('22.04'))]
    expect(matchPackages(packages, store)).toEqual(matchPackages(packages, memory))
    store.close()
    store.close()
  })

  it('serves several readers at once, past a lock that a killed process left', async () => {
    const path = await database()
    mkdirSync(`${path}.lock`)
    const stores = [openStore(path), openStore(path), openStore(path)]
    for (const store of stores) expect(store.lookup('Ubuntu:22.04:LTS', 'p')).toHaveLength(2)
    for (const store of stores) store.close()
    expect(readdirSync(join(path, '..')).sort()).toEqual(['a.db', 'a.db.lock', 'r.json'])
  })

  it('keeps reading the database it opened when that is replaced', async () => {
    const path = await database()
    const store = openStore(path)
    writeFileSync(join(path, '../r.json'), JSON.stringify([RECORDS[1]]))
    await buildDatabase({ from: [join(path, '../r.json')], to: path })
    expect(store.lookup('Ubuntu:22.04:LTS', 'constructor')).toHaveLength(1)
    store.close()
    expect(databaseInfo(path).advisories).toBe(1)
  })

  it('says what a database is, from what and how old', async () => {
    const path = await database()
    expect(databaseInfo(path)).toEqual({
      path,
      schemaVersion: 2,
      built: expect.stringMatching(/^20\d\d-/),
      advisories: 3,
      sources: [{ name: join(path, '../r.json'), advisories: 3, updated: expect.stringMatching(/^20\d\d-/) }],
    })
  })

  it('refuses what is no database of this schema, and says what to do', async () => {
    const path = await database()
    const folder = join(path, '..')
    const other = new Database(path)
    other.exec('PRAGMA user_version = 99')
    other.close()
    expect(() => openStore(path)).toThrow(/schema version 99, this version reads 2.*snapsight db update/)
    const foreign = new Database(join(folder, 'foreign.db'))
    foreign.exec('CREATE TABLE t (a)')
    foreign.close()
    expect(() => openStore(join(folder, 'foreign.db'))).toThrow(/is not an advisory database/)
    expect(() => openStore(join(folder, 'none.db'))).toThrow(/there is no advisory database.*snapsight db update/)
    expect(() => openStore(folder)).toThrow(/not a file/)
    writeFileSync(join(folder, 'text.db'), 'hello '.repeat(1_000))
    expect(() => openStore(join(folder, 'text.db'))).toThrow(
      expect.objectContaining({ code: 'CORRUPT', message: expect.stringContaining('text.db') }),
    )
    writeFileSync(join(folder, 'empty.db'), '')
    expect(() => openStore(join(folder, 'empty.db'))).toThrow(/is not an advisory database/)
  })

  it('what can be seen to be damaged is an error, never a crash', async () => {
    const path = await database()
    const whole = readFileSync(path)
    const truth = JSON.stringify(openAndRead(path))
    let refused = 0
    for (let at = 100; at < whole.length; at += 97) {
      const bytes = Buffer.from(whole)
      bytes.fill(0xff, at, at + 8)
      writeFileSync(path, bytes)
      try {
        openAndRead(path)
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^(CORRUPT|CONFIG)$/) })
        refused++
      }
    }
    expect(refused).toBeGreaterThan(10)
    writeFileSync(path, whole)
    truncateSync(path, whole.length - 4096)
    expect(() => openAndRead(path)).toThrow(expect.objectContaining({ code: 'CORRUPT' }))
    writeFileSync(path, whole)
    expect(JSON.stringify(openAndRead(path))).toBe(truth)
  })
})

function openAndRead(path: string): unknown {
  const store = openStore(path)
  try {
    return [store.lookup('Ubuntu:22.04:LTS', 'p'), store.details('UBUNTU-CVE-2024-0001'), store.lookup('Debian:12', '__proto__')]
  } finally {
    store.close()
  }
}
