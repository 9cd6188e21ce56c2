import type { Package } from '../../model.js'
import { isModular } from '../modules.js'
import { affectedRanges } from '../range.js'
import type { Advisory, AdvisoryRange, AdvisoryStore, AffectedRange, RangeEvent } from '../types.js'
import { versionOrder } from '../versions/index.js'
import type { Subject } from './deb-subjects.js'

/** An advisory looked up for an rpm package, and what it says of the installed version: affected where `ranges` is not empty. */
export interface RpmCandidate {
  /** With those ranges alone that are about this build. */
  readonly advisory: Advisory
  readonly subject: Subject
  readonly ranges: readonly AffectedRange[]
}

/** Architecture-independent packages are in no one's list but everyone's. */
const ANY_ARCH = 'noarch'

/** Oracle's own kernels: one release has several upstream lines of them under one name. */
const SEVERAL_LINES = /^kernel-uek(?:-|$)/

/** The advisories of an ecosystem for a package: by its own name, or by its source package's where the records name those. */
export function rpmCandidates(pkg: Package, ecosystem: string, store: AdvisoryStore): RpmCandidate[] {
  const order = versionOrder(ecosystem)
  return subjectsOf(pkg).flatMap((subject) =>
    store
      .lookup(ecosystem, subject.name)
      .filter((advisory) => (advisory.sourcePackage === true) === (subject.lookUp === 'source'))
      .map((advisory): RpmCandidate => {
        const ranges = advisory.ranges.filter((range) => isFor(range, pkg))
        const own = { ...advisory, ranges: subject.withoutEpoch ? ranges.map(withoutEpochs) : ranges }
        const { by, name, version } = subject
        return { advisory: own, subject: { by, name, version }, ranges: affectedRanges(own, version, order) }
      }),
  )
}

function subjectsOf(pkg: Package): (Subject & { lookUp: 'name' | 'source'; withoutEpoch: boolean })[] {
  const { name, version, source = name, sourceVersion = version } = pkg
  const epoch = /^(\d+):/.exec(version)?.[0] ?? ''
  // A package with a version of its own may have an epoch of its own: nothing tells its source's.
  const isSourcesOwn = version.slice(epoch.length) === sourceVersion || version === sourceVersion
  return [
    { by: 'name', lookUp: 'name', name, version, withoutEpoch: false },
    {
      by: source === name ? 'name' : 'source',
      lookUp: 'source',
      name: source,
      version: isSourcesOwn ? version : sourceVersion,
      withoutEpoch: !isSourcesOwn,
    },
  ]
}

function withoutEpochs(range: AdvisoryRange): AdvisoryRange {
  const bare = (event: RangeEvent): RangeEvent =>
    Object.fromEntries(Object.entries(event).map(([kind, version]) => [kind, (version as string).replace(/^\d+:/, '')]))
  return { ...range, events: range.events.map(bare) }
}

/** Whether a range is about builds for this architecture, of this module stream and of this flavour. */
function isFor(range: AdvisoryRange, pkg: Package): boolean {
  const { arches, events } = range
  if (arches && pkg.arch !== undefined && pkg.arch !== ANY_ARCH && !arches.includes(pkg.arch)) return false
  if (!isOfStream(range, pkg)) return false
  const fixed = events.flatMap(({ fixed }) => fixed ?? [])
  if (SEVERAL_LINES.test(pkg.name) && !fixed.every((version) => isSameLine(version, pkg.version))) return false
  return fixed.every((version) => flavourOf(version) === flavourOf(pkg.version))
}

/** `nodejs:18:8100020240301:a75119d5` is a build of the stream `nodejs:18`. */
function isOfStream({ modules, events }: AdvisoryRange, { modularity, version }: Package): boolean {
  const isBuiltInModule = modularity !== undefined || isModular(version)
  const fixed = events.flatMap((event) => event.fixed ?? [])
  // Without a fix nothing in a range tells a module's build from another.
  if (fixed.length === 0 && !modules) return true
  if (!modules) return !isBuiltInModule
  if (!isBuiltInModule) return false
  const stream = modularity?.split(':').slice(0, 2).join(':')
  if (stream !== undefined && modules.length > 0) return modules.includes(stream)
  return fixed.some((other) => isSameLine(other, version))
}

/** Oracle builds some packages twice, for live patching and for FIPS, each with versions of its own. */
function flavourOf(version: string): string {
  return /ksplice|fips/.exec(version)?.[0] ?? ''
}

/** Whether two versions are of one upstream line: the same first two numbers, whatever the epoch and release. */
export function isSameLine(a: string, b: string): boolean {
  return lineOf(a) === lineOf(b)
}

/** `4.14` of `4.14.355-277.amzn2`. */
export function lineOf(version: string): string {
  const upstream = version.replace(/^\d+:/, '').replace(/-[^-]*$/, '')
  return /^\D*\d+(?:\.\d+)?/.exec(upstream)?.[0] ?? upstream
}
