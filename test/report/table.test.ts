import { describe, expect, it } from 'vitest'
import { tableReport } from '../../src/report/table.js'
import { findingOf, instanceResultOf, libc6, packageOf, resultOf } from './result.js'

const now = new Date('2026-01-02T12:00:00Z')

describe('tableReport', () => {
  it('shows systems, findings from the worst on, coverage and totals', () => {
    const findings = [
      findingOf('CVE-2023-9', libc6, { severity: 'low', fixedVersion: '2.36-9+deb12u5' }),
      findingOf('CVE-2024-1', packageOf('zlib1g', '1:1.2.13'), { severity: 'critical', fixedVersion: '1:1.3' }),
      { ...findingOf('CVE-2024-2961', libc6, { state: 'no-fix' }), fixedVersion: undefined as never },
    ]
    expect(tableReport(resultOf({ findings }), { now })).toBe(`Systems
  /  Debian GNU/Linux 12 (bookworm)  vol-1:1  1 package

Findings
  VULNERABILITY  SEVERITY  PACKAGE  INSTALLED       FIXED           WHERE
  CVE-2024-1     critical  zlib1g   1:1.2.13        1:1.3           vol-1:1/var/lib/dpkg/status
  CVE-2024-2961  high      libc6    2.36-9+deb12u4  no-fix          vol-1:1/var/lib/dpkg/status
  CVE-2023-9     low       libc6    2.36-9+deb12u4  2.36-9+deb12u5  vol-1:1/var/lib/dpkg/status

Coverage
  vol-1           /dev/xvda snap-1  8.0 GiB     read
    partition 1   ext4              8.0 GiB  /  read: 12,345 entries
    partition 14  bios-boot         1.0 MiB     ignored: boot code

Advisory database built 2026-01-02T00:00:00.000Z.

1 package, 3 findings (1 critical, 1 high, 1 low)
221.0 MiB in 442 blocks read in 2.0 s
Status: complete
`)
  })

  it('tells of exploitation where anything is known, and of live patches', () => {
    const findings = [
      findingOf('CVE-2024-2', libc6, { exploited: { since: '2024-06-01' }, epss: { probability: 0.94358, percentile: 0.99 } }),
      findingOf('CVE-2024-1', libc6, { state: 'mitigated-by-livepatch' }),
    ]
    expect(tableReport(resultOf({ findings }), { now })).toContain(`
  VULNERABILITY  SEVERITY  EXPLOITED     PACKAGE  INSTALLED       FIXED                   WHERE
  CVE-2024-2     high      known, 94.4%  libc6    2.36-9+deb12u4  3                       vol-1:1/var/lib/dpkg/status
  CVE-2024-1     high                    libc6    2.36-9+deb12u4  mitigated-by-livepatch  vol-1:1/var/lib/dpkg/status
`)
  })

  it('names what was not read, and why', () => {
    const [volume] = resultOf().volumes
    const partitions = [
      { partition: 2, scheme: 'gpt', startByte: 0, sizeBytes: 1024, contents: 'xfs', outcome: 'unsupported', reason: 'xfs is not read' },
      { partition: 3, scheme: 'gpt', startByte: 0, sizeBytes: 1024, contents: 'ext', outcome: 'failed', reason: 'superblock: bad magic' },
    ] as const
    const issues = [
      {
        stage: 'catalog',
        code: 'PARSE',
        message: 'line 7: bad',
        where: { volume: 'vol-1', partition: 1, path: '/var/lib/dpkg/status' },
        incomplete: true,
      },
      { stage: 'filesystem', code: 'CORRUPT', message: 'wrong checksum', where: {}, incomplete: false },
    ] as const
    const text = tableReport(
      resultOf({ status: 'incomplete', volumes: [{ ...volume!, partitions: [...volume!.partitions, ...partitions] }], issues }),
      { now },
    )
    expect(text).toContain('  partition 2   xfs               1.0 KiB     NOT READ (unsupported): xfs is not read\n')
    expect(text).toContain('  partition 3   ext               1.0 KiB     NOT READ (failed): superblock: bad magic\n')
    expect(text).toContain('  incomplete: vol-1:1/var/lib/dpkg/status: line 7: bad\n  note: wrong checksum\n')
    expect(text).toMatch(/^Status: INCOMPLETE/m)
    expect(tableReport(resultOf({ volumes: [{ ...volume!, partitions }] }), { now })).toMatch(/^Status: NOTHING was read$/m)
  })

  it.each([
    ['2026-01-01T00:00:00Z', 'Advisory database built 2026-01-01T00:00:00Z.'],
    ['2025-12-30T00:00:00Z', 'Advisory database is 3 days old (built 2025-12-30T00:00:00Z); renew it with: snapsight db update'],
  ])('warns of a database that is older than two days (%s)', (built, line) => {
    expect(tableReport(resultOf({ database: { path: '/db', built, advisories: 1, sources: [] } }), { now })).toContain(`\n${line}\n`)
  })

  it('says where nothing was matched', () => {
    const { database: _, ...result } = resultOf()
    const text = tableReport(result, { now })
    expect(text).toContain('No advisory database: packages were listed, not matched.\n')
    expect(text).not.toContain('No vulnerable packages')
  })

  it('names the instance, and snapshots that are left', () => {
    const snapshots = { scanId: 'snapsight-1', created: ['snap-1'], deleted: [], leftover: [{ snapshotId: 'snap-1', reason: 'denied' }] }
    const text = tableReport(instanceResultOf({ snapshots }), { now })
    expect(text).toMatch(/^Instance i-0123456789abcdef0 in eu-central-1: SUCCESSFUL$/m)
    expect(text).toMatch(/^Snapshots left in the account \(tag InspectorScan=snapsight-1\).*\n {2}snap-1: denied$/m)
  })

  it('wraps to a terminal and colours only when asked to', () => {
    const result = resultOf({ findings: [findingOf('CVE-2024-2961', packageOf('x'.repeat(60), '1'))] })
    const wrapped = tableReport(result, { now, columns: 80 })
    expect(Math.max(...wrapped.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(wrapped).not.toContain('\u001b')
    expect(tableReport(result, { now, color: true })).toContain('\u001b[31mhigh\u001b[39m')
  })

  it('lets no name on a disk write to the terminal', () => {
    const evidence = { volume: 'vol-1', path: '/a\u001b[2J\u202e\n/status' }
    const issue = { stage: 'catalog', code: 'PARSE', message: 'x\u001b]0;title\u0007', where: {}, incomplete: true } as const
    const result = resultOf({ findings: [findingOf('CVE-1', packageOf('a', '1', { evidence }))], issues: [issue] })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    expect(tableReport(result, { now, color: true }).replace(/\u001b\[\d+m/g, '')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
  })

  it('lays out ten thousand findings in a few seconds', () => {
    const findings = Array.from({ length: 10_000 }, (_, i) => findingOf(`CVE-2024-${i}`, libc6))
    const started = performance.now()
    expect(tableReport(resultOf({ findings }), { now }).split('\n').length).toBeGreaterThan(10_000)
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})
