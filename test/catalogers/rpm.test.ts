import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from 'node-sqlite3-wasm'
import { describe, expect, it } from 'vitest'
import { takeInventory } from '../../src/catalogers/inventory.js'
import { rpm } from '../../src/catalogers/rpm.js'
import { IoError } from '../../src/errors.js'
import { Tree } from '../../src/fs/tree.js'
import type { OsRelease } from '../../src/model.js'
import { type MemoryEntry, MemoryFs } from '../support/memory-fs.js'
import { RPM_DATABASES, rpmDatabase, rpmTruth } from '../support/rpm-fixture.js'
import { type HeaderValue, rpmHeader } from '../support/rpm-header.js'
import { NdbWriter } from '../support/rpm-ndb.js'
import { scratchFolder } from '../support/scratch.js'

const amazon: OsRelease = { id: 'amzn', idLike: ['fedora'], versionId: '2023', name: 'Amazon Linux' }
const EPOCH = 1003
const ARCH = 1022
const SOURCERPM = 1044

async function catalog(files: Record<string, MemoryEntry>, os: OsRelease | undefined = amazon) {
  const fs = new MemoryFs(files)
  const osRelease = async (root: string) => (root === '/' ? os : undefined)
  const trees = [{ tree: new Tree(fs), system: '/', locate: () => ({ volume: 'vol-1' }), osRelease }]
  const inventory = await takeInventory(trees, { catalogers: [rpm] })
  return { ...inventory, opened: fs.opened, messages: inventory.issues.map((issue) => `${issue.where.path}: ${issue.message}`) }
}

function ndb(...headers: readonly Readonly<Record<number, HeaderValue>>[]): Buffer {
  const writer = new NdbWriter()
  for (const [i, tags] of headers.entries()) writer.put(i + 1, rpmHeader(tags))
  return writer.bytes()
}

async function one(tags: Readonly<Record<number, HeaderValue>>, os?: OsRelease) {
  const { packages } = await catalog(
    { '/usr/lib/sysimage/rpm/Packages.db': ndb({ 1000: 'bash', 1001: '5.1', 1002: '6.amzn2023', ...tags }) },
    os,
  )
  expect(packages).toHaveLength(1)
  return packages[0]!
}

describe('rpm', () => {
  it('gives everything it knows of a package', async () => {
    expect(
      await one({
        [EPOCH]: 1,
        [ARCH]: 'x86_64',
        [SOURCERPM]: 'bash-src-5.1-6.amzn2023.src.rpm',
        1008: 1_700_000_000,
        1009: 7,
        1011: 'V',
        1014: 'MIT',
        5096: 'm:s:1:c',
      }),
    ).toEqual({
      type: 'rpm',
      name: 'bash',
      version: '1:5.1-6.amzn2023',
      arch: 'x86_64',
      source: 'bash-src',
      sourceVersion: '5.1-6.amzn2023',
      purl: 'pkg:rpm/amzn/bash@5.1-6.amzn2023?arch=x86_64&distro=amzn-2023&epoch=1&rpmmod=m:s:1:c&upstream=bash-src-5.1-6.amzn2023.src.rpm',
      path: '/usr/lib/sysimage/rpm/Packages.db',
      evidence: { volume: 'vol-1', path: '/usr/lib/sysimage/rpm/Packages.db' },
      system: '/',
      distro: amazon,
      license: 'MIT',
      vendor: 'V',
      sizeBytes: 7,
      installedAt: '2023-11-14T22:13:20.000Z',
      modularity: 'm:s:1:c',
      foundBy: 'rpm',
    })
  })

  it.each([
    [{ [EPOCH]: 0 }, '0:5.1-6.amzn2023', 'bash', '0:5.1-6.amzn2023'],
    [{}, '5.1-6.amzn2023', 'bash', '5.1-6.amzn2023'],
    [{ [SOURCERPM]: 'a-b-c-1.0-2.nosrc.rpm' }, '5.1-6.amzn2023', 'a-b-c', '1.0-2'],
    [{ [SOURCERPM]: 'garbage' }, '5.1-6.amzn2023', 'bash', '5.1-6.amzn2023'],
  ])('of %j makes version %s, source %s %s', async (tags, version, source, sourceVersion) => {
    expect(await one(tags)).toMatchObject({ version, source, sourceVersion })
  })

  it('gives no distribution where the root has none', async () => {
    const { packages } = await catalog({ '/srv/image/var/lib/rpm/Packages.db': ndb({}) })
    expect(packages).toMatchObject([{ purl: 'pkg:rpm/n@1-2', path: '/srv/image/var/lib/rpm/Packages.db' }])
    expect(packages[0]).not.toHaveProperty('distro')
  })

  it('leaves the public keys out that rpm keeps among the packages', async () => {
    const { packages } = await catalog({ '/var/lib/rpm/Packages.db': ndb({}, { 1000: 'gpg-pubkey' }, { 1000: 'z' }) })
    expect(packages.map(({ name }) => name)).toEqual(['n', 'z'])
  })

  it.each([
    ['/var/lib/rpm/Packages', 'Packages.le'],
    ['/var/lib/rpm/Packages', 'Packages.be'],
    ['/usr/lib/sysimage/rpm/Packages.db', 'Packages.db'],
    ['/usr/share/rpm/rpmdb.sqlite', 'rpmdb.sqlite'],
  ] as const)('finds %s', async (path, fixture) => {
    const { packages, messages, catalogers } = await catalog({ [path]: rpmDatabase(fixture) })
    const names = rpmTruth().map((line) => line.split('\t')[0])
    expect(packages.map(({ name }) => name).sort()).toEqual(names.sort())
    expect(messages).toEqual([])
    expect(catalogers).toEqual([{ cataloger: 'rpm', filesRead: 1, filesFailed: 0, packages: names.length }])
  })

  it('gives the packages in the order of their numbers, whatever the format', async () => {
    const orders = await Promise.all(
      RPM_DATABASES.map(async (name) => (await catalog({ '/var/lib/rpm/Packages': rpmDatabase(name) })).packages.map(({ purl }) => purl)),
    )
    for (const order of orders) expect(order).toEqual(orders[0])
  })

  it('reads one file once, whatever links lead to it', async () => {
    const { packages, opened } = await catalog({
      '/usr/lib/sysimage/rpm/Packages.db': ndb({}),
      '/usr/share/rpm/Packages.db': { hardlink: '/usr/lib/sysimage/rpm/Packages.db' },
      '/var/lib/rpm/Packages.db': { symlink: '../../../usr/lib/sysimage/rpm/Packages.db' },
    })
    expect(packages.map(({ path }) => path)).toEqual(['/usr/lib/sysimage/rpm/Packages.db'])
    expect(opened).toEqual(['/usr/lib/sysimage/rpm/Packages.db'])
  })

  it('names a header that cannot be decoded by its number, and lists the others', async () => {
    const writer = new NdbWriter()
    writer.put(3, rpmHeader({ 1000: 'c' }))
    writer.put(4, Buffer.from('no header at all'))
    writer.put(5, rpmHeader({ 1000: 'e' }))
    const { packages, messages, issues } = await catalog({ '/var/lib/rpm/Packages.db': writer.bytes() })
    expect(packages.map(({ name }) => name)).toEqual(['c', 'e'])
    expect(messages).toEqual([expect.stringMatching(/^\/var\/lib\/rpm\/Packages.db: header 4: /)])
    expect(issues).toMatchObject([{ stage: 'catalog', code: 'CORRUPT', incomplete: true }])
  })

  it.each([
    ['-wal', 'packages installed last may be missing'],
    ['-journal', 'an interrupted transaction is not rolled back'],
  ])('says what a %s beside the database means', async (suffix, meaning) => {
    const database = { '/var/lib/rpm/rpmdb.sqlite': rpmDatabase('rpmdb.sqlite') }
    const { packages, messages } = await catalog({ ...database, [`/var/lib/rpm/rpmdb.sqlite${suffix}`]: 'x'.repeat(4096) })
    expect(packages).toHaveLength(14)
    expect(messages).toEqual([`/var/lib/rpm/rpmdb.sqlite${suffix}: 4096 bytes of a database are not applied: ${meaning}`])
    expect((await catalog({ ...database, [`/var/lib/rpm/rpmdb.sqlite${suffix}`]: '' })).messages).toEqual([])
  })

  it('stops after a thousand problems', async () => {
    const writer = new NdbWriter(5)
    for (let i = 1; i <= 1_200; i++) writer.put(i, Buffer.of(i & 0xff))
    const { packages, issues, messages } = await catalog({ '/var/lib/rpm/Packages.db': writer.bytes() })
    expect(packages).toEqual([])
    expect(issues).toHaveLength(1_001)
    expect(messages.at(-1)).toContain('more than 1000')
  })

  it.each([
    ['cannot be read', { file: rpmDatabase('Packages.le'), readError: new IoError('block 3 is gone') }, /block 3 is gone/],
    ['is empty', '', /the file is empty/],
    ['is no database', 'text'.repeat(100), /neither Berkeley DB nor NDB nor SQLite/],
  ])('fails as a file that %s', async (_, file, message) => {
    const { packages, messages, catalogers } = await catalog({ '/var/lib/rpm/Packages': file })
    expect(packages).toEqual([])
    expect(messages).toEqual([expect.stringMatching(message)])
    expect(catalogers[0]).toMatchObject({ filesRead: 0, filesFailed: 1 })
  })
})

describe('the repository of a package', () => {
  const files = { '/usr/lib/sysimage/rpm/Packages.db': ndb({ 1000: 'bash', 1001: '5.1', 1002: '6.amzn2023', [ARCH]: 'x86_64' }) }

  /** As dnf makes it: the package came from one repository, went, and came back from another. */
  function history(): Buffer {
    const path = join(scratchFolder(), 'history.sqlite')
    const database = new Database(path)
    database.exec(`
      CREATE TABLE repo (id INTEGER PRIMARY KEY, repoid TEXT NOT NULL);
      CREATE TABLE rpm (item_id INTEGER UNIQUE NOT NULL, name TEXT, epoch INTEGER, version TEXT, release TEXT, arch TEXT);
      CREATE TABLE trans_item (id INTEGER PRIMARY KEY AUTOINCREMENT, trans_id INTEGER, item_id INTEGER, repo_id INTEGER, action INTEGER NOT NULL,
        reason INTEGER NOT NULL, state INTEGER NOT NULL);
      INSERT INTO repo VALUES (1, 'amazonlinux'), (2, 'kernel-livepatch'), (3, '@System');
      INSERT INTO rpm VALUES (7, 'bash', 0, '5.1', '6.amzn2023', 'x86_64'), (8, 'bash', 0, '5.1', '6.amzn2023', 'aarch64');
      INSERT INTO trans_item (trans_id, item_id, repo_id, action, reason, state) VALUES
        (1, 7, 2, 1, 2, 1), (2, 7, 3, 8, 2, 1), (3, 7, 1, 1, 2, 1), (3, 8, 2, 1, 2, 1), (4, 7, 3, 7, 2, 1);`)
    database.close()
    return readFileSync(path)
  }
  const bytes = history()

  it('is what dnf installed it from last', async () => {
    const { packages, messages } = await catalog({ ...files, '/var/lib/dnf/history.sqlite': bytes })
    expect(packages.map(({ repository }) => repository)).toEqual(['amazonlinux'])
    expect(messages).toEqual([])
  })

  it('is what yum recorded for exactly this package', async () => {
    const folder = '/var/lib/yum/yumdb/b'
    const { packages } = await catalog({
      ...files,
      [`${folder}/0a1b2c-bash-5.1-5.amzn2023-x86_64/from_repo`]: 'amzn2-core',
      [`${folder}/3d4e5f-bash-5.1-6.amzn2023-x86_64/from_repo`]: 'amzn2extra-shells',
    })
    expect(packages.map(({ repository }) => repository)).toEqual(['amzn2extra-shells'])
  })

  it('is unknown, and said to be, where the history is damaged', async () => {
    const { packages, messages } = await catalog({ ...files, '/var/lib/dnf/history.sqlite': bytes.subarray(0, 4096) })
    expect(packages.map(({ repository }) => repository)).toEqual([undefined])
    expect(messages).toHaveLength(1)
    expect(messages[0]).toContain('history.sqlite')
  })
})
