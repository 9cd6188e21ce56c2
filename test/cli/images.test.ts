import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Images, run } from './run.js'

const images = new Images()
let disks: string[]
let btrfs: string
let db: string

/** Affects curl, and glibc by its source: with and without a fix. */
const RECORDS = [
  ['CVE-2099-0001', 'curl', { fixed: '99' }, 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H'],
  ['CVE-2099-0002', 'glibc', {}, 'CVSS:3.1/AV:L/AC:H/PR:L/UI:N/S:U/C:L/I:N/A:N'],
].map(([id, name, fixed, score]) => ({
  id: `DEBIAN-${id}`,
  upstream: [id],
  modified: '2099-01-01T00:00:00Z',
  published: '2099-01-01T00:00:00Z',
  details: `About ${id}.`,
  severity: [{ type: 'CVSS_V3', score }],
  affected: [
    {
      package: { ecosystem: 'Debian:12', name },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, ...(Object.keys(fixed as object).length > 0 ? [fixed] : [])] }],
    },
  ],
}))

beforeAll(async () => {
  disks = [await images.unpack('snapshots/demo/root', 'root.img'), await images.unpack('snapshots/demo/var', 'var.img')]
  btrfs = await images.unpack('contents/btrfs', 'btrfs.img')
  db = join(images.folder, 'advisories.db')
  const source = join(images.folder, 'records.json')
  writeFileSync(source, JSON.stringify(RECORDS))
  const { status, text } = await run(['db', 'build', '--from', source, '--db', db])
  expect([status, text]).toEqual([0, `${db}: 2 advisories\n`])
})
afterAll(() => images.remove())

describe('snapsight image', () => {
  it('shows packages, findings and coverage', async () => {
    const { status, text, stderr } = await run(['image', ...disks, '--db', db])
    expect(text).toMatch(/^ {2}\/ +Debian GNU\/Linux 12 \(bookworm\) +root\.img:1 +118 packages$/m)
    expect(text).toMatch(/^ {2}CVE-2099-0001 +critical +curl .* var\.img\/lib\/dpkg\/status$/m)
    expect(text).toMatch(/^ {2}CVE-2099-0002 +low +libc6 /m)
    expect(text).toMatch(/^Status: complete$/m)
    expect(text).not.toContain('\u001b')
    expect([status, stderr]).toEqual([0, ''])
  })

  it('gives the result as JSON, on one line where it is piped', async () => {
    const { status, text } = await run(['image', ...disks, '--db', db, '--json'])
    const result = JSON.parse(text)
    expect([status, text.indexOf('\n')]).toEqual([0, text.length - 1])
    expect(result).toMatchObject({ schemaVersion: 1, status: 'complete', database: { path: db } })
    expect(result.packages).toHaveLength(118)
    const other = await run(['image', ...disks, '--db', db, '--format', 'json'])
    expect(Object.keys(JSON.parse(other.text))).toEqual(Object.keys(result))
  })

  it('gives findings in the form of Inspector', async () => {
    const { text } = await run(['image', ...disks, '--db', db, '--format', 'inspector'])
    const vulnerabilities = JSON.parse(text).findings.map((finding: { title: string }) => finding.title.split(' ')[0])
    expect(vulnerabilities.sort()).toEqual(['CVE-2099-0001', 'CVE-2099-0002'])
  })

  it.each([
    ['critical', 4],
    ['high', 4],
    ['negligible', 4],
  ])('ends with 4 on findings at or above --fail-on %s', async (severity, expected) => {
    expect((await run(['image', ...disks, '--db', db, '--fail-on', severity])).status).toBe(expected)
  })

  it('ends with 0 where no finding reaches --fail-on', async () => {
    const source = join(images.folder, 'low.json')
    writeFileSync(source, JSON.stringify(RECORDS.slice(1)))
    const low = join(images.folder, 'low.db')
    await run(['db', 'build', '--from', source, '--db', low])
    expect((await run(['image', ...disks, '--db', low, '--fail-on', 'medium'])).status).toBe(0)
    expect((await run(['image', ...disks, '--db', low, '--fail-on', 'low'])).status).toBe(4)
  })

  it('ends with 3 where something was not read, whatever was found', async () => {
    const { status, text } = await run(['image', ...disks, btrfs, '--db', db, '--fail-on', 'low'])
    expect(text).toMatch(/whole disk +btrfs .* NOT READ \(unsupported\)/)
    expect(text).toMatch(/^Status: INCOMPLETE/m)
    expect(status).toBe(3)
  })

  it('ends with 1 where nothing could be read', async () => {
    const { status, stderr } = await run(['image', btrfs, '--db', db])
    expect(stderr).toBe('snapsight: nothing could be read: no volume holds a filesystem that is supported and intact\n')
    expect(status).toBe(1)
  })

  it('writes to a file whole or not at all', async () => {
    const output = join(images.folder, 'report.json')
    const { status, text } = await run(['image', ...disks, '--db', db, '--json', '--output', output])
    expect([status, text]).toEqual([0, ''])
    expect(JSON.parse(readFileSync(output, 'utf8')).packages).toHaveLength(118)
    const failed = await run(['image', ...disks, '--db', db, '--output', join(images.folder, 'no', 'report')])
    expect([failed.status, failed.text]).toEqual([1, ''])
    expect(failed.stderr).toMatch(/^snapsight: cannot write ".*report": ENOENT\n$/)
    expect(readdirSync(images.folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('goes without a database, but not silently, and not where a threshold is set', async () => {
    const without = await run(['image', ...disks])
    expect(without.stderr).toMatch(/^snapsight: no advisory database at .*: packages are listed, not matched/)
    expect([without.status, (await run(['image', ...disks, '--no-db'])).stderr]).toEqual([0, ''])
    expect((await run(['image', ...disks, '--fail-on', 'low'])).status).toBe(1)
    expect((await run(['image', ...disks, '--fail-on', 'low', '--no-db'])).status).toBe(2)
    const missing = await run(['image', ...disks, '--db', join(images.folder, 'none.db')])
    expect([missing.status, missing.text]).toEqual([1, ''])
    expect(missing.stderr).toMatch(/^snapsight: there is no advisory database at [^\n]*\n$/)
  })

  it('takes the database that the environment names', async () => {
    expect((await run(['image', ...disks, '--fail-on', 'low'], { env: { SNAPSIGHT_DB: db } })).status).toBe(4)
  })

  it('colours on a terminal, and shows what it is doing there', async () => {
    const { text, stderr } = await run(['image', ...disks, '--db', db], { columns: 100, env: { CI: '' } })
    expect(text).toContain('\u001b[35mcritical\u001b[39m')
    expect(stderr).toContain('listing packages')
    const plain = await run(['image', ...disks, '--db', db], { columns: 100, env: { NO_COLOR: '1' } })
    expect(plain.text).not.toContain('\u001b')
  })
})

describe('snapsight packages', () => {
  const expected = readFileSync('fixtures/snapshots/demo/packages.tsv', 'utf8').trimEnd().split('\n').sort()

  it('lists what dpkg-query lists', async () => {
    const { status, lines, stderr } = await run(['packages', ...disks, '--json'])
    const listed = lines.map(({ name, version, arch, source, sourceVersion }) => [name, version, arch, source, sourceVersion].join('\t'))
    expect(listed.sort()).toEqual(expected)
    expect(lines.find((line) => line.name === 'libc6')).toMatchObject({
      type: 'deb',
      purl: expect.stringMatching(/^pkg:deb\/debian\/libc6@2\.36-9%2Bdeb12u\d+\?arch=amd64&distro=debian-12&upstream=glibc$/),
      path: '/var/lib/dpkg/status',
      evidence: { volume: 'var.img', path: '/lib/dpkg/status' },
      system: '/',
      foundBy: 'dpkg',
    })
    expect([status, stderr]).toEqual([0, ''])
  })

  it('lists them as a table', async () => {
    const { text } = await run(['packages', ...disks])
    expect(text).toMatch(/^ {2}TYPE +NAME +VERSION +ARCH +SOURCE +PATH\n {2}deb +adduser +3\.134 +all +adduser +\/var\/lib\/dpkg\/status\n/)
    expect(text.trimEnd().split('\n')).toHaveLength(119)
  })

  it('says what it could not read, beside the list', async () => {
    const { status, lines, stderr } = await run(['packages', ...disks, btrfs, '--json'])
    expect([status, lines.length]).toEqual([3, 118])
    expect(stderr).toMatch(/^snapsight: btrfs\.img: [^\n]*\n$/)
  })

  it('ends with 1 where nothing could be read', async () => {
    const empty = join(images.folder, 'empty.img')
    writeFileSync(empty, '')
    for (const image of [btrfs, empty]) {
      const { status, lines, stderr } = await run(['packages', image, '--json'])
      expect([status, lines]).toEqual([1, []])
      expect(stderr).toMatch(/^snapsight: nothing could be read: /m)
    }
  })
})

describe('snapsight cat', () => {
  it('writes the bytes of a file, following links inside the tree', async () => {
    const { status, stdout } = await run(['cat', ...disks, '/etc/os-release'])
    expect(stdout.toString()).toMatch(/^PRETTY_NAME="Debian GNU\/Linux 12 \(bookworm\)"\n/)
    expect(status).toBe(0)
    expect((await run(['cat', ...disks, '/usr/lib/os-release'])).stdout).toEqual(stdout)
  })

  it('gives every byte of a file of several megabytes', async () => {
    const image = await images.unpack('snapshots/ext/ext4-default')
    const { lines } = await run(['ls', image, '--json', '--sha256'])
    const largest = lines.filter((line) => line.type === 'file').sort((a, b) => Number(b.size) - Number(a.size))[0]!
    const { stdout } = await run(['cat', image, String(largest.path)])
    const { createHash } = await import('node:crypto')
    expect([stdout.length, createHash('sha256').update(stdout).digest('hex')]).toEqual([largest.size, largest.sha256])
  })

  it('reads what ls lists under a volume, and one filesystem alone', async () => {
    const whole = await run(['cat', ...disks, '/var/lib/dpkg/status'])
    expect((await run(['cat', disks[0]!, btrfs, disks[1]!, '/var/lib/dpkg/status'])).stdout).toEqual(whole.stdout)
    expect((await run(['cat', ...disks, '/lib/dpkg/status', '--filesystem', '2:1'])).stdout).toEqual(whole.stdout)
    const stray = await images.unpack('snapshots/ext/ext4-default', 'stray.img')
    const { lines } = await run(['ls', stray, '--json', '--sha256'])
    const { path } = lines.find((line) => line.type === 'file' && Number(line.size) > 0)!
    expect((await run(['cat', ...disks, stray, `/stray.img${path}`])).stdout).toEqual((await run(['cat', stray, String(path)])).stdout)
  })

  it.each([
    ['/etc/nothing', 'no such file or directory'],
    ['/etc', 'is a directory'],
    ['/etc/passwd/x', 'not a directory'],
    ['/dev/null', 'not a regular file'],
  ])('fails with one line on %s', async (path, why) => {
    const { status, text, stderr } = await run(['cat', ...disks, path])
    expect([status, text, stderr]).toEqual([1, '', `snapsight: "${path}": ${why}\n`])
  })

  it('fails where there is nothing to read from', async () => {
    const { status, stderr } = await run(['cat', btrfs, '/etc/passwd'])
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^snapsight: btrfs\.img: .*btrfs/)])
  })
})

describe('snapsight db info', () => {
  it('tells what the database holds', async () => {
    const { text } = await run(['db', 'info', '--db', db])
    expect(text).toMatch(/^.*advisories\.db\n {2}built \S+, 2 advisories, schema \d+\n {2}\S*records\.json +2 advisories /)
    expect(JSON.parse((await run(['db', 'info', '--db', db, '--json'])).text)).toMatchObject({ path: db, advisories: 2 })
  })

  it('says which records were of no use', async () => {
    const source = join(images.folder, 'bad.json')
    writeFileSync(source, JSON.stringify([...RECORDS, { id: 'X-1' }]))
    const { status, stderr } = await run(['db', 'build', '--from', source, '--db', join(images.folder, 'bad.db')])
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^snapsight: \S*bad\.json: 1 record not used: .*\(X-1\)\n$/)])
    expect(existsSync(join(images.folder, 'bad.db'))).toBe(true)
  })
})
