import type { CompareVersions } from '../types.js'
import { compareApk, isApkVersion } from './apk.js'
import { compareDeb, isDebVersion } from './deb.js'
import { compareRpm, isRpmVersion } from './rpm.js'
import { compareRuns } from './runs.js'

/** How the versions of one ecosystem are ordered. */
export interface VersionOrder {
  readonly compare: CompareVersions
  /** False for a version outside the ecosystem's grammar: it still has its place in the order, as a guess. */
  isValid(version: string): boolean
}

const deb: VersionOrder = { compare: compareDeb, isValid: isDebVersion }
const rpm: VersionOrder = { compare: compareRpm, isValid: isRpmVersion }
const apk: VersionOrder = { compare: compareApk, isValid: isApkVersion }

/** By ecosystem name without its suffix. */
const ORDERS: ReadonlyMap<string, VersionOrder> = new Map([
  ['Debian', deb],
  ['Ubuntu', deb],
  ['AlmaLinux', rpm],
  ['Amazon Linux', rpm],
  ['Azure Linux', rpm],
  ['Bottlerocket', rpm],
  ['CentOS', rpm],
  ['EPEL', rpm],
  ['Fedora', rpm],
  ['Mageia', rpm],
  ['openEuler', rpm],
  ['openSUSE', rpm],
  ['Oracle Linux', rpm],
  ['Photon OS', rpm],
  ['Red Hat', rpm],
  ['Rocky Linux', rpm],
  ['SUSE', rpm],
  ['Alpaquita', apk],
  ['Alpine', apk],
  ['Chainguard', apk],
  ['MinimOS', apk],
  ['Wolfi', apk],
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
