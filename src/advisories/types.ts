import type { AffectedRange, DatabaseInfo, Finding, Package } from '../model.js'

/** One advisory record as it concerns one package of one ecosystem: what the store holds a row of. */
export interface Advisory {
  /** `DSA-5673-1`, `DEBIAN-CVE-2024-2961`, `UBUNTU-CVE-…`. */
  readonly id: string
  /** Other ids of the same vulnerability. */
  readonly aliases: readonly string[]
  /** Ids this record derives from (the CVEs of a distribution's advisory). */
  readonly upstream: readonly string[]
  readonly related: readonly string[]
  /** With its suffix: `Debian:12`, `Ubuntu:Pro:22.04:LTS`. */
  readonly ecosystem: string
  readonly packageName: string
  readonly ranges: readonly AdvisoryRange[]
  /** Versions listed one by one. */
  readonly versions: readonly string[]
  readonly severity: readonly { readonly type: string; readonly score: string }[]
  /** The vendor's own word. */
  readonly vendorSeverity?: string
  readonly summary: string
  readonly details: string
  readonly references: readonly string[]
  readonly published?: string
  readonly modified?: string
}

/** The events of one range, as published. */
export interface AdvisoryRange {
  readonly type: 'SEMVER' | 'ECOSYSTEM'
  readonly events: readonly {
    readonly introduced?: string
    readonly fixed?: string
    readonly last_affected?: string
    readonly limit?: string
  }[]
}

export interface AdvisoryStore {
  /** Advisories of an ecosystem (with its suffix) for a package name. Never withdrawn ones. */
  lookup(ecosystem: string, packageName: string): readonly Advisory[]
  readonly info: DatabaseInfo
  close(): void
}

/** Total order over the versions of one ecosystem; never throws, linear in the length of its arguments. */
export type CompareVersions = (a: string, b: string) => number

/** Matches the packages of some types. A new one is one file here and one line in `advisories/index.ts`. */
export interface Matcher {
  readonly types: readonly Package['type'][]
  match(pkg: Package, store: AdvisoryStore): readonly Finding[]
}

export type { AffectedRange }
