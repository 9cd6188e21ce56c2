import { affectedRanges } from '../range.js'
import type { Advisory, AffectedRange, CompareVersions } from '../types.js'
import { versionOrder } from '../versions/index.js'

/** The smallest version above the installed one that ends its branch and that none of the records calls affected. */
export function smallestFix(
  candidates: readonly { readonly advisory: Advisory; readonly ranges: readonly AffectedRange[] }[],
  compare: CompareVersions,
): string | undefined {
  const fixes = candidates.flatMap(({ ranges }) => ranges.flatMap(({ fixed }) => fixed ?? [])).sort(compare)
  return fixes.find((fix) =>
    candidates.every(({ advisory }) => affectedRanges(advisory, fix, versionOrder(advisory.ecosystem)).length === 0),
  )
}
