import type { CatalogerCoverage, VolumeCoverage } from './coverage.js'
import type { Finding } from './finding.js'
import type { Issue } from './issue.js'
import type { Package } from './package.js'
import type { SystemInfo } from './system.js'

export interface ScanStats {
  /** Requests to the EBS direct APIs (0 for local images); retries are counted in. */
  readonly requests: number
  readonly listRequests: number
  readonly blocks: number
  readonly bytes: number
  readonly retries: number
  readonly cacheHits: number
  /** US dollars of those requests at list prices. */
  readonly usd: number
  readonly milliseconds: number
}

export interface DatabaseInfo {
  readonly path: string
  /** ISO 8601. */
  readonly built: string
  readonly advisories: number
  readonly sources: readonly { readonly name: string; readonly advisories: number; readonly updated: string }[]
}

/** What a scan found, and how far that can be trusted. */
export interface ScanResult {
  readonly schemaVersion: 1
  readonly scanner: { readonly name: 'snapsight'; readonly version: string }
  /** ISO 8601. */
  readonly startedAt: string
  readonly finishedAt: string
  /** `complete` only where nothing that could hold packages stayed unread. */
  readonly status: 'complete' | 'incomplete'
  readonly systems: readonly SystemInfo[]
  readonly volumes: readonly VolumeCoverage[]
  readonly catalogers: readonly CatalogerCoverage[]
  readonly packages: readonly Package[]
  /** Empty without an advisory database; see `database`. */
  readonly findings: readonly Finding[]
  readonly issues: readonly Issue[]
  readonly database?: DatabaseInfo
  readonly stats: ScanStats
}
