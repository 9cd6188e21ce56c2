import type { AffectedRange, DatabaseInfo, Exploited, ExploitPrediction, Finding, Package } from '../model.js'

/** One advisory record as it concerns one package of one ecosystem: what the store holds a row of. */
export interface Advisory {
  /** `DSA-5673-1`, `DEBIAN-CVE-2024-2961`, `UBUNTU-CVE-…`. */
  readonly id: string
  /** With its suffix: `Debian:12`, `Ubuntu:Pro:22.04:LTS`. */
  readonly ecosystem: string
  readonly packageName: string
  /** The record says that the name is a source package's; no binary package is meant by it. */
  readonly sourcePackage?: boolean
  readonly ranges: readonly AdvisoryRange[]
  /** Versions listed one by one, beyond those in the ranges. */
  readonly versions: readonly string[]
  /** Other ids of the same vulnerability. */
  readonly aliases: readonly string[]
  /** Ids this record derives from (the CVEs of a distribution's advisory). */
  readonly upstream: readonly string[]
  /** The vendor's own word for this package: Debian's urgency, Ubuntu's priority. */
  readonly vendorSeverity?: string
  /** Of this package alone, where the record gives it one; it counts before the record's own. */
  readonly severity: readonly SeverityVector[]
  readonly status?: AdvisoryStatus
}

/**
 * What the vendor says beyond affected versions.
 * - `not-affected` whatever other records say
 * - `will-not-fix` affected, and no fix is to come
 * - `under-investigation` not known yet whether it is affected
 */
export type AdvisoryStatus = 'not-affected' | 'will-not-fix' | 'under-investigation'

/** What one record says of itself, whatever the package. */
export interface AdvisoryDetails {
  readonly id: string
  readonly related: readonly string[]
  readonly severity: readonly SeverityVector[]
  readonly summary: string
  readonly details: string
  readonly references: readonly string[]
  /** ISO 8601. */
  readonly published?: string
  readonly modified?: string
}

/** `CVSS_V2`, `CVSS_V3` or `CVSS_V4` and its vector. */
export interface SeverityVector {
  readonly type: string
  readonly score: string
}

/** A record as a feed gives it, in our terms. */
export interface AdvisoryRecord {
  readonly details: AdvisoryDetails
  readonly advisories: readonly Advisory[]
  /** The feed spreads the record over several files or places; what is stored of it already stays. */
  readonly partial?: boolean
}

/** The events of one range, as published. */
export interface AdvisoryRange {
  readonly type: 'SEMVER' | 'ECOSYSTEM'
  readonly events: readonly RangeEvent[]
  /** Only for builds for these architectures. */
  readonly arches?: readonly string[]
  /** Only for builds of one of these module streams (`nodejs:18`); none: of a module, whose stream is not said. */
  readonly modules?: readonly string[]
}

export interface RangeEvent {
  readonly introduced?: string
  readonly fixed?: string
  readonly last_affected?: string
  readonly limit?: string
}

export interface AdvisoryStore {
  /** Advisories of an ecosystem (with its suffix) for a package name. Never withdrawn ones. */
  lookup(ecosystem: string, packageName: string): readonly Advisory[]
  details(id: string): AdvisoryDetails | undefined
  /**
   * Whether the vendor keeps a record of its own under this id (`UBUNTU-CVE-2024-6387`) in a feed that covers the ecosystem
   * vulnerability by vulnerability. A package which that record does not list for the ecosystem is not affected.
   */
  speaksFor(ecosystem: string, id: string): boolean
  /** Ecosystems that there are advisories for, each with its suffix. */
  readonly ecosystems: ReadonlySet<string>
  /** What is known of a CVE's exploitation. */
  exploitation(cve: string): Exploitation
  /** The CVSS vectors that any record gives a CVE. */
  vectors(cve: string): readonly RecordVectors[]
  readonly info: DatabaseInfo
  close(): void
}

/** Total order over the versions of one ecosystem; never throws, linear in the length of its arguments. */
export type CompareVersions = (a: string, b: string) => number

export interface Exploitation {
  readonly exploited?: Exploited
  readonly epss?: ExploitPrediction
}

export interface RecordVectors {
  /** Of the record. */
  readonly id: string
  readonly severity: readonly SeverityVector[]
}

/** What a package is matched in. */
export interface MatchContext {
  readonly store: AdvisoryStore
  /** Those ecosystems of the store that the package's source includes. */
  readonly ecosystems: readonly string[]
  /** All packages of the same type on the same system that have a name. */
  installed(name: string): readonly Package[]
}

/** Matches the packages of some types. A new one is one file here and one line in `matchers/index.ts`. */
export interface Matcher {
  readonly types: readonly Package['type'][]
  /** Where advisories for this package come from, or why there are none. */
  source(pkg: Package): AdvisorySource
  match(pkg: Package, context: MatchContext): readonly Finding[]
}

/**
 * `ecosystems`: those whose advisories apply; where more do whose names only a database knows (products of Red Hat and SUSE, Amazon's
 * extras), `includes` recognises all. `none`: no advisories apply to the package, and why.
 */
export type AdvisorySource =
  | { readonly kind: 'ecosystems'; readonly ecosystems: readonly string[]; readonly includes?: (ecosystem: string) => boolean }
  | { readonly kind: 'none'; readonly reason: string }

export type { AffectedRange }
