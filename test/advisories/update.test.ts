import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { databaseInfo, openStore } from '../../src/advisories/store.js'
import { type UpdateOptions, type UpdateResult, updateDatabase } from '../../src/advisories/update.js'
import { type Bucket, startBucket } from './support/bucket.js'
import { testFolder } from './support/folder.js'
import { affected, fixedIn, osv } from './support/records.js'
import { update, updates } from './support/rpm.js'
import { recordZip } from './support/zip.js'

const debianRecords = Array.from({ length: 10 }, (_, i) => osv(`DEBIAN-CVE-2024-100${i}`, [affected('Debian:12', 'p', fixedIn('2'))]))
const ubuntuRecords = Array.from({ length: 10 }, (_, i) =>
  osv(`UBUNTU-CVE-2024-100${i}`, [affected('Ubuntu:22.04:LTS', 'p', fixedIn('2')), affected('Ubuntu:23.10', 'p', fixedIn('2'))]),
)

interface Setup {
  readonly bucket: Bucket
  readonly path: string
  update(more?: Partial<UpdateOptions>): Promise<UpdateResult>
  count(ecosystem: string): number
}

async function setup(): Promise<Setup> {
  const bucket = await startBucket()
  bucket.put('Debian', recordZip(debianRecords))
  bucket.put('Ubuntu', recordZip(ubuntuRecords))
  const path = join(testFolder(), 'cache/advisories.db')
  return {
    bucket,
    path,
    update: (more = {}) => updateDatabase({ path, baseUrl: bucket.url, retryDelayMs: 1, ecosystems: ['Debian', 'Ubuntu'], ...more }),
    count: (ecosystem) => {
      const store = openStore(path)
      const { length } = store.lookup(ecosystem, 'p')
      store.close()
      return length
    },
  }
}

function outcomes({ feeds }: UpdateResult): unknown {
  return Object.fromEntries(feeds.map(({ name, outcome }) => [name, outcome]))
}

/** What else a mirror of Amazon's serves: a catalogue of extras, and for each repository where its mirror and its updateinfo are. */
function putAmazon(bucket: Bucket, repositories: Readonly<Record<string, string>>): void {
  const cdn = '/cdn.amazonlinux.com'
  bucket.putFile(`${cdn}/2/extras-catalog.json`, Buffer.from(JSON.stringify({ motd: '', topics: [{ n: 'docker' }, { n: '../x' }, {}] })))
  for (const [path, xml] of Object.entries(repositories)) {
    const bytes = gzipSync(xml)
    const checksum = createHash('sha256').update(bytes).digest('hex')
    const location = `<checksum type="sha256">${checksum}</checksum><location href="repodata/updateinfo.xml.gz"/>`
    bucket.putFile(`${cdn}/${path}/mirror.list`, Buffer.from(`https://cdn.amazonlinux.com/guid/${path}\n`))
    bucket.putFile(
      `${cdn}/guid/${path}/repodata/repomd.xml`,
      Buffer.from(`<repomd><data type="primary"/><data type="updateinfo">${location}</data></repomd>`),
    )
    bucket.putFile(`${cdn}/guid/${path}/repodata/updateinfo.xml.gz`, bytes)
  }
}

describe('the other feeds', () => {
  const core = (fixed: string): string =>
    updates(update({ id: 'ALAS2-2021-1', cves: ['CVE-2021-0001'], short: 'amazon-linux-2', packages: [`p ${fixed}`] }))
  const docker = updates(
    update({ id: 'ALAS2DOCKER-2021-1', cves: ['CVE-2021-0002'], short: 'amazon-linux-2---docker', packages: ['docker 20.10.7-1.amzn2'] }),
  )

  it("Amazon's are found by way of mirror lists and repository metadata, verified, and read again only where one has changed", async () => {
    const { bucket, path, update: run } = await setup()
    putAmazon(bucket, { '2/core/latest/x86_64': core('1.1-1.amzn2'), '2/extras/docker/latest/x86_64': docker })
    const ecosystems = ['Amazon Linux']
    expect(await run({ ecosystems })).toMatchObject({
      records: 2,
      feeds: [{ name: 'Amazon Linux', outcome: 'updated', records: 2, rejected: [] }],
    })
    const store = openStore(path)
    expect([...store.ecosystems].sort()).toEqual(['Amazon Linux:2', 'Amazon Linux:2:docker'])
    store.close()
    expect(outcomes(await run({ ecosystems }))).toEqual({ 'Amazon Linux': 'unchanged' })
    putAmazon(bucket, { '2/core/latest/x86_64': core('1.2-1.amzn2') })
    expect(outcomes(await run({ ecosystems }))).toEqual({ 'Amazon Linux': 'updated' })
    bucket.putFile('/cdn.amazonlinux.com/guid/2/core/latest/x86_64/repodata/updateinfo.xml.gz', gzipSync(core('0.1-1.amzn2')))
    bucket.putFile('/cdn.amazonlinux.com/2/extras-catalog.json', Buffer.from('{"topics": []}'))
    expect(await run({ ecosystems })).toMatchObject({ feeds: [{ outcome: 'kept', reason: expect.stringContaining('checksum') }] })
  })

  it('a mirror need not have all of them', async () => {
    const { bucket, path } = await setup()
    const kev = { catalogVersion: '2025.08.25', vulnerabilities: [{ cveID: 'CVE-2024-1001', dateAdded: '2024-06-01' }] }
    bucket.putFile('/www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json', Buffer.from(JSON.stringify(kev)))
    const scores = '#model_version:v2025.03.14,score_date:2026-05-18T00:00:00Z\ncve,epss,percentile\nCVE-2024-1001,0.94358,0.99954\n'
    bucket.putFile('/epss.empiricalsecurity.com/epss_scores-current.csv.gz', gzipSync(scores))
    const options = { path, baseUrl: bucket.url, retryDelayMs: 1 }
    const result = await updateDatabase(options)
    expect(outcomes(result)).toEqual({ Debian: 'updated', Ubuntu: 'updated', 'CISA KEV': 'updated', EPSS: 'updated' })
    const known = { exploited: { since: '2024-06-01' }, epss: { probability: 0.94358, percentile: 0.99954 } }
    const exploitation = (): unknown => {
      const store = openStore(path)
      const found = store.exploitation('CVE-2024-1001')
      store.close()
      return found
    }
    expect(exploitation()).toEqual(known)
    expect(databaseInfo(path).sources.map(({ name, advisories }) => [name, advisories])).toContainEqual(['EPSS', 1])
    // One that fails afterwards keeps what there was, while another is read anew.
    bucket.putFile('/www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json', Buffer.from('<html>'))
    bucket.put('Debian', recordZip([...debianRecords, osv('DSA-1-1', [affected('Debian:12', 'p')])]))
    expect(outcomes(await updateDatabase(options))).toEqual({
      Debian: 'updated',
      Ubuntu: 'unchanged',
      'CISA KEV': 'kept',
      EPSS: 'unchanged',
    })
    expect(exploitation()).toEqual(known)
  })
})

describe('updateDatabase', () => {
  it('makes a database from all feeds, with their terms, and leaves nothing else', async () => {
    const { bucket, path, update, count } = await setup()
    const temporary = testFolder()
    vi.stubEnv('TMPDIR', temporary)
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(await update()).toMatchObject({
      records: 20,
      feeds: [
        { name: 'Debian', outcome: 'updated', records: 10 },
        { name: 'Ubuntu', outcome: 'updated' },
      ],
    })
    expect([count('Debian:12'), count('Ubuntu:22.04:LTS')]).toEqual([10, 10])
    expect(bucket.requests).toEqual(['/Debian/all.zip 200', '/Ubuntu/all.zip 200'])
    expect(databaseInfo(path).sources).toMatchObject([
      {
        name: 'Debian',
        advisories: 10,
        url: `${bucket.url}/Debian/all.zip`,
        etag: expect.any(String),
        hash: expect.stringContaining('md5='),
      },
      { name: 'Ubuntu', advisories: 10, license: 'CC-BY-SA-4.0', attribution: expect.stringContaining('Canonical') },
    ])
    expect(readdirSync(join(path, '..'))).toEqual(['advisories.db'])
    expect(readdirSync(temporary)).toEqual([])
  })

  it('downloads nothing that has not changed, and renews the date', async () => {
    const { bucket, path, update, count } = await setup()
    await update()
    const { built } = databaseInfo(path)
    expect(outcomes(await update())).toEqual({ Debian: 'unchanged', Ubuntu: 'unchanged' })
    expect(bucket.requests.slice(2)).toEqual(['/Debian/all.zip 304', '/Ubuntu/all.zip 304'])
    const renewed = databaseInfo(path)
    expect(Date.parse(renewed.built)).toBeGreaterThanOrEqual(Date.parse(built))
    expect(renewed.sources.map(({ updated }) => updated)).toEqual([renewed.built, renewed.built])
    expect(readdirSync(join(path, '..'))).toEqual(['advisories.db'])
    bucket.put('Debian', recordZip([...debianRecords, osv('DSA-1-1', [affected('Debian:12', 'p')])]))
    expect(outcomes(await update())).toEqual({ Debian: 'updated', Ubuntu: 'unchanged' })
    expect([count('Debian:12'), count('Ubuntu:22.04:LTS')]).toEqual([11, 10])
  })

  it('a server that ignores the conditions is stopped by the hash it sends', async () => {
    const { bucket, update } = await setup()
    await update()
    const hash = databaseInfoHash(await update({ ecosystems: ['Debian'] }))
    bucket.misbehave('Debian', (_, response) => void response.writeHead(200, { 'x-goog-hash': hash }).end('not even a zip'))
    expect(outcomes(await update({ ecosystems: ['Debian'] }))).toEqual({ Debian: 'unchanged' })
  })

  it('tries again after errors, cut, silent and damaged answers', async () => {
    const { bucket, update } = await setup()
    bucket.misbehave(
      'Debian',
      (_, response) => void response.writeHead(503).end(),
      (_, response) => void response.destroy(),
      (_, response) => {
        response.writeHead(200, { 'content-length': 1_000 }).write('half')
        setTimeout(() => response.destroy(), 5)
      },
    )
    bucket.misbehave(
      'Ubuntu',
      () => undefined,
      (_, response) => void response.writeHead(200).write('then silence'),
      (_, response) => void response.writeHead(200, { 'x-goog-hash': 'md5=AAAA' }).end('x'),
    )
    expect(outcomes(await update({ timeoutMs: 400 }))).toEqual({ Debian: 'updated', Ubuntu: 'updated' })
  })

  it('a feed that fails, vanishes, breaks or shrinks keeps what it had, and says why', async () => {
    const { bucket, path, update, count } = await setup()
    await update()
    const before = databaseInfo(path).sources[0]
    const cases: [RegExp, () => void][] = [
      [/HTTP 404/, () => bucket.remove('Debian')],
      [
        /HTTP 500/,
        () =>
          bucket.misbehave(
            'Debian',
            ...Array.from(
              { length: 4 },
              () => (_: unknown, response: { writeHead(n: number): { end(): void } }) => response.writeHead(500).end(),
            ),
          ),
      ],
      [/zip/, () => bucket.put('Debian', Buffer.from('no zip at all'))],
      [/holds no advisories/, () => bucket.put('Debian', recordZip([]))],
      [/shrunk from 10 to 7/, () => bucket.put('Debian', recordZip(debianRecords.slice(0, 7)))],
    ]
    for (const [i, [reason, arrange]] of cases.entries()) {
      bucket.put('Ubuntu', recordZip([...ubuntuRecords, osv(`USN-${i}-1`, [affected('Ubuntu:22.04:LTS', 'q')])]))
      arrange()
      const { feeds } = await update()
      expect(feeds).toMatchObject([{ outcome: 'kept', reason: expect.stringMatching(reason) }, { outcome: 'updated' }])
      expect(count('Debian:12')).toBe(10)
      expect(databaseInfo(path).sources[0]).toEqual(before)
    }
    const { built } = databaseInfo(path)
    expect(outcomes(await update({ baseUrl: await deadAddress(), attempts: 1 }))).toEqual({ Debian: 'kept', Ubuntu: 'kept' })
    expect(databaseInfo(path).built).toBe(built)
    bucket.put('Debian', recordZip(debianRecords.slice(0, 8)))
    expect(outcomes(await update())).toEqual({ Debian: 'updated', Ubuntu: 'unchanged' })
    expect(count('Debian:12')).toBe(8)
  })

  it('a release that leaves the feed keeps its last known advisories, except withdrawn ones, from then on', async () => {
    const { bucket, update, count } = await setup()
    await update()
    const [first, ...others] = ubuntuRecords.map((record) => ({
      ...record,
      affected: [affected('Ubuntu:22.04:LTS', 'p', fixedIn('3'))],
      modified: '2025-03-01T00:00:00Z',
    }))
    bucket.put('Ubuntu', recordZip([{ ...first, withdrawn: '2025-03-01T00:00:00Z' }, ...others]))
    expect((await update()).feeds[1]).toMatchObject({ outcome: 'updated', withdrawn: 1, keptReleases: ['Ubuntu:23.10'] })
    expect([count('Ubuntu:22.04:LTS'), count('Ubuntu:23.10')]).toEqual([9, 9])
    bucket.put('Ubuntu', recordZip([...others, osv('USN-1-1', [affected('Ubuntu:22.04:LTS', 'q')])]))
    expect((await update()).feeds[1]?.keptReleases).toEqual(['Ubuntu:23.10'])
    expect((await update()).feeds[1]?.outcome).toBe('unchanged')
    expect([count('Ubuntu:22.04:LTS'), count('Ubuntu:23.10')]).toEqual([9, 9])
  })

  it('updates one feed and keeps the others', async () => {
    const { path, update, count } = await setup()
    await update({ ecosystems: ['ubuntu'] })
    expect(databaseInfo(path).sources.map(({ name }) => name)).toEqual(['Ubuntu'])
    await update({ ecosystems: ['Debian'] })
    expect([count('Debian:12'), count('Ubuntu:22.04:LTS')]).toEqual([10, 10])
    await expect(update({ ecosystems: ['Windows'] })).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining('Debian, Ubuntu'),
    })
  })

  it('makes no database where no feed can be had, and touches none that it cannot read', async () => {
    const { bucket, path, update } = await setup()
    await expect(update({ baseUrl: await deadAddress(), attempts: 2 })).rejects.toMatchObject({
      code: 'IO',
      message: expect.stringMatching(/127\.0\.0\.1.*ECONNREFUSED/),
    })
    expect(() => databaseInfo(path)).toThrow(/there is no advisory database/)
    bucket.remove('Ubuntu')
    expect((await update()).feeds).toMatchObject([{ outcome: 'updated' }, { outcome: 'failed', reason: expect.stringContaining('404') }])
    writeFileSync(path, 'mine')
    await expect(update()).rejects.toMatchObject({ message: expect.stringContaining('advisories.db') })
    expect(readFileSync(path, 'utf8')).toBe('mine')
  })

  it('passes an abort through and leaves everything as it was', async () => {
    const { bucket, path, update } = await setup()
    await update()
    const before = readFileSync(path)
    const reason = new Error('enough')
    const controller = new AbortController()
    bucket.misbehave('Ubuntu', () => controller.abort(reason))
    await expect(update({ signal: controller.signal })).rejects.toBe(reason)
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(readdirSync(join(path, '..'))).toEqual(['advisories.db'])
  })
})

function databaseInfoHash({ path }: UpdateResult): string {
  return databaseInfo(path).sources.find(({ name }) => name === 'Debian')?.hash ?? ''
}

/** Where nothing listens. */
async function deadAddress(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}
