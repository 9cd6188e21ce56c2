import type { Finding, FindingState, OsRelease, Package } from '../../model.js'
import { type Cluster, clusterByVulnerability } from '../clusters.js'
import { buildFinding } from '../finding.js'
import { affectedRanges } from '../range.js'
import type { Advisory, AdvisorySource, AffectedRange, MatchContext, Matcher } from '../types.js'
import { compareApk } from '../versions/apk.js'
import { versionOrder } from '../versions/index.js'
import type { Subject } from './deb-subjects.js'
import { smallestFix } from './smallest-fix.js'

interface Candidate {
  readonly advisory: Advisory
  readonly subject: Subject
  readonly ranges: readonly AffectedRange[]
}

/** Rolling distributions, whose advisories also list the packages that one source is built into. */
const ROLLING: ReadonlyMap<string, string> = new Map([
  ['wolfi', 'Wolfi'],
  ['chainguard', 'Chainguard'],
])

/** Alpine, Wolfi and Chainguard. */
export const apkMatcher: Matcher = {
  types: ['apk'],
  source(pkg: Package): AdvisorySource {
    if (!pkg.distro) return { kind: 'none', reason: 'belongs to no distribution that could be identified' }
    const ecosystem = ecosystemOf(pkg.distro)
    return ecosystem === undefined
      ? { kind: 'none', reason: `no advisories are known for ${pkg.distro.prettyName ?? pkg.distro.name}` }
      : { kind: 'ecosystems', ecosystems: [ecosystem] }
  },
  match(pkg: Package, { store, ecosystems }: MatchContext): readonly Finding[] {
    const candidates = ecosystems.flatMap((ecosystem) =>
      subjectsOf(pkg).flatMap((subject) =>
        store.lookup(ecosystem, subject.name).map((advisory): Candidate => {
          return { advisory, subject, ranges: affectedRanges(advisory, subject.version, versionOrder(ecosystem)) }
        }),
      ),
    )
    return clusterByVulnerability(candidates).flatMap((cluster) => findingOf(pkg, cluster, store) ?? [])
  },
}

/** `Alpine:v3.20` for 3.20.3; a pre-release (`3.21_alpha20240807`) is of edge. */
function ecosystemOf({ id, versionId = '' }: OsRelease): string | undefined {
  if (id !== 'alpine') return ROLLING.get(id)
  if (/^(?:edge|\d+\.\d+_alpha)/.test(versionId)) return 'Alpine:edge'
  const release = /^(\d+\.\d+)(?:\.|$|_rc)/.exec(versionId)?.[1]
  return release === undefined ? undefined : `Alpine:v${release}`
}

function subjectsOf({ name, version, source = name, sourceVersion = version, distro }: Package): Subject[] {
  if (source === name) return [{ by: 'name', name, version }]
  const bySource: Subject = { by: 'source', name: source, version: sourceVersion }
  return distro && ROLLING.has(distro.id) ? [bySource, { by: 'name', name, version }] : [bySource]
}

function findingOf(pkg: Package, { ids, own, bulletins }: Cluster<Candidate>, store: MatchContext['store']): Finding | undefined {
  if (own.some(({ advisory }) => advisory.status === 'not-affected')) return undefined
  const deciding = own.length > 0 ? own : bulletins
  const hits = deciding.filter(({ ranges }) => ranges.length > 0)
  if (hits.length === 0) return undefined
  const fixedVersion = smallestFix(deciding, compareApk)
  const state: FindingState = fixedVersion === undefined ? 'no-fix' : 'fix-available'
  return buildFinding({ package: pkg, ids, hits, state, fixedVersion, store })
}
