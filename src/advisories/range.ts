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
  return ranges.flatMap((range) => branchWith(range, version, compare) ?? [])
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

function branchWith(range: AdvisoryRange, version: string, compare: CompareVersions): AffectedRange | undefined {
  if (isBeyondLimits(range, version, compare)) return undefined
  const bounds = sortedBounds(range, compare)
  let introduced: string | undefined
  for (const bound of bounds) {
    const order = compareBound(bound, version, compare)
    if (bound.kind === 'introduced' && order <= 0) introduced ??= bound.version
    if (bound.kind === 'fixed' && order <= 0) introduced = undefined
    if (bound.kind === 'last_affected' && order < 0) introduced = undefined
  }
  if (introduced === undefined) return undefined
  const end = bounds.find((bound) => bound.kind !== 'introduced' && compareBound(bound, version, compare) >= 0)
  if (!end) return { introduced }
  return end.kind === 'fixed' ? { introduced, fixed: end.version } : { introduced, lastAffected: end.version }
}

function isBeyondLimits({ events }: AdvisoryRange, version: string, compare: CompareVersions): boolean {
  const limits = events.flatMap(({ limit }) => (limit === undefined ? [] : [limit]))
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
