import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ScanResult } from '../../src/index.js'
import { startLocalAws } from '../../src/testing/index.js'
import { snapsight } from '../support/command.js'
import { oracleMissing, run } from '../support/image.js'
import { scratchFolder } from '../support/scratch.js'

const CACHE = join(tmpdir(), 'snapsight-oracle')
const ROOT = join(CACHE, 'bookworm-server')
const PACKAGES = 'openssh-server,nginx-light,git,curl,python3-requests,build-essential,vim,redis-server,php-cli,ruby'
const ADVISORIES = 'fixtures/advisories/debian-12-changelogs.jsonl'
const INSTANCE = 'i-00000000000deb1a2'
const START_SECTOR = 2048

const missing = oracleMissing('debootstrap', 'sfdisk', 'mke2fs', 'dpkg-query')
if (missing) console.warn(`scan of a real Debian skipped: ${missing}`)

describe.skipIf(missing)('a real Debian on a partitioned ext4 disk', () => {
  const scratch = scratchFolder()
  const image = join(scratch, 'debian.img')
  const database = join(scratch, 'advisories.db')

  beforeAll(async () => {
    if (!existsSync(ROOT)) {
      mkdirSync(CACHE, { recursive: true })
      run('debootstrap', ['--variant=minbase', `--include=${PACKAGES}`, 'bookworm', `${ROOT}.new`])
      renameSync(`${ROOT}.new`, ROOT)
    }
    execFileSync('truncate', ['-s', '2G', image])
    run('sfdisk', ['-q', image], { input: `label: gpt\nstart=${START_SECTOR}, type=linux\n` })
    const kibibytes = 2 * 1024 * 1024 - 2048
    run('mke2fs', ['-q', '-t', 'ext4', '-d', ROOT, '-E', `offset=${START_SECTOR * 512}`, image, `${kibibytes}k`])
    expect(await snapsight(['db', 'build', '--from', ADVISORIES, '--db', database])).toMatchObject({ status: 0 })
  })

  const scan = async (args: string[], env?: Record<string, string>): Promise<ScanResult> => {
    const { status, stdout, stderr } = await snapsight([...args, '--db', database, '--json'], env)
    expect(stderr).toBe('')
    expect(status).toBe(0)
    return JSON.parse(stdout) as ScanResult
  }

  it('gives the packages of dpkg-query and the findings of dpkg --compare-versions, as an image and through AWS under faults', async () => {
    const byImage = await scan(['image', image])
    expect(byImage.packages.map(line).sort()).toEqual(dpkgQuery())
    expect(byImage.packages.length).toBeGreaterThan(200)
    expect(byImage.findings.map(({ vulnerability, package: { name } }) => `${vulnerability} ${name}`).sort()).toEqual(expectedFindings())
    expect(byImage.findings.length).toBeGreaterThan(50)

    const aws = await startLocalAws({
      instances: [{ instanceId: INSTANCE, volumes: [{ volumeId: 'vol-00000000000deb1a2', deviceName: '/dev/xvda', image }] }],
      faults: [
        { action: 'GetSnapshotBlock', kind: 'hang', times: 2, after: 50 },
        { action: ['GetSnapshotBlock', 'ListSnapshotBlocks'], kind: 'throttle', rate: 0.2 },
        { action: ['GetSnapshotBlock', 'ListSnapshotBlocks'], kind: 'error', rate: 0.05 },
        { action: 'GetSnapshotBlock', kind: 'wrong-checksum', rate: 0.01 },
      ],
    })
    try {
      const byInstance = await scan(['instance', INSTANCE], aws.env())
      expect(byInstance.packages.map(line)).toEqual(byImage.packages.map(line))
      expect(byInstance.findings.map(key)).toEqual(byImage.findings.map(key))
      expect(aws.calls.filter(({ fault }) => fault).length).toBeGreaterThan(20)
      expect(aws.snapshots).toEqual([])
    } finally {
      await aws.close()
    }
  })
})

const line = ({ name, version, arch, source, sourceVersion }: ScanResult['packages'][number]): string =>
  [name, version, arch, source, sourceVersion].join('\t')
const key = ({ vulnerability, package: { name }, fixedVersion, state }: ScanResult['findings'][number]): string =>
  [vulnerability, name, fixedVersion, state].join(' ')

function dpkgQuery(): string[] {
  const format = ['Package', 'Version', 'Architecture', 'source:Package', 'source:Version'].map((field) => `\${${field}}`).join('\t')
  return run('dpkg-query', [`--admindir=${ROOT}/var/lib/dpkg`, '-W', '-f', `${format}\n`])
    .trimEnd()
    .split('\n')
    .sort()
}

/** What dpkg itself says: every advisory whose fixed version is above an installed source version. */
function expectedFindings(): string[] {
  const advisories = readFileSync(ADVISORIES, 'utf8')
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text))
    .map(({ upstream, affected: [{ package: pkg, ranges }] }) => ({
      cve: upstream[0] as string,
      source: pkg.name as string,
      fixed: ranges[0].events[1].fixed as string,
    }))
  const script: string[] = []
  for (const installed of dpkgQuery()) {
    const [name, , , source, version] = installed.split('\t')
    for (const advisory of advisories) {
      if (advisory.source === source)
        script.push(`dpkg --compare-versions '${version}' lt '${advisory.fixed}' && echo '${advisory.cve} ${name}'`)
    }
  }
  const path = join(CACHE, 'compare.sh')
  writeFileSync(path, `${script.join('\n')}\ntrue\n`)
  return run('sh', [path]).trim().split('\n').sort()
}
