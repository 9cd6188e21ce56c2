import { cveOf, isBulletin } from './ids.js'
import { isSpecialBuild, rpmRows, summarySeverity } from './osv-rpm.js'
import { type Fields, fieldsOf, isZeroTime, nameOf, namesOf, timeOf, versionOf, versionsOf } from './osv-values.js'
import { distinctRanges, rangeFinder } from './range.js'
import { cleanText, referenceUrls } from './texts.js'
import type { Advisory, AdvisoryDetails, AdvisoryRange, AdvisoryRecord, RangeEvent, SeverityVector } from './types.js'
import { hasVersionOrder, versionOrder } from './versions/index.js'

/** An OSV record as far as it is read here, in its own names. Nothing is taken for granted: any field may be absent or of another type. */
export interface OsvRecord {
  readonly id?: unknown
  readonly modified?: unknown
  readonly published?: unknown
  readonly withdrawn?: unknown
  readonly aliases?: unknown
  readonly upstream?: unknown
  readonly related?: unknown
  readonly summary?: unknown
  readonly details?: unknown
  readonly severity?: unknown
  readonly affected?: unknown
  readonly references?: unknown
  readonly database_specific?: unknown
}

/** What became of one record. `skipped`: entries of it that cannot be matched, by reason; the rest of it was used. */
export type OsvOutcome =
  | { readonly kind: 'record'; readonly record: AdvisoryRecord; readonly skipped: readonly string[] }
  | { readonly kind: 'withdrawn'; readonly id: string; readonly modified: string | undefined }
  | { readonly kind: 'rejected'; readonly reason: string; readonly id: string | undefined }

/** Newest standard first, as for the headline severity. */
const CVSS_TYPES = ['CVSS_V4', 'CVSS_V3', 'CVSS_V2']
const EVENT_KINDS = ['introduced', 'fixed', 'last_affected', 'limit'] as const

/**
 * An OSV record (a parsed JSON value of any shape) as rows of ours. Never throws.
 *
 * https://ossf.github.io/osv-schema/
 */
export function parseOsv(value: unknown): OsvOutcome {
  const record: OsvRecord | undefined = fieldsOf(value)
  if (!record) return { kind: 'rejected', reason: 'not a JSON object', id: undefined }
  const id = nameOf(record.id)
  if (id === undefined) return { kind: 'rejected', reason: 'no usable id', id: undefined }
  if (isWithdrawn(record)) return { kind: 'withdrawn', id, modified: timeOf(record.modified) }
  // Canonical's live patch notices name kernel modules, not package versions.
  if (id.startsWith('LSN-')) return { kind: 'rejected', reason: 'live patch notice', id }
  if (/^AL[BE]A-/.test(id)) return { kind: 'rejected', reason: 'not a security advisory', id }
  if (!Array.isArray(record.affected) || record.affected.length === 0) return { kind: 'rejected', reason: 'no affected packages', id }
  const { advisories, skipped } = affectedPackages(id, record, record.affected)
  if (advisories.length === 0) return { kind: 'rejected', reason: skipped[0] ?? 'no affected packages', id }
  return { kind: 'record', record: { details: detailsOf(id, record), advisories }, skipped }
}

function affectedPackages(id: string, record: OsvRecord, affected: readonly unknown[]): { advisories: Advisory[]; skipped: string[] } {
  const rows = new Map<string, Advisory>()
  const skipped: string[] = []
  const shared = { id, ...namesakesOf(id, record) }
  for (const entry of affected) {
    if (hasUnreadableRange(fieldsOf(entry)?.ranges)) skipped.push('unreadable range')
    const advisory = affectedPackage(shared, record, entry)
    if (typeof advisory === 'string') {
      skipped.push(advisory)
      continue
    }
    for (const row of rpmRows(advisory, fieldsOf(entry)!, record.summary)) {
      const key = `${row.ecosystem}\n${row.packageName}`
      const earlier = rows.get(key)
      // Several entries for one package are alternatives: it is affected where any of them says so.
      rows.set(key, earlier ? joined(earlier, row) : row)
    }
  }
  return { advisories: [...rows.values()], skipped }
}

/**
 * Ids of the same vulnerability, and of those the record derives from. What a bulletin fixes is several vulnerabilities wherever its
 * publisher lists them: exports from before `upstream` (schema 1.7) have them in `related`.
 */
function namesakesOf(id: string, record: OsvRecord): Pick<Advisory, 'aliases' | 'upstream'> {
  const aliases = namesOf(record.aliases).filter((alias) => alias !== id)
  const upstream = namesOf(record.upstream)
  if (!isBulletin(id)) return { aliases, upstream }
  const fixed = [...upstream, ...aliases]
  return { aliases: [], upstream: fixed.length > 0 ? fixed : namesOf(record.related).filter((related) => cveOf(related) !== undefined) }
}

function isWithdrawn({ withdrawn }: OsvRecord): boolean {
  if (withdrawn === undefined || withdrawn === null || withdrawn === '') return false
  // A zero time stands for none; any other value, readable or not, says that the record was taken back.
  return typeof withdrawn !== 'string' || !isZeroTime(withdrawn)
}

function joined(a: Advisory, b: Advisory): Advisory {
  return {
    ...b,
    ...a,
    ranges: distinctRanges([...a.ranges, ...b.ranges]),
    versions: [...a.versions, ...b.versions],
    severity: a.severity.length > 0 ? a.severity : b.severity,
  }
}

/** The row of one `affected` entry, or the reason why it cannot be matched. */
function affectedPackage(shared: Pick<Advisory, 'id' | 'aliases' | 'upstream'>, record: OsvRecord, value: unknown): Advisory | string {
  const entry = fieldsOf(value)
  const subject = fieldsOf(entry?.package)
  if (!entry || !subject) return 'entry without a package'
  const packageName = nameOf(subject.name)
  const ecosystem = nameOf(subject.ecosystem)
  if (packageName === undefined || ecosystem === undefined) return 'entry without a package name or ecosystem'
  if (isSpecialBuild(subject.purl)) return 'build of a special interest group'
  const ranges = rangesOf(entry.ranges)
  const listed = versionsOf(entry.versions)
  if (ranges.length === 0 && listed.length === 0) return hasGitRange(entry.ranges) ? 'only GIT ranges' : 'no versions and no usable ranges'
  const vendorSeverity = vendorSeverityOf(entry, record) ?? summarySeverity(ecosystem, record.summary)
  return {
    ...shared,
    ecosystem: canonicalEcosystem(ecosystem),
    packageName,
    ...(isSourcePackage(subject.purl) ? { sourcePackage: true } : {}),
    ranges,
    versions: hasVersionOrder(ecosystem) ? outside(ranges, listed, ecosystem) : listed,
    ...(vendorSeverity === undefined ? {} : { vendorSeverity }),
    severity: vectorsOf(entry.severity),
  }
}

/** The listed versions that no range holds: the others add nothing, and they are most of a distribution's feed. */
function outside(ranges: readonly AdvisoryRange[], versions: readonly string[], ecosystem: string): string[] {
  const find = rangeFinder(ranges, versionOrder(ecosystem).compare)
  return versions.filter((version) => find(version).length === 0)
}

/** `Ubuntu:26.04` is published as `Ubuntu:26.04:LTS` from its release on; both are one. Long-term releases are the Aprils of even years. */
function canonicalEcosystem(ecosystem: string): string {
  return /^Ubuntu:(?:Pro:)?\d*[02468]\.04$/.test(ecosystem) ? `${ecosystem}:LTS` : ecosystem
}

/** Debian and Ubuntu say so in the purl: `pkg:deb/debian/glibc?arch=source`. */
function isSourcePackage(purl: unknown): boolean {
  return typeof purl === 'string' && /^pkg:deb\/[^?]*\?(?:[^#]*&)?arch=source(?:[&#]|$)/.test(purl)
}

function rangesOf(value: unknown): AdvisoryRange[] {
  return Array.isArray(value) ? value.flatMap((item) => rangeOf(item) ?? []) : []
}

/** Undefined where it holds no versions (GIT), or an event that cannot be read: without it the range would say something else. */
function rangeOf(value: unknown): AdvisoryRange | undefined {
  const range = fieldsOf(value)
  if ((range?.type !== 'ECOSYSTEM' && range?.type !== 'SEMVER') || !Array.isArray(range.events)) return undefined
  const events = range.events.map(eventOf)
  if (!events.every((event) => event !== undefined)) return undefined
  return events.some(({ introduced }) => introduced !== undefined) ? { type: range.type, events } : undefined
}

function eventOf(value: unknown): RangeEvent | undefined {
  const event = fieldsOf(value)
  const read = EVENT_KINDS.filter((kind) => event?.[kind] !== undefined).map((kind) => [kind, versionOf(event?.[kind])] as const)
  if (read.length === 0 || read.some(([, version]) => version === undefined)) return undefined
  return Object.fromEntries(read) as RangeEvent
}

function hasUnreadableRange(value: unknown): boolean {
  return Array.isArray(value) && value.some((range) => fieldsOf(range)?.type !== 'GIT' && rangeOf(range) === undefined)
}

function hasGitRange(value: unknown): boolean {
  return Array.isArray(value) && value.some((range) => fieldsOf(range)?.type === 'GIT')
}

/** Debian's `urgency`, Ubuntu's priority in each of the places it has been published, a database's own word. */
function vendorSeverityOf(entry: Fields, record: OsvRecord): string | undefined {
  const specific = fieldsOf(entry.ecosystem_specific)
  return (
    ubuntuPriority(entry.severity) ??
    nameOf(specific?.urgency) ??
    nameOf(specific?.ubuntu_priority) ??
    ubuntuPriority(record.severity) ??
    nameOf(fieldsOf(entry.database_specific)?.severity) ??
    nameOf(fieldsOf(record.database_specific)?.severity)
  )
}

function ubuntuPriority(severity: unknown): string | undefined {
  if (!Array.isArray(severity)) return undefined
  return nameOf(severity.map(fieldsOf).find((item) => item?.type === 'Ubuntu')?.score)
}

function vectorsOf(value: unknown): SeverityVector[] {
  if (!Array.isArray(value)) return []
  const vectors = value.flatMap((item): SeverityVector[] => {
    const { type, score } = fieldsOf(item) ?? {}
    return typeof type === 'string' && CVSS_TYPES.includes(type) && nameOf(score) !== undefined ? [{ type, score: score as string }] : []
  })
  return vectors.sort((a, b) => CVSS_TYPES.indexOf(a.type) - CVSS_TYPES.indexOf(b.type))
}

function detailsOf(id: string, record: OsvRecord): AdvisoryDetails {
  const published = timeOf(record.published)
  const modified = timeOf(record.modified)
  return {
    id,
    related: namesOf(record.related),
    severity: vectorsOf(record.severity),
    summary: cleanText(record.summary),
    details: cleanText(record.details),
    references: referencesOf(record.references),
    ...(published === undefined ? {} : { published }),
    ...(modified === undefined ? {} : { modified }),
  }
}

function referencesOf(value: unknown): string[] {
  return Array.isArray(value) ? referenceUrls(value.map((item) => fieldsOf(item)?.url)) : []
}
