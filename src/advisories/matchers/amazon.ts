import type { MatchNote, Package } from '../../model.js'
import type { Advisory, AdvisoryStore, MatchContext } from '../types.js'
import { compareRpm } from '../versions/rpm.js'
import { isSameLine, lineOf, type RpmCandidate, rpmCandidates } from './rpm-subjects.js'

export interface AmazonCandidate extends RpmCandidate {
  readonly note?: MatchNote | undefined
}

const LIVE_PATCHES = /:(?:kernel-)?livepatch$/
const LIVE_PATCH_NAME = /^kernel-livepatch-/
/** The kernel itself, of any line: not its headers, tools and modules, which no live patch changes. */
const KERNEL = /^kernel(?:\d+\.\d+)?$/
/** What dnf and yum record for the core repository of each release; `installed` came with the AMI, which has core packages only. */
const CORE_REPOSITORIES = /^(?:installed|amzn2-core|amazonlinux|amzn-main|amzn-updates)(?:\b|$)/
const EXTRAS_REPOSITORY = /^amzn2extra-(.+)$/

/**
 * The advisories for a package of Amazon Linux.
 *
 * Core and the extras have different packages under one name: the kernel 4.14 is in core, 5.4, 5.10 and 5.15 are in extras. A package is
 * held against those of its own repository. Where that is not recorded, it is the repository that has versions of the package's upstream line,
 * else core.
 */
export function amazonCandidates(pkg: Package, core: string, { store, ecosystems, installed }: MatchContext): AmazonCandidate[] {
  if (LIVE_PATCH_NAME.test(pkg.name)) {
    return ecosystems.filter((ecosystem) => LIVE_PATCHES.test(ecosystem)).flatMap((ecosystem) => rpmCandidates(pkg, ecosystem, store))
  }
  const repository = repositoryOf(pkg, core)
  if (repository !== undefined) return rpmCandidates(pkg, repository, store).filter(isForInstalledKernel(pkg, installed))
  const found = ecosystems
    .map((ecosystem) => ({ ecosystem, candidates: rpmCandidates(pkg, ecosystem, store).filter(isForInstalledKernel(pkg, installed)) }))
    .filter(({ candidates }) => candidates.length > 0)
  const onLine = found.filter(({ candidates }) => candidates.some((candidate) => isOfLine(candidate, pkg)))
  const isCoreOnly = found.every(({ ecosystem }) => ecosystem === core)
  const chosen = onLine.length > 0 ? onLine : found.filter(({ ecosystem }) => ecosystem === core)
  return chosen.flatMap(({ ecosystem, candidates }) => {
    const note = isCoreOnly ? undefined : ('repository-assumed' as const)
    const applicable = ecosystem === core ? candidates : candidates.filter((candidate) => isOfLine(candidate, pkg))
    return applicable.map((candidate) => ({ ...candidate, note }))
  })
}

/** The ecosystem of the repository that a package was installed from; undefined where that is not known. */
function repositoryOf({ repository = '' }: Package, core: string): string | undefined {
  if (CORE_REPOSITORIES.test(repository)) return core
  const topic = EXTRAS_REPOSITORY.exec(repository)?.[1]
  return topic === undefined ? undefined : `${core}:${topic}`
}

function isOfLine({ advisory }: RpmCandidate, { version }: Package): boolean {
  return advisory.ranges.some(({ events }) => events.some(({ fixed }) => fixed !== undefined && isSameLine(fixed, version)))
}

/**
 * Amazon Linux 2023 has later kernels under names of their own (`kernel6.12`), whose advisories list tools and headers under names that the
 * release's own kernel has too. They are meant for machines with that kernel.
 */
function isForInstalledKernel(pkg: Package, installed: MatchContext['installed']): (candidate: RpmCandidate) => boolean {
  const shares = isOfKernel(pkg)
  return ({ advisory }) => {
    if (!shares || !advisory.ecosystem.startsWith('Amazon Linux:2023')) return true
    const fixes = advisory.ranges.flatMap(({ events }) => events.flatMap(({ fixed }) => fixed ?? []))
    return fixes.every((fixed) => isSameLine(fixed, pkg.version) || installed(`kernel${lineOf(fixed)}`).length > 0)
  }
}

function isOfKernel({ name, source = name }: Package): boolean {
  return (
    KERNEL.test(source) ||
    KERNEL.test(name) ||
    name.startsWith('kernel-') ||
    name === 'bpftool' ||
    name === 'perf' ||
    name === 'python3-perf'
  )
}

/** CVEs that the live patches installed for exactly this kernel take out of it. */
export function livePatchedCves(pkg: Package, { store, ecosystems, installed }: MatchContext): ReadonlySet<string> {
  const cves = new Set<string>()
  if (!KERNEL.test(pkg.name)) return cves
  const kernel = pkg.version.replace(/^\d+:/, '').replace(/\.amzn\d+$/, '')
  const repositories = ecosystems.filter((ecosystem) => LIVE_PATCHES.test(ecosystem))
  for (const patch of installed(`kernel-livepatch-${kernel}`)) {
    if (patch.arch !== pkg.arch) continue
    for (const advisory of repositories.flatMap((ecosystem) => patchesOf(patch, ecosystem, store))) {
      for (const cve of advisory.upstream) cves.add(cve)
    }
  }
  return cves
}

/** Advisories that an installed live patch has in it already. */
function patchesOf(patch: Package, ecosystem: string, store: AdvisoryStore): Advisory[] {
  return rpmCandidates(patch, ecosystem, store)
    .filter(({ advisory: { ranges } }) =>
      ranges.some(({ events }) => events.some(({ fixed }) => fixed !== undefined && compareRpm(patch.version, fixed) >= 0)),
    )
    .map(({ advisory }) => advisory)
}
