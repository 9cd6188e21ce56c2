import { describe, expect, it } from 'vitest'
import { dpkg } from '../../src/catalogers/dpkg.js'
import { takeInventory } from '../../src/catalogers/inventory.js'
import { IoError } from '../../src/errors.js'
import { Tree } from '../../src/fs/tree.js'
import type { OsRelease } from '../../src/model.js'
import { type MemoryEntry, MemoryFs } from '../support/memory-fs.js'

const debian: OsRelease = { id: 'debian', idLike: [], versionId: '12', name: 'Debian GNU/Linux' }

function record(name: string, fields: Record<string, string> = {}): string {
  const all = { Package: name, Status: 'install ok installed', Version: '1.0-1', Architecture: 'amd64', ...fields }
  return `${Object.entries(all)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('')}\n`
}

async function catalog(files: Record<string, MemoryEntry>, os: OsRelease | undefined = debian) {
  const tree = new Tree(new MemoryFs(files))
  const osRelease = async (root: string) => (root === '/' ? os : undefined)
  const inventory = await takeInventory([{ tree, system: '/', locate: () => ({ volume: 'vol-1' }), osRelease }], { catalogers: [dpkg] })
  return { ...inventory, messages: inventory.issues.map((issue) => `${issue.where.path}: ${issue.message}`), issues: inventory.issues }
}

async function list(...records: string[]): Promise<string[]> {
  const { packages, messages } = await catalog({ '/var/lib/dpkg/status': records.join('') })
  return [
    ...packages.map((pkg) => [pkg.name, pkg.version, pkg.arch, pkg.source, pkg.sourceVersion, pkg.state].join(' ').trim()),
    ...messages,
  ]
}

describe('dpkg', () => {
  it('gives everything it knows of a package', async () => {
    const text = record('libc6', { Version: '2.36-9+deb12u4', Source: 'glibc (2.36)', 'Multi-Arch': 'same', Description: 'C\n more' })
    const { packages, issues, catalogers } = await catalog({ '/var/lib/dpkg/status': text })
    expect(packages).toEqual([
      {
        type: 'deb',
        name: 'libc6',
        version: '2.36-9+deb12u4',
        arch: 'amd64',
        source: 'glibc',
        sourceVersion: '2.36',
        purl: 'pkg:deb/debian/libc6@2.36-9%2Bdeb12u4?arch=amd64&distro=debian-12&upstream=glibc%402.36',
        path: '/var/lib/dpkg/status',
        evidence: { volume: 'vol-1', path: '/var/lib/dpkg/status' },
        system: '/',
        distro: debian,
        foundBy: 'dpkg',
      },
    ])
    expect(issues).toEqual([])
    expect(catalogers).toEqual([{ cataloger: 'dpkg', filesRead: 1, filesFailed: 0, packages: 1 }])
  })

  it.each([
    ['install ok installed', 'a 1.0-1 amd64 a 1.0-1'],
    ['hold ok installed', 'a 1.0-1 amd64 a 1.0-1'],
    ['deinstall ok installed', 'a 1.0-1 amd64 a 1.0-1'],
    ['install   reinstreq\thalf-installed', 'a 1.0-1 amd64 a 1.0-1 half-installed'],
    ['install ok unpacked', 'a 1.0-1 amd64 a 1.0-1 unpacked'],
    ['install ok half-configured', 'a 1.0-1 amd64 a 1.0-1 half-configured'],
    ['install ok triggers-awaited', 'a 1.0-1 amd64 a 1.0-1 triggers-awaited'],
    ['install ok triggers-pending', 'a 1.0-1 amd64 a 1.0-1 triggers-pending'],
  ])('lists a package that is %j', async (status, expected) => {
    expect(await list(record('a', { Status: status }))).toEqual([expected])
  })

  it.each(['deinstall ok config-files', 'purge ok not-installed', 'unknown ok not-installed'])(
    'leaves out one that is %j',
    async (status) => {
      expect(await list(record('a', { Status: status }), record('b'))).toEqual(['b 1.0-1 amd64 b 1.0-1'])
    },
  )

  it('leaves out one without a Status, as dpkg does', async () => {
    expect(await list('Package: a\nVersion: 1\n\n', record('b'))).toEqual(['b 1.0-1 amd64 b 1.0-1'])
  })

  it.each([
    ['', 'a 1.0-1 amd64 a 1.0-1'],
    ['glibc', 'a 1.0-1 amd64 glibc 1.0-1'],
    ['glibc (2.36-9)', 'a 1.0-1 amd64 glibc 2.36-9'],
    ['glibc(1:2.36~rc1-9)', 'a 1.0-1 amd64 glibc 1:2.36~rc1-9'],
    ['foo bar (1)', 'a 1.0-1 amd64 foo 1'],
    ['foo (1', 'a 1.0-1 amd64 foo 1'],
  ])('reads Source %j', async (source, expected) => {
    expect(await list(record('a', { Source: source }))).toEqual([expected])
  })

  it('lists one name in several architectures, and the last record of one', async () => {
    const records = [record('a'), record('a', { Architecture: 'i386' }), record('a', { Version: '2' })]
    expect(await list(...records)).toEqual(['a 2 amd64 a 2', 'a 1.0-1 i386 a 1.0-1'])
  })

  it('reads names as dpkg does, in lower case', async () => {
    expect(await list(record('Upper'))).toEqual(['upper 1.0-1 amd64 upper 1.0-1'])
  })

  it.each([
    ['a line that is none', 'Package: a\nStatus install ok installed\n\n', 'line 7: neither a field nor a continuation line'],
    ['a name that is none', record('../a'), 'line 6: a record without a valid Package'],
    ['no name', record('x').replace(/^.*\n/, ''), 'line 6: a record without a valid Package'],
    ['a terminal escape in a version', record('a', { Version: '1\u001b[31m' }), 'line 6: a: no valid Version'],
    ['no version', record('a', { Version: '' }), 'line 6: a: no valid Version'],
    ['an unknown state', record('a', { Status: 'install ok wat' }), 'line 6: a: not a valid Status'],
    ['a status of four words', record('a', { Status: 'install ok installed x' }), 'line 6: a: not a valid Status'],
    ['an architecture that is none', record('a', { Architecture: 'a b' }), 'line 6: a: not a valid Architecture'],
  ])('reports a record with %s and reads the others', async (_, broken, message) => {
    expect(await list(record('first'), broken, record('last'))).toEqual([
      'first 1.0-1 amd64 first 1.0-1',
      'last 1.0-1 amd64 last 1.0-1',
      `/var/lib/dpkg/status: ${message}`,
    ])
  })

  it('gives up on a database of nothing but broken records', async () => {
    const { packages, issues } = await catalog({ '/var/lib/dpkg/status': `${'x\n\n'.repeat(5_000)}${record('a')}` })
    expect(packages).toEqual([])
    expect(issues).toHaveLength(1_001)
    expect(issues.at(-1)).toMatchObject({ code: 'LIMIT', incomplete: true })
  })

  it('applies the updates that dpkg has not merged yet, in the order of their numbers', async () => {
    const { packages, issues } = await catalog({
      '/var/lib/dpkg/status': record('a') + record('b') + record('c'),
      '/var/lib/dpkg/updates/0001': record('a', { Status: 'install ok unpacked', Version: '3' }),
      '/var/lib/dpkg/updates/0000': record('a', { Status: 'install ok half-installed', Version: '2' }) + record('d'),
      '/var/lib/dpkg/updates/0002': record('b', { Status: 'deinstall ok config-files' }),
      '/var/lib/dpkg/updates/tmp.i': record('e'),
    })
    expect(packages.map((pkg) => `${pkg.name} ${pkg.version} ${pkg.state ?? ''}`)).toEqual(['a 3 unpacked', 'c 1.0-1 ', 'd 1.0-1 '])
    expect(issues).toEqual([])
  })

  it('reports an update that cannot be read by its own path', async () => {
    const { packages, messages } = await catalog({
      '/var/lib/dpkg/status': record('a'),
      '/var/lib/dpkg/updates/0000': { file: 'x', readError: new IoError('block 7 is gone') },
      '/var/lib/dpkg/updates/0001': 'x\n',
    })
    expect(packages.map((pkg) => pkg.name)).toEqual(['a'])
    expect(messages).toEqual([
      '/var/lib/dpkg/updates/0000: block 7 is gone',
      '/var/lib/dpkg/updates/0001: line 1: neither a field nor a continuation line',
    ])
  })

  it('reads the records of a distroless image, which carry no Status', async () => {
    const { packages, issues } = await catalog({
      '/var/lib/dpkg/status.d/base': 'Package: base-files\nVersion: 12.4\nArchitecture: amd64\n',
      '/var/lib/dpkg/status.d/base.md5sums': 'd41d8cd98f00b204e9800998ecf8427e  etc/debian_version\n',
      '/var/lib/dpkg/status.d/tzdata': 'Package: tzdata\nVersion: 2024a-0\nArchitecture: all\n',
    })
    expect(packages.map((pkg) => `${pkg.purl} ${pkg.path}`)).toEqual([
      'pkg:deb/debian/base-files@12.4?arch=amd64&distro=debian-12 /var/lib/dpkg/status.d/base',
      'pkg:deb/debian/tzdata@2024a-0?arch=all&distro=debian-12 /var/lib/dpkg/status.d/tzdata',
    ])
    expect(issues).toEqual([])
  })

  it('takes the distribution of the root that a database lies in', async () => {
    const { packages } = await catalog({ '/var/lib/dpkg/status': record('a'), '/srv/chroot/var/lib/dpkg/status': record('a') })
    expect(packages.map((pkg) => `${pkg.path} ${pkg.purl} ${pkg.distro?.id}`)).toEqual([
      '/srv/chroot/var/lib/dpkg/status pkg:deb/a@1.0-1?arch=amd64 undefined',
      '/var/lib/dpkg/status pkg:deb/debian/a@1.0-1?arch=amd64&distro=debian-12 debian',
    ])
  })

  it('names a release without a version by its code name', async () => {
    const { packages } = await catalog(
      { '/var/lib/dpkg/status': record('a') },
      { id: 'debian', idLike: [], versionCodename: 'sid', name: 'Debian' },
    )
    expect(packages[0]?.purl).toBe('pkg:deb/debian/a@1.0-1?arch=amd64&distro=debian-sid')
  })
})
