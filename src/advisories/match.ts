import type { Finding, Package } from '../model.js'
import { matcherFor } from './matchers/index.js'
import type { Advisory, AdvisoryDetails, AdvisorySource, AdvisoryStore } from './types.js'
import { compareRuns } from './versions/runs.js'

/** A package that could not be held against any advisory, and why. */
export interface UnmatchedPackage {
  readonly package: Package
  readonly reason: string
}

export interface MatchResult {
  /** Ordered by package name, version, architecture and path, then by vulnerability, whatever the order of the packages. */
  readonly findings: readonly Finding[]
  readonly unmatched: readonly UnmatchedPackage[]
}

/** Holds packages against the advisories of a store: one finding for each vulnerability of each package. */
export function matchPackages(packages: readonly Package[], store: AdvisoryStore): MatchResult {
  const findings: Finding[] = []
  const unmatched: UnmatchedPackage[] = []
  const cached = withLookupCache(store)
  const installed = bySystemAndName(packages)
  const known = new Map<string, readonly string[]>()
  for (const pkg of packages) {
    const source = advisorySourceFor(pkg)
    if (source.kind === 'none') {
      unmatched.push({ package: pkg, reason: source.reason })
      continue
    }
    const names = source.ecosystems.join('\n')
    const { includes = (ecosystem: string): boolean => source.ecosystems.includes(ecosystem) } = source
    const ecosystems = known.get(names) ?? [...store.ecosystems].filter(includes)
    known.set(names, ecosystems)
    if (ecosystems.length === 0) {
      unmatched.push({ package: pkg, reason: `the database holds no advisories for ${source.ecosystems[0]}` })
      continue
    }
    const context = { store: cached, ecosystems, installed: (name: string) => installed.get(placeKey(pkg, name)) ?? [] }
    findings.push(...(matcherFor(pkg.type)?.match(pkg, context) ?? []))
  }
  findings.sort((a, b) => comparePackages(a.package, b.package) || compareIds(a.vulnerability, b.vulnerability))
  unmatched.sort((a, b) => comparePackages(a.package, b.package))
  return { findings, unmatched }
}

function bySystemAndName(packages: readonly Package[]): Map<string, Package[]> {
  const installed = new Map<string, Package[]>()
  for (const pkg of packages) {
    const key = placeKey(pkg, pkg.name)
    const namesakes = installed.get(key)
    if (namesakes) namesakes.push(pkg)
    else installed.set(key, [pkg])
  }
  return installed
}

/** A container's tree is a place of its own: what is installed in it stands in its own package database. */
function placeKey({ type, system = '', path, evidence }: Package, name: string): string {
  return [type, system, evidence.volume ?? '', path, name].join('\n')
}

/** Which ecosystems' advisories apply to a package, or why none do. */
export function advisorySourceFor(pkg: Package): AdvisorySource {
  const matcher = matcherFor(pkg.type)
  if (!matcher) return { kind: 'none', reason: `no advisories are read for ${pkg.type} packages` }
  if (pkg.version === '') return { kind: 'none', reason: 'its version is unknown' }
  return matcher.source(pkg)
}

/** Many packages come from one source: each name is looked up, and each record read, once. */
function withLookupCache(store: AdvisoryStore): AdvisoryStore {
  const rows = new Map<string, readonly Advisory[]>()
  const records = new Map<string, AdvisoryDetails | undefined>()
  return {
    lookup(ecosystem: string, packageName: string): readonly Advisory[] {
      const key = `${ecosystem}\n${packageName}`
      const known = rows.get(key) ?? store.lookup(ecosystem, packageName)
      rows.set(key, known)
      return known
    },
    details(id: string): AdvisoryDetails | undefined {
      if (!records.has(id)) records.set(id, store.details(id))
      return records.get(id)
    },
    speaksFor: (ecosystem, id) => store.speaksFor(ecosystem, id),
    ecosystems: store.ecosystems,
    exploitation: (cve) => store.exploitation(cve),
    vectors: (cve) => store.vectors(cve),
    info: store.info,
    close: () => store.close(),
  }
}

function comparePackages(a: Package, b: Package): number {
  return (
    compareText(a.name, b.name) ||
    compareText(a.version, b.version) ||
    compareText(a.arch ?? '', b.arch ?? '') ||
    compareText(a.system ?? '', b.system ?? '') ||
    compareText(a.path, b.path) ||
    compareText(a.evidence.volume ?? '', b.evidence.volume ?? '')
  )
}

/** By number where ids have numbers: CVE-2024-999 before CVE-2024-10000. */
function compareIds(a: string, b: string): number {
  return compareRuns(a, b) || compareText(a, b)
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}
