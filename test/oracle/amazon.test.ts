import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ScanResult } from '../../src/index.js'
import { startLocalAws } from '../../src/testing/index.js'
import { snapsight } from '../support/command.js'
import { oracleMissing, run, sparseFile, withMount } from '../support/image.js'
import { Random } from '../support/random.js'
import { writeBdb } from '../support/rpm-bdb.js'
import { rpmRoot, sqliteHeaders } from '../support/rpm-root.js'
import { rpmVercmp } from '../support/rpm-vercmp.js'
import { scratchFolder } from '../support/scratch.js'

// An RPM system on XFS through the local endpoint: the packages are rpm's, and what is vulnerable is what rpm's own comparison says.

const INSTANCE = 'i-00000000000a2023a'
const OS_RELEASE = 'NAME="Amazon Linux"\nID="amzn"\nID_LIKE="fedora"\nVERSION_ID="2023"\nPRETTY_NAME="Amazon Linux 2023"\n'

const missing = oracleMissing('rpm', 'rpmbuild', 'rpmsign', 'gpg', 'sqlite3', 'perl', 'mkfs.xfs', 'sfdisk')
if (missing) console.warn(`scan of an RPM system skipped: ${missing}`)

/** As `rpm -qa` gives it. */
interface Installed {
  readonly name: string
  /** `epoch:version-release`, the epoch 0 where there is none. */
  readonly evr: string
  readonly arch: string
  readonly vendor: string
  readonly module: string
}

describe.skipIf(missing)('an RPM system on a partitioned XFS disk', () => {
  const scratch = scratchFolder()
  let root = ''
  let installed: Installed[] = []

  beforeAll(() => {
    root = join(scratch, 'root')
    cpSync(rpmRoot(join(tmpdir(), 'snapsight-oracle', 'rpm'), 60, ['x86_64', 'i686', 'aarch64', 'noarch']), root, { recursive: true })
    mkdirSync(join(root, 'etc'), { recursive: true })
    writeFileSync(join(root, 'etc/os-release'), OS_RELEASE)
    installed = run('rpm', [
      '--dbpath',
      join(root, 'var/lib/rpm'),
      '-qa',
      '--qf',
      '%{NAME}\\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\\t%{ARCH}\\t%{VENDOR}\\t%{MODULARITYLABEL}\\n',
    ])
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t') as [string, string, string, string, string])
      .filter(([name]) => name !== 'gpg-pubkey')
      .map(([name, evr, arch, vendor, module]) => ({ name, evr, arch, vendor, module }))
    expect(installed.length).toBeGreaterThan(250)
  })

  it.each(['SQLite', 'Berkeley DB'] as const)('gives what rpm lists and what its comparison finds, by %s', async (format) => {
    if (format === 'Berkeley DB') {
      const folder = join(root, 'var/lib/rpm')
      const headers = sqliteHeaders(join(folder, 'rpmdb.sqlite'))
      for (const file of readdirSync(folder)) rmSync(join(folder, file))
      writeBdb(join(folder, 'Packages'), [[0, Buffer.alloc(4, 1)], ...headers], { pageSize: 4096 })
    }
    const { advisories, expected } = advise(installed)
    const updateinfo = join(scratch, 'updateinfo.xml')
    const database = join(scratch, 'advisories.db')
    writeFileSync(updateinfo, advisories)
    expect(await snapsight(['db', 'build', '--from', updateinfo, '--db', database])).toMatchObject({ status: 0 })

    const aws = await startLocalAws({
      instances: [
        {
          instanceId: INSTANCE,
          volumes: [{ volumeId: 'vol-00000000000a2023a', deviceName: '/dev/xvda', image: await diskOf(root, scratch) }],
        },
      ],
    })
    try {
      const { status, stdout, stderr } = await snapsight(['instance', INSTANCE, '--db', database, '--json'], aws.env())
      expect(stderr).toBe('')
      expect(status).toBe(0)
      const result = JSON.parse(stdout) as ScanResult
      expect(result.packages.map(({ name, version, arch }) => `${name} ${withEpoch(version)} ${arch}`).sort()).toEqual(
        installed.map(({ name, evr, arch }) => `${name} ${evr} ${arch}`).sort(),
      )
      const found = result.findings.map(
        ({ vulnerability, package: { name, version, arch } }) => `${vulnerability} ${name} ${withEpoch(version)} ${arch}`,
      )
      expect(found.sort()).toEqual(expected)
      expect(aws.snapshots).toEqual([])
    } finally {
      await aws.close()
    }
  })
})

const withEpoch = (version: string): string => (version.includes(':') ? version : `0:${version}`)

async function diskOf(root: string, folder: string): Promise<string> {
  const filesystem = join(folder, 'fs.img')
  const disk = join(folder, 'disk.img')
  for (const path of [filesystem, disk]) rmSync(path, { force: true })
  sparseFile(filesystem, 400 * 1024 * 1024)
  run('mkfs.xfs', ['-q', filesystem])
  await withMount(filesystem, 'xfs', [], (mounted) => run('cp', ['-a', `${root}/.`, mounted]))
  sparseFile(disk, 420 * 1024 * 1024)
  run('sfdisk', ['-q', '--no-tell-kernel', disk], { input: 'label: gpt\nstart=4096, type=linux\n' })
  run('dd', [`if=${filesystem}`, `of=${disk}`, 'bs=1M', 'seek=2', 'conv=notrunc,sparse', 'status=none'])
  return disk
}

/** Built by another vendor, or part of a module: not what an advisory for a plain package of the distribution means. */
const isPlain = ({ vendor, module, evr }: Installed): boolean => vendor === '(none)' && module === '(none)' && !evr.includes('.module_')

/** Advisories for a third of the packages, below, at and above what is installed, and the findings that rpm's comparison makes of them. */
function advise(installed: readonly Installed[]): { advisories: string; expected: string[] } {
  const random = new Random(2023)
  const rows = installed
    .filter(isPlain)
    .filter(() => random.below(3) > 0)
    .map((pkg, i) => {
      const [epoch, version = '', release = ''] = pkg.evr.split(/[:-]/)
      const fixed = random.pick([
        `${epoch}:${version}-${release}`,
        `${epoch}:${version}-${release}.1`,
        `${epoch}:${version}~a-${release}`,
        `9:${version}-1`,
      ])
      return { ...pkg, cve: `CVE-2023-${20_000 + i}`, fixed, adviseArch: random.below(5) === 0 ? 'ppc64le' : pkg.arch }
    })
  // Every installed package of that name and architecture is held against the advisory, not only the one it was made from.
  const expected = rows.flatMap(({ name, arch, adviseArch, cve, fixed }) => {
    if (adviseArch !== arch) return []
    const same = installed.filter((other) => other.name === name && other.arch === arch && isPlain(other))
    return rpmVercmp(same.map(({ evr }) => [evr, fixed] as const)).flatMap((sign, i) =>
      sign === -1 ? `${cve} ${name} ${same[i]!.evr} ${arch}` : [],
    )
  })
  expect(expected.length).toBeGreaterThan(10)
  const updates = rows.map(({ name, cve, fixed, adviseArch }, i) => {
    const [epoch, version, release] = fixed.split(/[:-]/)
    return `<update type="security" status="final"><id>ALAS2023-2023-${String(i + 1).padStart(3, '0')}</id><title>${name}</title>
<issued date="2023-03-01 00:00:00"/><severity>important</severity><description>An advisory.</description>
<references><reference href="https://example.org/${cve}" id="${cve}" type="cve"/></references>
<pkglist><collection short="amazon-linux-2023"><name>Amazon Linux 2023</name>
<package name="${name}" epoch="${epoch}" version="${version}" release="${release}" arch="${adviseArch}"><filename>x.rpm</filename></package>
</collection></pkglist></update>`
  })
  return { advisories: `<?xml version="1.0"?>\n<updates>${updates.join('\n')}</updates>\n`, expected: expected.sort() }
}
