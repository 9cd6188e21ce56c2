import { createHash } from 'node:crypto'
import type { CvssScore, Finding, InstanceScanResult, InstanceStatus, ScanResult, Severity } from '../model.js'
import { type DiscontinuedSystem, discontinuedSystems } from './discontinued.js'
import { inspectorPackage, type VulnerablePackage } from './inspector-package.js'
import { toJson } from './json.js'
import { SEVERITIES } from './severity.js'
import { clip } from './text.js'
import type { Report } from './types.js'

// The Finding of Amazon Inspector: https://docs.aws.amazon.com/inspector/v2/APIReference/API_Finding.html

const MAX_TEXT = 1024
const MAX_LIST = 100
const NO_ACCOUNT = '000000000000'
const DISCONTINUED_OS = 'DISCONTINUED_OS'
const SUPPORTED_RELEASES = 'https://docs.aws.amazon.com/inspector/latest/user/supported.html'

const SEVERITY = {
  critical: 'CRITICAL',
  high: 'HIGH',
  medium: 'MEDIUM',
  low: 'LOW',
  negligible: 'INFORMATIONAL',
  none: 'INFORMATIONAL',
  unknown: 'UNTRIAGED',
} as const

interface Resource {
  readonly type: 'AWS_EC2_INSTANCE'
  readonly id: string
  readonly partition: string
  readonly region?: string
  readonly tags?: Readonly<Record<string, string>>
  readonly details: { readonly awsEc2Instance: Readonly<Record<string, unknown>> }
}

/** `{ findings: [Finding, …] }` as ListFindings answers: one finding for each vulnerability, with all packages that have it. */
export const inspectorReport: Report = (result, options = {}) => {
  const instance = 'instance' in result ? result.instance : undefined
  const groups = new Map<string, Finding[]>()
  for (const finding of result.findings) {
    const group = groups.get(finding.vulnerability)
    if (group) group.push(finding)
    else groups.set(finding.vulnerability, [finding])
  }
  const resource = resourceOf(result, instance)
  const findings = [
    ...discontinuedSystems(result).map((system) => discontinuedFinding(system, result, resource, instance)),
    ...[...groups.values()].map((group) => inspectorFinding(group, result, resource, instance)),
  ]
  return `${toJson({ findings }, options.compact)}\n`
}

function inspectorFinding(
  group: readonly Finding[],
  result: ScanResult,
  resource: Resource,
  instance: InstanceStatus | undefined,
): Record<string, unknown> {
  const lead = [...group].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))[0]!
  const packages = group.map((finding) => inspectorPackage(finding))
  const cvss = scores(group)
  const base = cvss.find((score) => score.version.startsWith('3.'))
  const names = [...new Set(group.flatMap(({ package: { source, name } }) => (source === undefined ? [name] : [source, name])))]
  const title = clip(`${lead.vulnerability} - ${names.join(', ')}`, MAX_TEXT)
  const text = group.some((finding) => finding.fixedVersion)
    ? 'Upgrade the vulnerable packages to the versions they are fixed in.'
    : 'None Provided'
  const description = clip(lead.description || lead.title, MAX_TEXT) || title
  return {
    ...findingFrame({ id: lead.vulnerability, title, description, severity: lead.severity }, result, resource, instance),
    fixAvailable: fixAvailable(packages),
    ...(lead.epss ? { epss: { score: lead.epss.probability } } : {}),
    ...(lead.exploited ? { exploitAvailable: 'YES' } : {}),
    remediation: { recommendation: { text } },
    ...(base && lead.package.distro?.id !== 'ubuntu' ? inspectorScore(base) : {}),
    packageVulnerabilityDetails: {
      vulnerabilityId: lead.vulnerability,
      source: sourceName(lead),
      ...(lead.url ? { sourceUrl: lead.url } : {}),
      cvss: cvss.map(({ baseScore, vector, version, source }) => ({ baseScore, scoringVector: vector, version, source })),
      ...(lead.vendorSeverity ? { vendorSeverity: lead.vendorSeverity } : {}),
      ...(lead.published ? { vendorCreatedAt: lead.published } : {}),
      ...(lead.modified ? { vendorUpdatedAt: lead.modified } : {}),
      relatedVulnerabilities: union(group, (finding) => finding.ids.filter((id) => id !== finding.vulnerability)),
      referenceUrls: union(group, (finding) => finding.references),
      vulnerablePackages: packages,
    },
    resources: [resource],
  }
}

function discontinuedFinding(
  { system, title, description, severity }: DiscontinuedSystem,
  result: ScanResult,
  resource: Resource,
  instance: InstanceStatus | undefined,
): Record<string, unknown> {
  const frame = { id: `${DISCONTINUED_OS} ${system}`, title, description: clip(description, MAX_TEXT), severity }
  return {
    ...findingFrame(frame, result, resource, instance),
    fixAvailable: 'NO',
    remediation: { recommendation: { text: 'Move to a release that is supported.', Url: SUPPORTED_RELEASES } },
    packageVulnerabilityDetails: {
      vulnerabilityId: DISCONTINUED_OS,
      source: 'SNAPSIGHT',
      sourceUrl: SUPPORTED_RELEASES,
      cvss: [],
      relatedVulnerabilities: [],
      referenceUrls: [],
      vulnerablePackages: [],
    },
    resources: [resource],
  }
}

/** What every finding begins with; `id` tells the findings of a resource apart. */
function findingFrame(
  { id, title, description, severity }: { id: string; title: string; description: string; severity: Severity },
  result: ScanResult,
  resource: Resource,
  instance: InstanceStatus | undefined,
): Record<string, unknown> {
  const account = instance?.accountId ?? NO_ACCOUNT
  const region = instance?.region ?? 'us-east-1'
  return {
    findingArn: `arn:${resource.partition}:inspector2:${region}:${account}:finding/${findingId(resource.id, id)}`,
    awsAccountId: account,
    type: 'PACKAGE_VULNERABILITY',
    title,
    description,
    severity: SEVERITY[severity],
    status: 'ACTIVE',
    firstObservedAt: result.finishedAt,
    lastObservedAt: result.finishedAt,
    updatedAt: result.finishedAt,
  }
}

/** The same finding of the same resource has the same ARN in every scan. */
function findingId(resourceId: string, id: string): string {
  return createHash('sha256').update(`${resourceId}\0${id}`).digest('hex').slice(0, 32)
}

/** An image file is reported as an instance of its volumes' names: the API knows no resource that is only a disk. */
function resourceOf(result: ScanResult | InstanceScanResult, instance: InstanceStatus | undefined): Resource {
  const platform = platformName(result)
  if (!instance) {
    const id = result.volumes.map((volume) => volume.volume).join(',')
    return { type: 'AWS_EC2_INSTANCE', id, partition: 'aws', details: { awsEc2Instance: platform } }
  }
  const { instanceId, partition, region, tags, type, imageId, ipV4Addresses, ipV6Addresses } = instance
  const { keyName, iamInstanceProfileArn, vpcId, subnetId, launchedAt } = instance
  const named = { type, imageId, ipV4Addresses, ipV6Addresses, keyName, iamInstanceProfileArn, vpcId, subnetId, launchedAt }
  return { type: 'AWS_EC2_INSTANCE', id: instanceId, partition, region, tags, details: { awsEc2Instance: { ...named, ...platform } } }
}

/** `{ platform: 'DEBIAN_12' }` */
function platformName(result: ScanResult): { platform?: string } {
  const os = result.systems[0]?.os
  if (!os) return {}
  return { platform: [os.id === 'amzn' ? 'amazon_linux' : os.id, os.versionId ?? []].flat().join('_').replace(/\W/g, '_').toUpperCase() }
}

function scores(group: readonly Finding[]): CvssScore[] {
  const byVector = new Map(group.flatMap((finding) => finding.cvss).map((score) => [`${score.source} ${score.vector}`, score]))
  return [...byVector.values()].sort((a, b) => Number(b.version) - Number(a.version) || b.baseScore - a.baseScore)
}

/** The CVSS base score, unadjusted: what of the instance can be reached from outside is not known here. */
function inspectorScore({ baseScore, vector, version, source }: CvssScore): Record<string, unknown> {
  const adjustedCvss = { scoreSource: source, cvssSource: source, version, score: baseScore, scoringVector: vector, adjustments: [] }
  return { inspectorScore: baseScore, inspectorScoreDetails: { adjustedCvss } }
}

/** The distribution's tracker that named the vulnerability: `DEBIAN_CVE`, `UBUNTU_CVE`, `AMAZON_LINUX_CVE`. */
function sourceName(finding: Finding): string {
  const [family = 'OSV'] = finding.matches[0]?.ecosystem.split(':') ?? []
  return `${family.toUpperCase().replace(/\W+/g, '_')}_CVE`
}

function fixAvailable(packages: readonly VulnerablePackage[]): 'YES' | 'NO' | 'PARTIAL' {
  const fixed = packages.filter((pkg) => pkg.fixedInVersion !== undefined).length
  return fixed === packages.length ? 'YES' : fixed === 0 ? 'NO' : 'PARTIAL'
}

function union(group: readonly Finding[], list: (finding: Finding) => readonly string[]): string[] {
  return [...new Set(group.flatMap(list))].slice(0, MAX_LIST)
}
