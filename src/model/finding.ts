import type { Package } from './package.js'

export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'negligible' | 'none' | 'unknown'

export interface CvssScore {
  /** `2.0`, `3.0`, `3.1`, `4.0`. */
  readonly version: string
  readonly vector: string
  /** 0..10. */
  readonly baseScore: number
  /** Advisory record that gives it: one of those that matched, else another one of the same CVE. */
  readonly source: string
}

/** A half-open or closed stretch of versions; every field in the ecosystem's own spelling. */
export interface AffectedRange {
  /** `0`: from the first version on. */
  readonly introduced: string
  readonly fixed?: string
  readonly lastAffected?: string
  /** Exactly this version is listed. */
  readonly exact?: string
}

/** Why an advisory applies to a package. */
export interface Match {
  /** Record that matched: `DSA-5673-1`. */
  readonly advisory: string
  readonly ecosystem: string
  /** The package's own name, or its source package's. */
  readonly by: 'name' | 'source'
  readonly name: string
  /** The version that was compared. */
  readonly version: string
  readonly range: AffectedRange
  readonly note?: MatchNote
}

/**
 * What to know of a match.
 * - `version-unparsed` the installed version is outside its ecosystem's grammar; its place in the order is a guess
 * - `repository-assumed` which repository the package is from is not recorded; this one has versions of the same upstream line
 * - `approximate` the advisories of the distribution that this one is rebuilt from
 */
export type MatchNote = 'version-unparsed' | 'repository-assumed' | 'approximate'

/** `mitigated-by-livepatch`: a kernel live patch that is installed takes the vulnerability out of the running kernel. */
export type FindingState = 'fix-available' | 'no-fix' | 'needs-pro' | 'will-not-fix' | 'mitigated-by-livepatch' | 'unknown'

/** Of CISA's catalogue of known exploited vulnerabilities. */
export interface Exploited {
  /** `YYYY-MM-DD`: in the catalogue since. */
  readonly since: string
  /** `YYYY-MM-DD`: by when federal agencies have to mend it. */
  readonly dueDate?: string
  /** Used in ransomware campaigns. */
  readonly ransomware?: boolean
}

/** Of FIRST's Exploit Prediction Scoring System. */
export interface ExploitPrediction {
  /** 0..1: of being exploited within 30 days. */
  readonly probability: number
  /** 0..1: share of all vulnerabilities with at most this probability. */
  readonly percentile: number
}

/** One vulnerability in one package. */
export interface Finding {
  /** The CVE where there is one, else the advisory's own id. */
  readonly vulnerability: string
  /** All ids of the alias cluster, and of the records that matched. */
  readonly ids: readonly string[]
  readonly package: Package
  readonly severity: Severity
  /** The vendor's own word: `not yet assigned`, `Medium`. */
  readonly vendorSeverity?: string
  readonly cvss: readonly CvssScore[]
  readonly state: FindingState
  /** Smallest version that fixes the branch the package is on. */
  readonly fixedVersion?: string
  readonly otherFixedVersions: readonly string[]
  readonly matches: readonly Match[]
  readonly title: string
  readonly description: string
  readonly references: readonly string[]
  /** Where the vulnerability is described. */
  readonly url?: string
  /** ISO 8601. */
  readonly published?: string
  readonly modified?: string
  /** Malware advisory (`MAL-…`). */
  readonly malware?: boolean
  /** It is known to be exploited. */
  readonly exploited?: Exploited
  readonly epss?: ExploitPrediction
}
