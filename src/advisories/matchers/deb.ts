import type { Finding, FindingState, Package } from '../../model.js'
import { type Cluster, clusterByVulnerability } from '../clusters.js'
import { buildFinding } from '../finding.js'
import { firstCve, isVendorRecord, vendorRecordId } from '../ids.js'
import { affectedRanges } from '../range.js'
import type { Advisory, AdvisorySource, AdvisoryStore, AffectedRange, MatchContext, Matcher } from '../types.js'
import { compareDeb } from '../versions/deb.js'
import { versionOrder } from '../versions/index.js'
import { debEcosystems } from './deb-ecosystems.js'
import { debSubjects, type Subject } from './deb-subjects.js'
import { smallestFix } from './smallest-fix.js'

/** An advisory looked up for a package, and what it says of the installed version: affected where `ranges` is not empty. */
export interface Candidate {
  readonly advisory: Advisory
  readonly subject: Subject
  /** From a Pro ecosystem. */
  readonly pro: boolean
  readonly ranges: readonly AffectedRange[]
}

interface Verdict {
  readonly hits: readonly Candidate[]
  readonly state: FindingState
  readonly fixedVersion: string | undefined
}

/** Versions built for Expanded Security Maintenance: `1.1.1f-1ubuntu2.24+esm1`, `8.12.1-1ubuntu0.1~esm1`. */
const ESM = /esm\d/

/** Debian, Ubuntu (with Pro) and the derivatives that install their packages. */
export const debMatcher: Matcher = {
  types: ['deb'],
  source(pkg: Package): AdvisorySource {
    if (!pkg.distro) return { kind: 'none', reason: 'belongs to no distribution that could be identified' }
    const ecosystems = debEcosystems(pkg.distro)
    if (typeof ecosystems === 'string') return { kind: 'none', reason: ecosystems }
    return { kind: 'ecosystems', ecosystems: [...ecosystems.base, ...ecosystems.pro] }
  },
  match(pkg: Package, { store }: MatchContext): readonly Finding[] {
    const ecosystems = pkg.distro && debEcosystems(pkg.distro)
    if (!ecosystems || typeof ecosystems === 'string') return []
    const subjects = debSubjects(pkg)
    const candidates = [
      ...ecosystems.base.flatMap((ecosystem) => lookUp(store, ecosystem, subjects, false)),
      ...ecosystems.pro.flatMap((ecosystem) => lookUp(store, ecosystem, subjects, true)),
    ]
    return clusterByVulnerability(candidates).flatMap((cluster) => findingOf(pkg, cluster, store) ?? [])
  },
}

function lookUp(store: AdvisoryStore, ecosystem: string, subjects: readonly Subject[], pro: boolean): Candidate[] {
  const order = versionOrder(ecosystem)
  return subjects.flatMap((subject, i) =>
    store
      .lookup(ecosystem, subject.name)
      // A binary package is not the source package that happens to have its name.
      .filter((advisory) => i === 0 || !advisory.sourcePackage)
      .map((advisory) => ({ advisory, subject, pro, ranges: affectedRanges(advisory, subject.version, order) })),
  )
}

function findingOf(pkg: Package, cluster: Cluster<Candidate>, store: AdvisoryStore): Finding | undefined {
  const cve = firstCve(cluster.ids)
  // A bulletin covers several releases and vulnerabilities; the vendor's record of a CVE says which of them go together.
  const bulletins = cluster.bulletins.filter(
    ({ advisory: { ecosystem } }) => cve === undefined || !store.speaksFor(ecosystem, vendorRecordId(ecosystem, cve)),
  )
  // The vendor's own record comes first: the finding takes its words.
  const own = [...cluster.own].sort((a, b) => Number(isVendorRecord(b.advisory)) - Number(isVendorRecord(a.advisory)))
  const deciding = own.length > 0 ? own : bulletins
  if (own.some(({ advisory, pro }) => !pro && advisory.status === 'not-affected')) return undefined
  const verdict = judge(deciding, cluster.bulletins, pkg)
  if (!verdict) return undefined
  const announced = cluster.bulletins.filter(
    (bulletin) => bulletin.ranges.length > 0 && !verdict.hits.includes(bulletin) && verdict.hits.some(({ pro }) => pro === bulletin.pro),
  )
  return buildFinding({
    package: pkg,
    ids: cluster.ids,
    hits: [...verdict.hits, ...announced],
    state: verdict.state,
    fixedVersion: verdict.fixedVersion,
    store,
  })
}

/**
 * What the records of one vulnerability say of the installed version together.
 *
 * Ubuntu lists what only Pro subscribers get under Pro ecosystems. A package built for Pro is judged by those; any other by its base
 * release, and where that leaves the package out while Pro has it, the base release is affected too and gets no fix.
 */
function judge(deciding: readonly Candidate[], bulletins: readonly Candidate[], pkg: Package): Verdict | undefined {
  const base = deciding.filter(({ pro }) => !pro)
  const pro = deciding.filter((candidate) => candidate.pro)
  const builtForPro = deciding.some(({ subject }) => ESM.test(subject.version))
  const judges = (builtForPro && pro.length > 0) || base.length === 0 ? pro : base
  const hits = judges.filter(({ ranges }) => ranges.length > 0)
  if (hits.length === 0) return undefined
  const announced = bulletins.filter((bulletin) => bulletin.pro === (judges === pro))
  const fixedVersion = smallestFix(judges, compareDeb) ?? smallestFix(announced, compareDeb)
  if (fixedVersion !== undefined) {
    const needsPro = judges === pro && !builtForPro && pkg.distro?.pro !== true
    return { hits, state: needsPro ? 'needs-pro' : 'fix-available', fixedVersion }
  }
  const proFix = judges === base ? smallestFix(pro, compareDeb) : undefined
  if (proFix !== undefined) {
    const state = pkg.distro?.pro === true ? 'fix-available' : 'needs-pro'
    return { hits: [...hits, ...pro.filter(({ ranges }) => ranges.length > 0)], state, fixedVersion: proFix }
  }
  return { hits, state: stateWithoutFix(hits), fixedVersion: undefined }
}

function stateWithoutFix(hits: readonly Candidate[]): FindingState {
  if (hits.some(({ advisory }) => advisory.vendorSeverity === 'end-of-life' || advisory.status === 'will-not-fix')) return 'will-not-fix'
  if (hits.every(({ advisory }) => advisory.status === 'under-investigation')) return 'unknown'
  // A last affected version says that a later one is free of it, not which.
  return hits.every(({ ranges }) => ranges.every(({ lastAffected }) => lastAffected !== undefined)) ? 'unknown' : 'no-fix'
}
