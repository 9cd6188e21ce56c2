import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Advisory, AdvisoryDetails, AdvisoryRange, AdvisoryStatus, RangeEvent, SeverityVector } from './types.js'

/** `user_version` of a database; another number is another layout, and is refused. */
export const SCHEMA_VERSION = 2
/** `application_id`: "snap". */
export const APPLICATION_ID = 0x736e6170

export const SCHEMA_SQL: string = `
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
  -- One row for each package of each record.
  CREATE TABLE advisories (ecosystem TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY (ecosystem, name, id)) WITHOUT ROWID;
  CREATE TABLE records (id TEXT PRIMARY KEY, source TEXT NOT NULL, modified TEXT NOT NULL, data NOT NULL) WITHOUT ROWID;
  -- All other ids of the same vulnerability, transitively.
  CREATE TABLE aliases (id TEXT PRIMARY KEY, ids TEXT NOT NULL) WITHOUT ROWID;
  -- CVSS vectors by CVE, whichever record gives them.
  CREATE TABLE vectors (cve TEXT NOT NULL, id TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (cve, id)) WITHOUT ROWID;
  CREATE TABLE exploited (cve TEXT PRIMARY KEY, source TEXT NOT NULL, since TEXT NOT NULL, due TEXT, ransomware INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE epss (cve TEXT PRIMARY KEY, source TEXT NOT NULL, probability REAL NOT NULL, percentile REAL NOT NULL) WITHOUT ROWID;
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
`

/** Keys of the `meta` table; values are JSON. */
export interface Meta {
  /** ISO 8601. */
  readonly built: string
  readonly records: number
  readonly sources: readonly SourceInfo[]
  /** Ecosystems whose vendor keeps a record of every CVE. */
  readonly cveEcosystems: readonly string[]
  /** Ecosystems with any advisories. */
  readonly ecosystems: readonly string[]
}

/** Where records came from, and under which terms. */
export interface SourceInfo {
  readonly name: string
  readonly advisories: number
  /** ISO 8601: when the source was last seen to be as stored. */
  readonly updated: string
  readonly url?: string
  readonly license?: string
  readonly attribution?: string
  /** Headers that tell whether the feed has changed. */
  readonly etag?: string
  readonly lastModified?: string
  readonly hash?: string
}

/** Letters of the events in a row, so that millions of rows stay small. */
const EVENT_LETTERS = { introduced: 'i', fixed: 'f', last_affected: 'l', limit: 'm' } as const
const EVENT_KINDS: ReadonlyMap<string, keyof RangeEvent> = new Map(
  Object.entries(EVENT_LETTERS).map(([kind, letter]) => [letter, kind as keyof RangeEvent]),
)

/** Letters of what a range is limited to. */
const ARCHES = 'A'
const MODULES = 'M'

/** `data` of an advisory row: what is absent is empty. */
interface RowData {
  /** Ranges: `E` or `S` (the type), then events as letter and version, architectures and module streams. */
  readonly r?: readonly (readonly string[])[]
  readonly v?: readonly string[]
  /** Upstream ids, where they are more than the CVE in the record's own id. */
  readonly u?: readonly string[]
  readonly w?: string
  readonly c?: readonly SeverityVector[]
  readonly s?: 1
  readonly t?: AdvisoryStatus
}

export function encodeAdvisory(advisory: Advisory): string {
  const data: RowData = {
    ...(advisory.ranges.length > 0 ? { r: advisory.ranges.map(encodeRange) } : {}),
    ...(advisory.versions.length > 0 ? { v: advisory.versions } : {}),
    ...(advisory.upstream.length > 0 && !isImplied(advisory) ? { u: advisory.upstream } : {}),
    ...(advisory.vendorSeverity === undefined ? {} : { w: advisory.vendorSeverity }),
    ...(advisory.severity.length > 0 ? { c: advisory.severity } : {}),
    ...(advisory.sourcePackage ? { s: 1 as const } : {}),
    ...(advisory.status === undefined ? {} : { t: advisory.status }),
  }
  return JSON.stringify(data)
}

/** `DEBIAN-CVE-2024-2961` derives from CVE-2024-2961, as its id says. */
function isImplied({ id, upstream }: Advisory): boolean {
  return upstream.length === 1 && id.endsWith(`-${upstream[0]}`)
}

export function decodeAdvisory(ecosystem: string, packageName: string, id: string, aliases: readonly string[], data: string): Advisory {
  const { r = [], v = [], u, w, c = [], s, t } = JSON.parse(data) as RowData
  return {
    id,
    ecosystem,
    packageName,
    ...(s ? { sourcePackage: true } : {}),
    ranges: r.map(decodeRange),
    versions: v,
    aliases,
    upstream: u ?? [],
    ...(w === undefined ? {} : { vendorSeverity: w }),
    severity: c,
    ...(t === undefined ? {} : { status: t }),
  }
}

function encodeRange({ type, events, arches, modules }: AdvisoryRange): string[] {
  const letters = Object.entries(EVENT_LETTERS) as [keyof RangeEvent, string][]
  return [
    type.charAt(0),
    ...events.flatMap((event) => letters.flatMap(([kind, letter]) => (event[kind] === undefined ? [] : [`${letter}${event[kind]}`]))),
    ...(arches ? [`${ARCHES}${arches.join(' ')}`] : []),
    ...(modules ? [`${MODULES}${modules.join(' ')}`] : []),
  ]
}

function decodeRange([type, ...items]: readonly string[]): AdvisoryRange {
  const after = (letter: string): string | undefined => items.find((item) => item.startsWith(letter))?.slice(1)
  const arches = after(ARCHES)
  const modules = after(MODULES)
  return {
    type: type === 'S' ? 'SEMVER' : 'ECOSYSTEM',
    events: items.flatMap((item) => {
      const kind = EVENT_KINDS.get(item.charAt(0))
      return kind ? [{ [kind]: item.slice(1) }] : []
    }),
    ...(arches === undefined ? {} : { arches: arches.split(' ') }),
    ...(modules === undefined ? {} : { modules: modules.split(' ').filter((name) => name !== '') }),
  }
}

/** Below this many characters, deflating saves nothing. */
const MIN_DEFLATED = 200

/** Text, or deflated text where that is smaller. */
export function encodeDetails(details: AdvisoryDetails): string | Uint8Array {
  const json = JSON.stringify(details)
  if (json.length < MIN_DEFLATED) return json
  return deflateRawSync(json, { level: 6 })
}

export function decodeDetails(data: string | Uint8Array): AdvisoryDetails {
  const json = typeof data === 'string' ? data : inflateRawSync(data, { maxOutputLength: 1 << 26 }).toString('utf8')
  return JSON.parse(json) as AdvisoryDetails
}
