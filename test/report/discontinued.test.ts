import { describe, expect, it } from 'vitest'
import { exitStatus } from '../../src/cli/exit-status.js'
import type { ScanResult } from '../../src/model.js'
import { inspectorReport } from '../../src/report/inspector.js'
import { jsonReport } from '../../src/report/json.js'
import { tableReport } from '../../src/report/table.js'
import { findingOf, instanceResultOf, packageOf, resultOf } from './result.js'

const [system] = resultOf().systems
const now = new Date('2026-11-23T12:00:00Z')
const discontinued: ScanResult['systems'] = [
  {
    ...system!,
    os: { ...system!.os, versionId: '10', prettyName: 'Debian GNU/Linux 10 (buster)' },
    lifecycle: { state: 'discontinued', endOfLife: '2024-06-30', severity: 'critical' },
  },
]
const supported: ScanResult['systems'] = [{ ...system!, lifecycle: { state: 'supported', endOfLife: '2028-06-30', severity: 'none' } }]

describe('a discontinued system', () => {
  it('comes first of the findings in the table, and is counted', () => {
    const findings = [findingOf('CVE-2024-1', packageOf('zlib1g', '1:1.2.13'), { severity: 'critical' })]
    const text = tableReport(resultOf({ systems: discontinued, findings }), { now })
    expect(text).toContain(`Findings
  VULNERABILITY    SEVERITY  PACKAGE                       INSTALLED  FIXED                  WHERE
  discontinued OS  critical  Debian GNU/Linux 10 (buster)  10         none since 2024-06-30  vol-1:1
  CVE-2024-1       critical  zlib1g                        1:1.2.13   3                      vol-1:1/var/lib/dpkg/status
`)
    expect(text).toContain('1 package, 2 findings (2 critical)\n')
    expect(tableReport(resultOf({ systems: discontinued }), { now })).toContain('1 package, 1 finding (1 critical)\n')
  })

  it('is a finding of its own for Amazon Inspector, with the same ARN in every scan', () => {
    const report = (systems: ScanResult['systems']) => JSON.parse(inspectorReport({ ...instanceResultOf(), systems })).findings
    expect(report(discontinued)).toMatchObject([
      {
        findingArn: expect.stringMatching(/^arn:aws:inspector2:eu-central-1:123456789012:finding\/[0-9a-f]{32}$/),
        type: 'PACKAGE_VULNERABILITY',
        title: 'discontinued OS',
        description:
          'Debian GNU/Linux 10 (buster) is discontinued since 2024-06-30: vulnerabilities found since then may be neither listed nor mended.',
        severity: 'CRITICAL',
        status: 'ACTIVE',
        fixAvailable: 'NO',
        packageVulnerabilityDetails: { vulnerabilityId: 'DISCONTINUED_OS', vulnerablePackages: [] },
        resources: [{ id: 'i-0123456789abcdef0' }],
      },
    ])
    expect(report(discontinued)[0].findingArn).toBe(report(discontinued)[0].findingArn)
    const two = [...discontinued, { ...discontinued[0]!, id: 'vol-2:1' }]
    expect(new Set(report(two).map(({ findingArn }: { findingArn: string }) => findingArn)).size).toBe(2)
    expect(report(supported)).toEqual([])
  })

  it('is in the JSON with its system', () => {
    expect(JSON.parse(jsonReport(resultOf({ systems: discontinued }))).systems[0].lifecycle).toEqual({
      state: 'discontinued',
      endOfLife: '2024-06-30',
      severity: 'critical',
    })
  })

  it('counts for --fail-on, as a supported one does not', () => {
    expect(exitStatus(resultOf({ systems: discontinued }), 'critical')).toBe(4)
    expect(exitStatus(resultOf({ systems: discontinued }), undefined)).toBe(0)
    expect(exitStatus(resultOf({ systems: supported }), 'negligible')).toBe(0)
  })
})

describe('the kernel that is started', () => {
  it('is named with its system, and marked in the findings', () => {
    const image = (abi: number, bootKernel: boolean) =>
      packageOf(`linux-image-6.1.0-${abi}-amd64`, '6.1.76-1', { source: 'linux', bootKernel })
    const result = resultOf({
      systems: [
        {
          ...system!,
          bootKernel: { release: '6.1.0-18-amd64', path: '/boot/vmlinuz-6.1.0-18-amd64', how: '/boot/grub/grub.cfg: first entry' },
        },
      ],
      findings: [findingOf('CVE-2024-1086', image(18, true)), findingOf('CVE-2024-1086', image(9, false))],
    })
    const text = tableReport(result, { now })
    expect(text).toContain('  /  Debian GNU/Linux 12 (bookworm)  vol-1:1  1 package  boots 6.1.0-18-amd64\n')
    expect(text).toMatch(/linux-image-6\.1\.0-18-amd64 \(boots\) /)
    expect(text).toMatch(/linux-image-6\.1\.0-9-amd64 {2,}6\.1\.76-1/)
    expect(
      JSON.parse(jsonReport(result)).findings.map((finding: { package: { bootKernel: boolean } }) => finding.package.bootKernel),
    ).toEqual([true, false])
  })
})
