import type { CompareVersions } from '../types.js'
import { compareDeb, isDebVersion } from './deb.js'
import { compareRuns } from './runs.js'

/** How the versions of one ecosystem are ordered. */
export interface VersionOrder {
  readonly compare: CompareVersions
  /** False for a version outside the ecosystem's grammar: it still has its place in the order, as a guess. */
  isValid(version: string): boolean
}

const deb: VersionOrder = { compare: compareDeb, isValid: isDebVersion }

/** By ecosystem name without its suffix. */
const ORDERS: ReadonlyMap<string, VersionOrder> = new Map([
  ['Debian', deb],
  ['Ubuntu', deb],
])

const FALLBACK: VersionOrder = { compare: compareRuns, isValid: () => false }

/** An OSV ecosystem without its suffix: `Ubuntu` of `Ubuntu:22.04:LTS`. */
export function ecosystemName(ecosystem: string): string {
  const colon = ecosystem.indexOf(':')
  return colon === -1 ? ecosystem : ecosystem.slice(0, colon)
}

/** The order of an ecosystem's versions (suffix allowed); an unknown ecosystem gets plain runs of text and numbers. */
export function versionOrder(ecosystem: string): VersionOrder {
  return ORDERS.get(ecosystemName(ecosystem)) ?? FALLBACK
}

/** Whether the order of this ecosystem is known, not guessed. */
export function hasVersionOrder(ecosystem: string): boolean {
  return ORDERS.has(ecosystemName(ecosystem))
}
