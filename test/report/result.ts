import type { Finding, InstanceScanResult, Package, ScanResult } from '../../src/model.js'

const debian = {
  id: 'debian',
  idLike: [],
  versionId: '12',
  name: 'Debian GNU/Linux',
  prettyName: 'Debian GNU/Linux 12 (bookworm)',
} as const

export function packageOf(name: string, version: string, more: Partial<Package> = {}): Package {
  return {
    type: 'deb',
    name,
    version,
    arch: 'amd64',
    source: name,
    sourceVersion: version,
    purl: `pkg:deb/debian/${name}@${version}`,
    path: '/var/lib/dpkg/status',
    evidence: { volume: 'vol-1', partition: 1, filesystem: 'f-1', path: '/var/lib/dpkg/status' },
    system: '/',
    distro: debian,
    foundBy: 'dpkg',
    ...more,
  }
}

export function findingOf(vulnerability: string, pkg: Package, more: Partial<Finding> = {}): Finding {
  const range = { introduced: '0', fixed: '3' }
  return {
    vulnerability,
    ids: [vulnerability, `DEBIAN-${vulnerability}`],
    package: pkg,
    severity: 'high',
    cvss: [],
    state: 'fix-available',
    fixedVersion: '3',
    otherFixedVersions: [],
    matches: [{ advisory: `DEBIAN-${vulnerability}`, ecosystem: 'Debian:12', by: 'name', name: pkg.name, version: pkg.version, range }],
    title: `${vulnerability} of ${pkg.name}`,
    description: `What ${vulnerability} does.`,
    references: [`https://example.org/${vulnerability}`],
    ...more,
  }
}

export const libc6: Package = packageOf('libc6', '2.36-9+deb12u4', { source: 'glibc' })

export function resultOf(more: Partial<ScanResult> = {}): ScanResult {
  return {
    schemaVersion: 1,
    scanner: { name: 'snapsight', version: '0.1.0' },
    startedAt: '2026-01-02T03:04:05.000Z',
    finishedAt: '2026-01-02T03:04:07.000Z',
    status: 'complete',
    systems: [{ id: '/', os: debian, root: { volume: 'vol-1', partition: 1, filesystem: 'f-1' }, mounts: [] }],
    volumes: [
      {
        volume: 'vol-1',
        device: '/dev/xvda',
        snapshot: 'snap-1',
        sizeBytes: 8 * 1024 ** 3,
        outcome: 'read',
        partitions: [
          {
            partition: 1,
            scheme: 'gpt',
            startByte: 1024 ** 2,
            sizeBytes: 8 * 1024 ** 3 - 2 * 1024 ** 2,
            contents: 'ext4',
            outcome: 'read',
            filesystem: {
              kind: 'ext4',
              uuid: 'f-1',
              label: '',
              mountedAt: '/',
              system: '/',
              journal: 'clean',
              entries: 12345,
              unreadableEntries: 0,
            },
          },
          {
            partition: 14,
            scheme: 'gpt',
            startByte: 0,
            sizeBytes: 1024 ** 2,
            contents: 'bios-boot',
            outcome: 'ignored',
            reason: 'boot code',
          },
        ],
      },
    ],
    catalogers: [{ cataloger: 'dpkg', filesRead: 1, filesFailed: 0, packages: 1 }],
    packages: [libc6],
    findings: [],
    issues: [],
    database: { path: '/db', built: '2026-01-02T00:00:00.000Z', advisories: 10, sources: [] },
    stats: { requests: 0, listRequests: 0, blocks: 442, bytes: 442 * 512 * 1024, retries: 0, cacheHits: 7, usd: 0, milliseconds: 2000 },
    ...more,
  }
}

export function instanceResultOf(more: Partial<InstanceScanResult> = {}): InstanceScanResult {
  return {
    ...resultOf(),
    instance: {
      instanceId: 'i-0123456789abcdef0',
      accountId: '123456789012',
      region: 'eu-central-1',
      partition: 'aws',
      state: 'running',
      type: 't3.micro',
      imageId: 'ami-1',
      platform: 'LINUX',
      ipV4Addresses: ['10.0.0.1'],
      ipV6Addresses: [],
      tags: { Name: 'web' },
      statusCode: 'ACTIVE',
      reason: 'SUCCESSFUL',
      volumes: [],
    },
    snapshots: { scanId: 'snapsight-1', created: ['snap-1'], deleted: ['snap-1'], leftover: [] },
    ...more,
  }
}
