import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dpkg } from '../../src/catalogers/dpkg.js'
import type { CatalogContext, FoundPackage } from '../../src/catalogers/types.js'
import type { FileHandle } from '../../src/fs/types.js'

// What dpkg-query says of a database is what the cataloger has to find in it.

const ROOT = join(tmpdir(), 'snapsight-oracle', 'bookworm')
const FORMAT = ['Package', 'Version', 'Architecture', 'source:Package', 'source:Version', 'db:Status-Status']
  .map((field) => `\${${field}}`)
  .join('\t')
const scratch = mkdtempSync(join(tmpdir(), 'snapsight-dpkg-'))

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

function dpkgQuery(root: string): string[] {
  const args = [`--admindir=${root}/var/lib/dpkg`, '-W', '-f', `${FORMAT}\\n`]
  const lines = execFileSync('dpkg-query', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 26 })
    .trimEnd()
    .split('\n')
  return lines.filter((line) => !/\t(config-files|not-installed)$/.test(line)).sort()
}

async function catalog(root: string): Promise<{ packages: readonly FoundPackage[]; lines: string[]; problems: string[] }> {
  const problems: string[] = []
  const path = '/var/lib/dpkg/status'
  const bytes = readFileSync(root + path)
  const context: CatalogContext = {
    tree: {
      stat: async () => undefined,
      read: async (file) => readFileSync(root + file),
      readdir: async (directory) => (existsSync(root + directory) ? readdirSync(root + directory) : []),
    },
    osRelease: async () => undefined,
    signal: undefined,
    report: (error) => void problems.push(error.message),
  }
  const stat = {
    ino: 1,
    type: 'file',
    size: bytes.length,
    mode: 0,
    uid: 0,
    gid: 0,
    nlink: 1,
    mtime: 0,
    mtimeNs: 0,
    ctime: 0,
    ctimeNs: 0,
  } as const
  const file: FileHandle = {
    stat,
    size: bytes.length,
    cacheBytes: 1 << 20,
    read: (offset, length) => bytes.subarray(offset, offset + length),
    prefetch: async () => undefined,
    extents: async () => [],
  }
  const packages = await dpkg.catalog({ path, stat, file }, context)
  const lines = packages.map((pkg) =>
    [pkg.name, pkg.version, pkg.arch ?? '', pkg.source, pkg.sourceVersion, pkg.state ?? 'installed'].join('\t'),
  )
  return { packages, lines: lines.sort(), problems }
}

/** A root directory whose dpkg database is this text. */
function rootWith(name: string, status: string, updates: Record<string, string> = {}): string {
  const root = join(scratch, name)
  mkdirSync(`${root}/var/lib/dpkg/updates`, { recursive: true })
  mkdirSync(`${root}/var/lib/dpkg/info`)
  writeFileSync(`${root}/var/lib/dpkg/status`, status)
  for (const [file, text] of Object.entries(updates)) writeFileSync(`${root}/var/lib/dpkg/updates/${file}`, text)
  return root
}

function record(name: string, fields: Record<string, string> = {}): string {
  const all = {
    Package: name,
    Status: 'install ok installed',
    Maintainer: 'M <m@example.org>',
    Architecture: 'amd64',
    Version: '1.0-1',
    Description: 'd',
    ...fields,
  }
  return `${Object.entries(all)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('')}\n`
}

describe('a debootstrapped root', () => {
  beforeAll(() => {
    if (existsSync(ROOT)) return
    mkdirSync(join(tmpdir(), 'snapsight-oracle'), { recursive: true })
    execFileSync('debootstrap', ['--variant=minbase', 'bookworm', `${ROOT}.new`], { stdio: 'ignore' })
    renameSync(`${ROOT}.new`, ROOT)
  })

  it('has the packages that dpkg-query lists', async () => {
    const { lines, problems } = await catalog(ROOT)
    expect(lines).toEqual(dpkgQuery(ROOT))
    expect(lines.length).toBeGreaterThan(80)
    expect(problems).toEqual([])
  })

  it('has them in the middle of an upgrade as well', async () => {
    const root = join(scratch, 'upgrade')
    cpSync(join(ROOT, 'var/lib/dpkg'), join(root, 'var/lib/dpkg'), { recursive: true })
    mkdirSync(join(root, 'var/lib/dpkg/updates'), { recursive: true })
    writeFileSync(
      join(root, 'var/lib/dpkg/updates/0000'),
      record('bash', { Status: 'install reinstreq half-installed', Version: '5.2.15-2+b2', Source: 'bash (5.2.15-2)' }),
    )
    writeFileSync(
      join(root, 'var/lib/dpkg/updates/0001'),
      record('bash', { Status: 'install ok unpacked', Version: '5.2.15-2+b99', Source: 'bash (5.2.15-2)' }),
    )
    writeFileSync(join(root, 'var/lib/dpkg/updates/0002'), record('tzdata', { Status: 'deinstall ok config-files', Architecture: 'all' }))
    const { lines } = await catalog(root)
    expect(lines).toEqual(dpkgQuery(root))
    expect(lines.filter((line) => line.startsWith('bash\t'))).toEqual(['bash\t5.2.15-2+b99\tamd64\tbash\t5.2.15-2\tunpacked'])
  })
})

describe('the database of this machine', () => {
  it('has the packages that dpkg-query lists', async () => {
    if (!existsSync('/var/lib/dpkg/status') || statSync('/var/lib/dpkg/status').size === 0) return
    expect((await catalog('')).lines).toEqual(dpkgQuery(''))
  })
})

describe('crafted records', () => {
  it.each<[string, string, Record<string, string>?]>([
    [
      'states',
      ['not-installed', 'config-files', 'half-installed', 'unpacked', 'half-configured', 'installed']
        .map((state) => record(`p-${state}`, { Status: `install ok ${state}` }))
        .join('') +
        record('p-pending', { Status: 'install ok triggers-pending', 'Triggers-Pending': 'x' }) +
        record('p-awaited', { Status: 'install ok triggers-awaited', 'Triggers-Awaited': 'p-pending' }) +
        record('p-held', { Status: 'hold ok installed' }) +
        record('p-leaving', { Status: 'deinstall ok installed' }) +
        record('p-reinst', { Status: 'install reinstreq installed' }),
    ],
    [
      'architectures',
      record('multi', { 'Multi-Arch': 'same' }) +
        record('multi', { 'Multi-Arch': 'same', Architecture: 'i386' }) +
        record('all', { Architecture: 'all' }) +
        record('none', { Architecture: '' }),
    ],
    [
      'sources',
      record('a', { Source: 'src' }) +
        record('b', { Source: 'src (1:2.3-4)' }) +
        record('d', { Version: '1.0-1+b1' }) +
        record('e', { Source: 'src junk (7)' }) +
        record('f', { Source: 'src (5' }),
    ],
    [
      'versions',
      record('a', { Version: '1:2.3~rc1+dfsg-4.1+b2' }) + record('b', { Version: '20240101' }) + record('c', { Version: 'abc_1' }),
    ],
    [
      'spelling',
      `\n\n${record('UPPER')}PACKAGE: x\nstatus:  install  ok   installed \nversion:\t3 \nARCHITECTURE: amd64\nsource:   foo   (1.2)  \n`,
    ],
    ['long descriptions', record('a', { Description: 'short\n long line\n .\n  verbatim\n Package: not-a-field' }) + record('b')],
    ['no Status', `Package: a\nVersion: 1\nArchitecture: amd64\n\n${record('b')}`],
    [
      'updates',
      record('a') + record('b'),
      {
        '0000': record('a', { Version: '2' }),
        '0001': record('a', { Version: '3' }) + record('new'),
        '0002': record('b', { Status: 'purge ok not-installed' }),
        'tmp.i': record('no'),
      },
    ],
  ])('%s', async (name, status, updates) => {
    const root = rootWith(name.replace(' ', '-'), status, updates)
    const { lines, problems } = await catalog(root)
    expect(lines).toEqual(dpkgQuery(root))
    expect(problems).toEqual([])
  })
})
