import type { CvssScore, Finding, FindingState, Match, MatchNote, Package, Severity } from '../model.js'
import { firstCve, isMalware } from './ids.js'
import { fixedVersions } from './range.js'
import { scoreVector, severityOfScore, severityOfWord } from './severity.js'
import type { Advisory, AdvisoryDetails, AdvisoryStore, AffectedRange, RecordVectors } from './types.js'
import { ecosystemName, versionOrder } from './versions/index.js'
import { compareRuns } from './versions/runs.js'

/** A record that applies, why, and to which name and version. */
export interface Hit {
  readonly advisory: Advisory
  readonly subject: Pick<Match, 'by' | 'name' | 'version'>
  readonly note?: MatchNote | undefined
  /** Never empty. */
  readonly ranges: readonly AffectedRange[]
}

export interface FindingParts {
  readonly package: Package
  /** Of the alias cluster. */
  readonly ids: ReadonlySet<string>
  /** The records that decide come first, bulletins behind them. */
  readonly hits: readonly Hit[]
  readonly state: FindingState
  readonly fixedVersion: string | undefined
  readonly store: AdvisoryStore
}

/** Where the distributions describe a CVE. */
const CVE_PAGES: ReadonlyMap<string, (cve: string) => string> = new Map([
  ['Alpine', (cve) => `https://security.alpinelinux.org/vuln/${cve}`],
  ['Amazon Linux', (cve) => `https://explore.alas.aws.amazon.com/${cve}.html`],
  ['Debian', (cve) => `https://security-tracker.debian.org/tracker/${cve}`],
  ['Oracle Linux', (cve) => `https://linux.oracle.com/cve/${cve}.html`],
  ['Red Hat', (cve) => `https://access.redhat.com/security/cve/${cve}`],
  ['SUSE', (cve) => `https://www.suse.com/security/cve/${cve}.html`],
  ['openSUSE', (cve) => `https://www.suse.com/security/cve/${cve}.html`],
  ['Ubuntu', (cve) => `https://ubuntu.com/security/${cve}`],
])

/** One finding out of all records that make it. */
export function buildFinding(parts: FindingParts): Finding {
  const { hits, store, fixedVersion } = parts
  const records = hits.flatMap(({ advisory }) => store.details(advisory.id) ?? [])
  const vulnerability = firstCve(parts.ids) ?? hits[0]!.advisory.id
  const given = scoresOf([...hits.map(({ advisory }) => advisory), ...records])
  const cvss = given.length > 0 ? given : scoresOf(store.vectors(vulnerability))
  const vendorSeverity = hits.find(({ advisory }) => advisory.vendorSeverity !== undefined)?.advisory.vendorSeverity
  const url = urlOf(vulnerability, hits[0]!.advisory.ecosystem, records)
  const published = records.flatMap(({ published }) => published ?? []).sort()[0]
  const modified = records
    .flatMap(({ modified }) => modified ?? [])
    .sort()
    .at(-1)
  return {
    vulnerability,
    ids: idsOf(vulnerability, parts),
    package: parts.package,
    severity: headline(hits, cvss),
    ...(vendorSeverity === undefined ? {} : { vendorSeverity }),
    cvss,
    state: parts.state,
    ...(fixedVersion === undefined ? {} : { fixedVersion }),
    otherFixedVersions: otherFixes(parts),
    matches: matchesOf(hits),
    title: records[0]?.summary || `${vulnerability} - ${hits[0]!.subject.name}`,
    description: records.find(({ details }) => details !== '')?.details ?? '',
    references: [...new Set(records.flatMap(({ references }) => references))],
    ...(url === undefined ? {} : { url }),
    ...(published === undefined ? {} : { published }),
    ...(modified === undefined ? {} : { modified }),
    ...([...parts.ids].some(isMalware) ? { malware: true } : {}),
    ...store.exploitation(vulnerability),
  }
}

function idsOf(vulnerability: string, { ids, hits }: FindingParts): string[] {
  const others = new Set([...ids, ...hits.map(({ advisory }) => advisory.id)])
  others.delete(vulnerability)
  return [vulnerability, ...[...others].sort(compareRuns)]
}

function matchesOf(hits: readonly Hit[]): Match[] {
  return hits.map(({ advisory, subject, ranges, note }) => {
    const notes = versionOrder(advisory.ecosystem).isValid(subject.version) ? note : 'version-unparsed'
    return {
      advisory: advisory.id,
      ecosystem: advisory.ecosystem,
      by: subject.by,
      name: subject.name,
      version: subject.version,
      range: ranges[0]!,
      ...(notes === undefined ? {} : { note: notes }),
    }
  })
}

/** Fixes of the other branches. */
function otherFixes({ hits, fixedVersion }: FindingParts): string[] {
  const { compare } = versionOrder(hits[0]!.advisory.ecosystem)
  return [...new Set(hits.flatMap(({ advisory }) => fixedVersions(advisory)))].filter((version) => version !== fixedVersion).sort(compare)
}

/** The vendor's word, else the first vector: a vendor knows how its package is built. */
function headline(hits: readonly Hit[], cvss: readonly CvssScore[]): Severity {
  if (hits.some(({ advisory }) => isMalware(advisory.id))) return 'critical'
  for (const { advisory } of hits) {
    const severity = severityOfWord(advisory.vendorSeverity)
    if (severity !== undefined) return severity
  }
  return cvss[0] ? severityOfScore(cvss[0]) : 'unknown'
}

/** Every valid vector once; those given for the very package come before those of the records. */
function scoresOf(records: readonly RecordVectors[]): CvssScore[] {
  const scores = new Map<string, CvssScore>()
  for (const { id, severity } of records) {
    for (const { score: vector } of severity) {
      const score = scores.has(vector) ? undefined : scoreVector(vector)
      if (score) scores.set(vector, { ...score, source: id })
    }
  }
  return [...scores.values()]
}

function urlOf(vulnerability: string, ecosystem: string, records: readonly AdvisoryDetails[]): string | undefined {
  const page = CVE_PAGES.get(ecosystemName(ecosystem))
  if (page !== undefined && vulnerability.startsWith('CVE-')) return page(vulnerability)
  return records.flatMap(({ references }) => references)[0]
}
