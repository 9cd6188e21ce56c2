import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildDatabase, openStore } from '../src/advisories/index.js'
import type { AdvisoryStore } from '../src/advisories/types.js'
import { createEbsPool } from '../src/aws/index.js'
import { MemorySource } from '../src/io/memory-source.js'
import type { Package, ScanResult } from '../src/model.js'
import { scanVolumes } from '../src/scan.js'
import { scanInstance } from '../src/scan-instance.js'
import { SnapshotFixture } from '../src/testing/index.js'
import { INSTANCE, startAccount } from './aws/account.js'
import { scratchFolder } from './support/scratch.js'

const FOLDER = 'fixtures/snapshots/demo'
const ROOT = { id: 'vol-0000000000000000a', device: '/dev/xvda' }
const VAR = { id: 'vol-0000000000000000b', device: '/dev/xvdf' }

let root: SnapshotFixture
let data: SnapshotFixture
let advisories: AdvisoryStore

beforeAll(async () => {
  root = await SnapshotFixture.load(`${FOLDER}/root.snap.gz`)
  data = await SnapshotFixture.load(`${FOLDER}/var.snap.gz`)
  const to = `${scratchFolder()}/advisories.db`
  await buildDatabase({ from: ['fixtures/advisories/debian-12', 'fixtures/advisories/debian-12-changelogs.jsonl'], to })
  advisories = openStore(to)
})

const line = (pkg: Package): string => [pkg.name, pkg.version, pkg.arch, pkg.source, pkg.sourceVersion].join('\t')
/** What a scan found, without when and at what cost. */
const findingsOf = ({ findings }: ScanResult): string[] =>
  findings.map(({ vulnerability, package: { name }, state, fixedVersion }) => `${vulnerability} ${name} ${state} ${fixedVersion ?? '-'}`)

describe('scanVolumes', () => {
  it('lists what dpkg-query listed, from a root disk and a /var that fstab mounts from another volume', async () => {
    const result = await scanVolumes([
      { ...ROOT, source: root },
      { ...VAR, source: data },
    ])
    expect(result.issues).toEqual([])
    expect(result.status).toBe('complete')
    expect(result.packages.map(line).sort()).toEqual(readFileSync(`${FOLDER}/packages.tsv`, 'utf8').trim().split('\n').sort())
    expect(result.systems).toMatchObject([
      { id: '/', os: { id: 'debian', versionId: '12' }, root: { volume: 'vol-0000000000000000a', partition: 1 } },
    ])
    expect(result.systems[0]!.mounts.map(({ path, volume }) => `${path} ${volume}`)).toEqual([
      '/ vol-0000000000000000a',
      '/var vol-0000000000000000b',
    ])
    expect(result.volumes.flatMap(({ partitions }) => partitions.map((p) => `${p.partition} ${p.contents} ${p.outcome}`))).toEqual([
      '1 ext4 read',
      '14 bios-boot ignored',
      '15 empty ignored',
      'undefined ext4 read',
    ])
    const [glibc] = result.packages.filter(({ name }) => name === 'libc6')
    expect(glibc).toMatchObject({
      type: 'deb',
      source: 'glibc',
      path: '/var/lib/dpkg/status',
      evidence: { volume: 'vol-0000000000000000b', path: '/lib/dpkg/status' },
      system: '/',
      foundBy: 'dpkg',
    })
    // Of the 19 written blocks; the rest hold file contents that no cataloger asks for.
    expect(result.stats).toMatchObject({ blocks: 11, requests: 0 })
  })

  it('matches by source package, and leaves alone what is fixed', async () => {
    const inputs = [
      { ...ROOT, source: root },
      { ...VAR, source: data },
    ]
    const found = findingsOf(await scanVolumes(inputs, { advisories }))
    // The binary is 1.0.9-2+b6, a rebuild of source 1.0.9-2; the advisory names brotli.
    expect(found).toContain('CVE-2026-111497 libbrotli1 fix-available 1.0.9-2+deb12u1')
    expect(found).toContain('CVE-2023-45853 zlib1g no-fix -')
    // Fixed in 3.0.7-1, long before the version on this disk.
    expect(found.filter((text) => text.startsWith('CVE-2022-3602 '))).toEqual([])
    expect(new Set(found).size).toBe(found.length)
  })

  it('reads what it can beside a volume of garbage, and says that it is incomplete', async () => {
    const garbage = new MemorySource(Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 31 + (i >> 7)) & 0xff))
    const result = await scanVolumes([
      { ...ROOT, source: root },
      { ...VAR, source: data },
      { id: 'vol-0c', source: garbage },
    ])
    expect(result.packages).toHaveLength(118)
    expect(result.status).toBe('incomplete')
    expect(result.volumes[2]!.partitions).toMatchObject([{ contents: 'unknown', outcome: 'unsupported' }])
    expect(result.issues).toMatchObject([{ stage: 'filesystem', code: 'UNSUPPORTED', where: { volume: 'vol-0c' } }])
  })

  it('says what is missing where the volume that fstab mounts is not there', async () => {
    const result = await scanVolumes([{ ...ROOT, source: root }])
    expect(result.packages).toEqual([])
    expect(result.status).toBe('incomplete')
    const messages = result.issues.map(({ message }) => message).join('\n')
    expect(messages).toContain('/var')
    expect(messages).toContain('no package database that is read was found for Debian GNU/Linux 12 (bookworm)')
  })
})

describe('scanInstance over HTTP', () => {
  it.each([1, 2, 3])('finds the same under throttles, 500s, wrong checksums, cut and hung connections (seed %i)', async (seed) => {
    const { aws, options } = await startAccount({
      seed,
      instances: [
        {
          instanceId: INSTANCE,
          volumes: [
            { volumeId: ROOT.id, deviceName: ROOT.device, image: root },
            { volumeId: VAR.id, deviceName: VAR.device, image: data },
          ],
        },
      ],
      faults: [
        { action: 'GetSnapshotBlock', kind: 'hang', times: 1, after: 3 },
        { action: 'GetSnapshotBlock', kind: 'cut', times: 1, after: 5 },
        { action: ['GetSnapshotBlock', 'ListSnapshotBlocks'], kind: 'throttle', rate: 0.2 },
        { action: ['GetSnapshotBlock', 'ListSnapshotBlocks', 'DescribeSnapshots'], kind: 'error', rate: 0.05 },
        { action: 'GetSnapshotBlock', kind: 'wrong-checksum', rate: 0.1 },
        { action: 'GetSnapshotBlock', kind: 'wrong-data', rate: 0.1 },
        { action: 'GetSnapshotBlock', kind: 'short-body', rate: 0.1 },
      ],
    })
    const pool = createEbsPool({ client: options.clients!.ebs, attemptTimeoutMs: 300 })
    const plain = await scanVolumes(
      [
        { ...ROOT, source: root },
        { ...VAR, source: data },
      ],
      { advisories },
    )
    const result = await scanInstance({ ...options, advisories, pool })
    expect(result.status).toBe('complete')
    expect(result.packages).toEqual(plain.packages)
    expect(result.findings).toEqual(plain.findings)
    expect(result.stats.retries).toBeGreaterThan(0)
    expect(result.stats.blocks).toBe(plain.stats.blocks)
    expect(aws.snapshots).toEqual([])
  })
})
