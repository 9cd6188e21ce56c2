import type { Finding, FindingState, MatchNote, Package } from '../../model.js'
import { type Cluster, clusterByVulnerability } from '../clusters.js'
import { buildFinding } from '../finding.js'
import type { AdvisorySource, MatchContext, Matcher } from '../types.js'
import { compareRpm } from '../versions/rpm.js'
import { amazonCandidates, livePatchedCves } from './amazon.js'
import { epelEcosystem, type RpmEcosystems, rpmEcosystems } from './rpm-distributions.js'
import { type RpmCandidate, rpmCandidates } from './rpm-subjects.js'
import { smallestFix } from './smallest-fix.js'

interface Candidate extends RpmCandidate {
  readonly note?: MatchNote | undefined
}

/** Fedora builds the packages of EPEL. */
const EPEL_VENDOR = /fedora/i

/** Amazon Linux, RHEL and its rebuilds, Fedora with EPEL, SUSE, and the other distributions made of rpm packages. */
export const rpmMatcher: Matcher = {
  types: ['rpm'],
  source(pkg: Package): AdvisorySource {
    const ecosystems = ecosystemsFor(pkg)
    if (typeof ecosystems === 'string') return { kind: 'none', reason: ecosystems }
    return { kind: 'ecosystems', ecosystems: [ecosystems.name], includes: ecosystems.includes }
  },
  match(pkg: Package, context: MatchContext): readonly Finding[] {
    const own = ecosystemsFor(pkg)
    if (typeof own === 'string') return []
    const isAmazon = own.name.startsWith('Amazon Linux:')
    const candidates: readonly Candidate[] = isAmazon
      ? amazonCandidates(pkg, own.name, context)
      : context.ecosystems.flatMap((ecosystem) =>
          rpmCandidates(pkg, ecosystem, context.store).map((candidate) => ({ ...candidate, note: own.note })),
        )
    const patched = isAmazon ? livePatchedCves(pkg, context) : new Set<string>()
    return clusterByVulnerability(candidates).flatMap((cluster) => findingOf(pkg, cluster, patched, context) ?? [])
  },
}

/** Whose advisories apply to a package: its distribution's only where that has built it. */
function ecosystemsFor({ distro, vendor }: Package): RpmEcosystems | string {
  if (!distro) return 'belongs to no distribution that could be identified'
  const ecosystems = rpmEcosystems(distro)
  if (typeof ecosystems === 'string' || vendor === undefined || ecosystems.vendor.test(vendor)) return ecosystems
  const epel = EPEL_VENDOR.test(vendor) ? epelEcosystem(distro) : undefined
  if (epel !== undefined) return { name: epel, includes: (ecosystem: string) => ecosystem === epel, vendor: EPEL_VENDOR }
  return 'built by another vendor than the distribution: no advisory source'
}

function findingOf(
  pkg: Package,
  { ids, own, bulletins }: Cluster<Candidate>,
  patched: ReadonlySet<string>,
  { store }: MatchContext,
): Finding | undefined {
  if (own.some(({ advisory }) => advisory.status === 'not-affected')) return undefined
  // What the vendor says of the vulnerability itself counts before the bulletins that fix it among others.
  const deciding = own.length > 0 ? own : bulletins
  const affecting = deciding.filter(({ ranges }) => ranges.length > 0)
  if (affecting.length === 0) return undefined
  const announced = bulletins.filter((bulletin) => bulletin.ranges.length > 0 && !affecting.includes(bulletin))
  const hits = [...affecting, ...announced]
  const fixedVersion = smallestFix(deciding, compareRpm) ?? smallestFix(announced, compareRpm)
  const isPatched = [...ids].some((id) => patched.has(id))
  const state = isPatched ? 'mitigated-by-livepatch' : fixedVersion === undefined ? stateWithoutFix(affecting) : 'fix-available'
  return buildFinding({ package: pkg, ids, hits, state, fixedVersion, store })
}

function stateWithoutFix(hits: readonly Candidate[]): FindingState {
  if (hits.some(({ advisory }) => advisory.status === 'will-not-fix')) return 'will-not-fix'
  if (hits.every(({ advisory }) => advisory.status === 'under-investigation')) return 'unknown'
  return hits.every(({ ranges }) => ranges.every(({ lastAffected }) => lastAffected !== undefined)) ? 'unknown' : 'no-fix'
}
