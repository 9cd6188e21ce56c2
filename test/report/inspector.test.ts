import { describe, expect, it } from 'vitest'
import type { Finding } from '../../src/model.js'
import { inspectorReport } from '../../src/report/inspector.js'
import { findingOf, instanceResultOf, libc6, packageOf, resultOf } from './result.js'

function report(findings: Finding[], result: Parameters<typeof inspectorReport>[0] = instanceResultOf()) {
  return JSON.parse(inspectorReport({ ...result, findings })).findings
}

const cvss31 = { version: '3.1', vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', baseScore: 9.8, source: 'NVD' }
const cvss40 = { version: '4.0', vector: 'CVSS:4.0/AV:N', baseScore: 9.3, source: 'NVD' }

describe('inspectorReport', () => {
  it('has every field of the API, as the API names it', () => {
    const more = {
      cvss: [cvss31, cvss40],
      vendorSeverity: 'high',
      published: '2024-04-17T18:15:00Z',
      modified: '2024-05-01T00:00:00Z',
      url: 'https://d.example/CVE-2024-2961',
    }
    expect(report([findingOf('CVE-2024-2961', libc6, { ...more, fixedVersion: '2.36-9+deb12u6', severity: 'critical' })])).toEqual([
      {
        findingArn: expect.stringMatching(/^arn:aws:inspector2:eu-central-1:123456789012:finding\/[0-9a-f]{32}$/),
        awsAccountId: '123456789012',
        type: 'PACKAGE_VULNERABILITY',
        title: 'CVE-2024-2961 - glibc, libc6',
        description: 'What CVE-2024-2961 does.',
        severity: 'CRITICAL',
        status: 'ACTIVE',
        firstObservedAt: '2026-01-02T03:04:07.000Z',
        lastObservedAt: '2026-01-02T03:04:07.000Z',
        updatedAt: '2026-01-02T03:04:07.000Z',
        fixAvailable: 'YES',
        remediation: { recommendation: { text: 'Upgrade the vulnerable packages to the versions they are fixed in.' } },
        inspectorScore: 9.8,
        inspectorScoreDetails: {
          adjustedCvss: {
            scoreSource: 'NVD',
            cvssSource: 'NVD',
            version: '3.1',
            score: 9.8,
            scoringVector: cvss31.vector,
            adjustments: [],
          },
        },
        packageVulnerabilityDetails: {
          vulnerabilityId: 'CVE-2024-2961',
          source: 'DEBIAN_CVE',
          sourceUrl: 'https://d.example/CVE-2024-2961',
          cvss: [
            { baseScore: 9.3, scoringVector: cvss40.vector, version: '4.0', source: 'NVD' },
            { baseScore: 9.8, scoringVector: cvss31.vector, version: '3.1', source: 'NVD' },
          ],
          vendorSeverity: 'high',
          vendorCreatedAt: '2024-04-17T18:15:00Z',
          vendorUpdatedAt: '2024-05-01T00:00:00Z',
          relatedVulnerabilities: ['DEBIAN-CVE-2024-2961'],
          referenceUrls: ['https://example.org/CVE-2024-2961'],
          vulnerablePackages: [
            {
              name: 'libc6',
              version: '2.36',
              epoch: 0,
              release: '9+deb12u4',
              arch: 'X86_64',
              packageManager: 'OS',
              filePath: 'vol-1:1/var/lib/dpkg/status',
              fixedInVersion: '0:2.36-9+deb12u6',
              remediation: 'apt-get update && apt-get install --only-upgrade libc6',
            },
          ],
        },
        resources: [
          {
            type: 'AWS_EC2_INSTANCE',
            id: 'i-0123456789abcdef0',
            partition: 'aws',
            region: 'eu-central-1',
            tags: { Name: 'web' },
            details: {
              awsEc2Instance: { type: 't3.micro', imageId: 'ami-1', ipV4Addresses: ['10.0.0.1'], ipV6Addresses: [], platform: 'DEBIAN_12' },
            },
          },
        ],
      },
    ])
  })

  it.each([
    ['critical', 'CRITICAL'],
    ['high', 'HIGH'],
    ['medium', 'MEDIUM'],
    ['low', 'LOW'],
    ['negligible', 'INFORMATIONAL'],
    ['none', 'INFORMATIONAL'],
    ['unknown', 'UNTRIAGED'],
  ] as const)('calls %s %s', (severity, word) => {
    expect(report([findingOf('CVE-1', libc6, { severity })])[0].severity).toBe(word)
  })

  it('makes one finding of all packages with one vulnerability, of the worst severity among them', () => {
    const { fixedVersion: _, ...unfixed } = findingOf('CVE-1', packageOf('libc-bin', '1:2-3'), { severity: 'critical', state: 'no-fix' })
    const [finding, ...more] = report([findingOf('CVE-1', libc6, { severity: 'low' }), unfixed])
    expect(more).toEqual([])
    expect(finding).toMatchObject({ severity: 'CRITICAL', fixAvailable: 'PARTIAL', title: 'CVE-1 - glibc, libc6, libc-bin' })
    const [, second] = finding.packageVulnerabilityDetails.vulnerablePackages
    expect(second).toEqual({
      name: 'libc-bin',
      version: '2',
      epoch: 1,
      release: '3',
      arch: 'X86_64',
      packageManager: 'OS',
      filePath: 'vol-1:1/var/lib/dpkg/status',
    })
  })

  it('tells of exploitation', () => {
    const finding = findingOf('CVE-2024-1', libc6, { exploited: { since: '2024-06-01' }, epss: { probability: 0.94358, percentile: 0.99 } })
    expect(JSON.parse(inspectorReport(resultOf({ findings: [finding] }))).findings[0]).toMatchObject({
      epss: { score: 0.94358 },
      exploitAvailable: 'YES',
    })
  })

  it('says NO where nothing is fixed', () => {
    const { fixedVersion: _, ...unfixed } = findingOf('CVE-1', libc6, { state: 'no-fix' })
    expect(report([unfixed])[0]).toMatchObject({ fixAvailable: 'NO', remediation: { recommendation: { text: 'None Provided' } } })
  })

  it.each([
    ['1.0', { version: '1.0', epoch: 0 }],
    ['2:1.0-rc1-4', { version: '1.0-rc1', epoch: 2, release: '4' }],
    ['1.0-', { version: '1.0', epoch: 0 }],
    ['a:b-1', { version: 'a:b', epoch: 0, release: '1' }],
  ])('splits version %s', (version, expected) => {
    const [pkg] = report([findingOf('CVE-1', packageOf('a', version))])[0].packageVulnerabilityDetails.vulnerablePackages
    expect(pkg).toMatchObject(expected)
    expect(pkg.release).toBe((expected as { release?: string }).release)
  })

  it('gives one finding the same ARN in every scan, and no other', () => {
    const arns = (result: Parameters<typeof inspectorReport>[0]) =>
      report([findingOf('CVE-1', libc6), findingOf('CVE-2', libc6)], result).map((finding: { findingArn: string }) => finding.findingArn)
    const first = arns(instanceResultOf())
    expect(arns(instanceResultOf({ finishedAt: '2027-01-01T00:00:00.000Z' }))).toEqual(first)
    const { instance } = instanceResultOf()
    expect(new Set([...first, ...arns(instanceResultOf({ instance: { ...instance, instanceId: 'i-2' } }))]).size).toBe(4)
  })

  it('keeps to the lengths of the API', () => {
    const long = { description: `${'x'.repeat(1022)}😀😀`, references: Array.from({ length: 200 }, (_, i) => `https://e.example/${i}`) }
    const pkg = packageOf('a', '1', { evidence: { volume: 'vol-1', partition: 1, path: `/${'d/'.repeat(2000)}status` } })
    const [finding] = report([findingOf('CVE-1', pkg, long)])
    expect(finding.description).toBe(`${'x'.repeat(1022)}…`)
    expect(finding.packageVulnerabilityDetails.referenceUrls).toHaveLength(100)
    expect(finding.packageVulnerabilityDetails.vulnerablePackages[0].filePath).toHaveLength(1024)
  })

  it('has a description even where the advisory has none', () => {
    expect(report([findingOf('CVE-1', libc6, { description: '', title: '' })])[0].description).toBe('CVE-1 - glibc, libc6')
  })

  it('gives no Inspector score for Ubuntu, as Inspector does', () => {
    const pkg = packageOf('a', '1', { distro: { id: 'ubuntu', idLike: [], versionId: '22.04', name: 'Ubuntu' } })
    expect(report([findingOf('CVE-1', pkg, { cvss: [cvss31] })])[0]).not.toHaveProperty('inspectorScore')
  })

  it('names the volumes of an image where there is no instance', () => {
    const [finding] = report([findingOf('CVE-1', libc6)], resultOf())
    expect(finding.resources).toEqual([
      { type: 'AWS_EC2_INSTANCE', id: 'vol-1', partition: 'aws', details: { awsEc2Instance: { platform: 'DEBIAN_12' } } },
    ])
    expect(finding.awsAccountId).toBe('000000000000')
  })
})
