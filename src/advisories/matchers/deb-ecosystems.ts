import type { OsRelease } from '../../model.js'
import { DEBIAN_CODENAMES } from '../debian-codenames.js'
import { UBUNTU_CODENAMES } from '../ubuntu-codenames.js'

/** The OSV ecosystems of a release that is made of deb packages; `pro` holds what Ubuntu Pro subscribers get besides. */
export interface DebEcosystems {
  readonly base: readonly string[]
  readonly pro: readonly string[]
}

/** Derivatives are built on long-term releases. */
const isLongTerm = (release: string): boolean => /[02468]\.04$/.test(release)

/** Releases before wheezy are published with their minor number: `Debian:6.0`. */
const LAST_DEBIAN_WITH_MINOR = 6

/**
 * Where the advisories for a distribution's packages are kept, or why they are nowhere.
 *
 * A derivative takes its parent's advisories only where its os-release gives the parent's own release number and codename: it then
 * installs the parent's packages (Raspberry Pi OS, Pop!_OS). One that numbers its releases itself (Mint, Kali, Devuan) does not.
 */
export function debEcosystems(distro: OsRelease): DebEcosystems | string {
  if (distro.id === 'debian') return debian(distro)
  if (distro.id === 'ubuntu') return ubuntu(distro)
  const { versionId, versionCodename = '' } = distro
  if (
    distro.idLike.includes('ubuntu') &&
    versionId !== undefined &&
    isLongTerm(versionId) &&
    UBUNTU_CODENAMES.get(versionCodename) === versionId
  )
    return ubuntu(distro)
  const debianRelease = DEBIAN_CODENAMES.get(versionCodename)
  if (distro.idLike.includes('debian') && debianRelease !== undefined && versionId === String(debianRelease)) return debian(distro)
  return `no advisories are read for ${distro.prettyName ?? distro.name}`
}

function debian({ versionId, versionCodename, prettyName, name }: OsRelease): DebEcosystems | string {
  const major = /^(\d+)(?:\.|$)/.exec(versionId ?? '')?.[1]
  if (major !== undefined) {
    const release = Number(major)
    return { base: [`Debian:${release}`, ...(release <= LAST_DEBIAN_WITH_MINOR ? [`Debian:${release}.0`] : []), 'Debian'], pro: [] }
  }
  // Testing and sid have no number, and the same os-release; their packages are listed under the number the next release will have.
  const next = DEBIAN_CODENAMES.get(versionCodename ?? '') ?? (versionCodename === 'sid' ? undefined : 'unknown')
  if (next === 'unknown') return `no advisories are known for the release of ${prettyName ?? name}`
  return { base: [...(next === undefined ? [] : [`Debian:${next}`]), 'Debian:sid', 'Debian'], pro: [] }
}

function ubuntu({ versionId, prettyName, name }: OsRelease): DebEcosystems | string {
  const release = /^(\d+)\.(\d\d)(?:\.|$)/.exec(versionId ?? '')
  if (!release) return `no advisories are known for the release of ${prettyName ?? name}`
  const [, year, month] = release
  const version = `${year}.${month}${Number(year) % 2 === 0 && month === '04' ? ':LTS' : ''}`
  // FIPS, Realtime and the other subscriptions are builds of their own: their advisories say nothing about these packages.
  return { base: [`Ubuntu:${version}`, 'Ubuntu'], pro: [`Ubuntu:Pro:${version}`] }
}
