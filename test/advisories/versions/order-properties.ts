import { expect } from 'vitest'
import type { CompareVersions } from '../../../src/advisories/types.js'

/** Fails where `compare` is not antisymmetric or not transitive over these versions. */
export function expectTotalOrder(compare: CompareVersions, versions: readonly string[]): void {
  for (const a of versions) {
    for (const b of versions) {
      const ab = compare(a, b)
      if (ab + compare(b, a) !== 0) expect.fail(`${a} ? ${b}: ${ab}, and ${compare(b, a)} the other way round`)
      if (ab > 0) continue
      for (const c of versions) if (compare(b, c) <= 0 && compare(a, c) > 0) expect.fail(`${a} <= ${b} <= ${c} but ${a} > ${c}`)
    }
  }
}

/** Lines of `fixture` (`a < b`, `a = b`) on which `compare` says something else, either way round. */
export function wrongLines(compare: CompareVersions, fixture: string): string[] {
  return fixture
    .trimEnd()
    .split('\n')
    .filter((line) => {
      const [a, relation, b] = line.split(' ') as [string, '<' | '=', string]
      const expected = relation === '<' ? -1 : 0
      return compare(a, b) !== expected || compare(b, a) !== 0 - expected
    })
}

/** Longest time in milliseconds that 20 comparisons of versions of 10,000 units take, over several units. */
export function slowest(compare: CompareVersions, units: readonly string[]): number {
  return Math.max(
    ...units.map((unit) => {
      const long = unit.repeat(10_000)
      const start = performance.now()
      for (let i = 0; i < 20; i++) compare(`1${long}1`, `1${long}2`)
      return performance.now() - start
    }),
  )
}
