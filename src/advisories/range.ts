import type { AffectedRange } from '../model.js'
import type { Advisory, AdvisoryRange, CompareVersions } from './types.js'
import type { VersionOrder } from './versions/index.js'

interface Bound {
  readonly kind: 'introduced' | 'fixed' | 'last_affected'
  readonly version: string
}

/** At one version `introduced` takes effect first, so that a version is never affected by what it fixes. */
const RANK = { introduced: 0, fixed: 1, last_affected: 1 } as const

/** `0` of an `introduced` event: below every version, whatever the ecosystem's order makes of a zero. */
const BEGINNING = '0'

/**
 * Why an advisory applies to a version: the stretches of its ranges that hold it, else the listed version that equals it; empty where
 * it does not apply.
 *
 * https://ossf.github.io/osv-schema/#evaluation
 */
export function affectedRanges(advisory: Advisory, version: string, order: VersionOrder): AffectedRange[] {
  const ranges = rangesWith(advisory.ranges, version, order.compare)
  if (ranges.length > 0) return ranges
  const listed = listedVersion(advisory.versions, version, order)
  return listed === undefined ? [] : [{ introduced: listed, exact: listed }]
}

/** The stretches of versions that hold a version: at most one of each range. */
export function rangesWith(ranges: readonly AdvisoryRange[], version: string, compare: CompareVersions): AffectedRange[] {
  return rangeFinder(ranges, compare)(version)
}

/** `rangesWith` for many versions: the events are sorted once. */
export function rangeFinder(ranges: readonly AdvisoryRange[], compare: CompareVersions): (version: string) => AffectedRange[] {
  const sorted = ranges.map((range) => ({ bounds: sortedBounds(range, compare), limits: limitsOf(range) }))
  return (version) =>
    sorted.flatMap(({ bounds, limits }) => (isBeyond(limits, version, compare) ? [] : (branchWith(bounds, version, compare) ?? [])))
}

/** Each range once. */
export function distinctRanges(ranges: readonly AdvisoryRange[]): AdvisoryRange[] {
  return [...new Map(ranges.map((range) => [JSON.stringify(range), range])).values()]
}

/** All `fixed` versions of an advisory, whatever the branch. */
export function fixedVersions({ ranges }: Advisory): string[] {
  return ranges.flatMap(({ events }) => events.flatMap(({ fixed }) => fixed ?? []))
}

/** A listed version is the same string, or an equal one where the installed version can be ordered at all. */
function listedVersion(versions: readonly string[], version: string, { compare, isValid }: VersionOrder): string | undefined {
  if (versions.includes(version)) return version
  return isValid(version) ? versions.find((other) => compare(other, version) === 0) : undefined
}

function branchWith(bounds: readonly Bound[], version: string, compare: CompareVersions): AffectedRange | undefined {
  let introduced: string | undefined
  let end: Bound | undefined
  for (const bound of bounds) {
    const order = compareBound(bound, version, compare)
    if (bound.kind === 'introduced' && order <= 0) introduced ??= bound.version
    if (bound.kind === 'fixed' && order <= 0) introduced = undefined
    if (bound.kind === 'last_affected' && order < 0) introduced = undefined
    if (bound.kind !== 'introduced' && order >= 0) end ??= bound
  }
  if (introduced === undefined) return undefined
  if (!end) return { introduced }
  return end.kind === 'fixed' ? { introduced, fixed: end.version } : { introduced, lastAffected: end.version }
}

function limitsOf({ events }: AdvisoryRange): string[] {
  return events.flatMap(({ limit }) => limit ?? [])
}

function isBeyond(limits: readonly string[], version: string, compare: CompareVersions): boolean {
  return limits.length > 0 && !limits.some((limit) => limit === '*' || compare(version, limit) < 0)
}

function sortedBounds({ events }: AdvisoryRange, compare: CompareVersions): Bound[] {
  const bounds: Bound[] = []
  for (const { introduced, fixed, last_affected } of events) {
    if (introduced !== undefined) bounds.push({ kind: 'introduced', version: introduced })
    if (fixed !== undefined) bounds.push({ kind: 'fixed', version: fixed })
    if (last_affected !== undefined) bounds.push({ kind: 'last_affected', version: last_affected })
  }
  return bounds.sort((a, b) => {
    const beginning = Number(isBeginning(b)) - Number(isBeginning(a))
    return beginning || (isBeginning(a) ? 0 : compare(a.version, b.version)) || RANK[a.kind] - RANK[b.kind]
  })
}

function isBeginning(bound: Bound): boolean {
  return bound.kind === 'introduced' && bound.version === BEGINNING
}

function compareBound(bound: Bound, version: string, compare: CompareVersions): number {
  return isBeginning(bound) ? -1 : compare(bound.version, version)
}
