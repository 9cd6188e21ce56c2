import type { MatchNote, OsRelease } from '../../model.js'

/** Where the advisories for the packages of an rpm distribution are kept. */
export interface RpmEcosystems {
  /** The release's own, as a person would name it. */
  readonly name: string
  includes(ecosystem: string): boolean
  /** Who builds the distribution's own packages. */
  readonly vendor: RegExp
  readonly note?: MatchNote
}

interface Distribution {
  /** `ID` of os-release. */
  readonly ids: readonly string[]
  readonly vendor: RegExp
  readonly note?: MatchNote
  /** What of VERSION_ID names the release; undefined where it is of no use. */
  ecosystems(versionId: string, id: string): Pick<RpmEcosystems, 'name' | 'includes'> | undefined
}

const MAJOR = /^(\d+)(?:\.|$)/

/** One ecosystem for each release that `pattern` finds in VERSION_ID. */
function numbered(name: string, pattern: RegExp = MAJOR): Distribution['ecosystems'] {
  return (versionId) => {
    const release = pattern.exec(versionId)?.[1]
    return release === undefined ? undefined : single(`${name}:${release}`)
  }
}

function single(name: string): Pick<RpmEcosystems, 'name' | 'includes'> {
  return { name, includes: (ecosystem) => ecosystem === name }
}

/** Extended support (`rhel_eus:9.2`) and layered products have names of their own: they are other streams of the same packages. */
function redHat(versionId: string): Pick<RpmEcosystems, 'name' | 'includes'> | undefined {
  const major = MAJOR.exec(versionId)?.[1]
  if (major === undefined) return undefined
  const products = new RegExp(`^Red Hat:enterprise_linux:${major}(?:\\.\\d+)?(?:::|$)`)
  return { name: `Red Hat:enterprise_linux:${major}`, includes: (ecosystem) => products.test(ecosystem) }
}

/** The modules of a service pack are products of their own, of which every server has some; long-term support needs a subscription. */
function suse(versionId: string, id: string): Pick<RpmEcosystems, 'name' | 'includes'> | undefined {
  const [, major, pack] = /^(\d+)(?:\.(\d+))?$/.exec(versionId) ?? []
  if (major === undefined) return undefined
  const release = pack === undefined || pack === '0' ? major : Number(major) >= 16 ? `${major}.${pack}` : `${major} SP${pack}`
  const product = `SUSE:Linux Enterprise Server ${id === 'sles_sap' ? 'for SAP Applications ' : ''}${release}`
  const server = `SUSE:Linux Enterprise Server ${release}`
  const module = 'SUSE:Linux Enterprise Module for '
  return {
    name: product,
    includes: (ecosystem) =>
      ecosystem === product || ecosystem === server || (ecosystem.startsWith(module) && ecosystem.endsWith(` ${release}`)),
  }
}

/** Core has the release's name; the other repositories have theirs behind it. */
function amazon(versionId: string): Pick<RpmEcosystems, 'name' | 'includes'> | undefined {
  const number =
    /^(2023|2022|2)(?:\.|$)/.exec(versionId)?.[1] ?? (/^20(?:11|12|13|14|15|16|17|18)\.\d\d$/.test(versionId) ? '1' : undefined)
  if (number === undefined) return undefined
  const name = `Amazon Linux:${number}`
  return { name, includes: (ecosystem) => ecosystem === name || ecosystem.startsWith(`${name}:`) }
}

const DISTRIBUTIONS: readonly Distribution[] = [
  { ids: ['amzn'], vendor: /amazon/i, ecosystems: amazon },
  { ids: ['rhel'], vendor: /^red hat/i, ecosystems: redHat },
  { ids: ['centos', 'scientific'], vendor: /centos|scientific|red hat/i, note: 'approximate', ecosystems: redHat },
  { ids: ['rocky'], vendor: /rocky/i, ecosystems: numbered('Rocky Linux') },
  { ids: ['almalinux'], vendor: /almalinux/i, ecosystems: numbered('AlmaLinux') },
  { ids: ['ol'], vendor: /oracle/i, ecosystems: numbered('Oracle Linux') },
  { ids: ['fedora'], vendor: /fedora/i, ecosystems: numbered('Fedora') },
  { ids: ['sles', 'sles_sap'], vendor: /suse/i, ecosystems: suse },
  { ids: ['opensuse-leap'], vendor: /suse/i, ecosystems: (versionId) => single(`openSUSE:Leap ${versionId}`) },
  { ids: ['opensuse-tumbleweed'], vendor: /suse/i, ecosystems: () => single('openSUSE:Tumbleweed') },
  { ids: ['bottlerocket'], vendor: /bottlerocket|amazon/i, ecosystems: () => single('Bottlerocket') },
  { ids: ['azurelinux', 'mariner'], vendor: /microsoft/i, ecosystems: numbered('Azure Linux') },
  { ids: ['photon'], vendor: /vmware|broadcom/i, ecosystems: numbered('Photon OS', /^(\d+\.\d+)/) },
  { ids: ['mageia'], vendor: /mageia/i, ecosystems: numbered('Mageia') },
  { ids: ['openeuler'], vendor: /openeuler/i, ecosystems: (versionId) => single(`openEuler:${versionId}`) },
]

/** The advisories for the packages that a distribution itself builds, or why there are none. */
export function rpmEcosystems({ id, versionId = '', prettyName, name }: OsRelease): RpmEcosystems | string {
  const distribution = DISTRIBUTIONS.find(({ ids }) => ids.includes(id))
  if (!distribution) return `no advisories are read for ${prettyName ?? name}`
  const ecosystems = distribution.ecosystems(versionId, id)
  if (!ecosystems) return `no advisories are known for the release of ${prettyName ?? name}`
  const { vendor, note } = distribution
  return { ...ecosystems, vendor, ...(note && { note }) }
}

/** Extra Packages for Enterprise Linux are Fedora's, for all rebuilds of one release of RHEL. */
export function epelEcosystem({ id, idLike, versionId = '' }: OsRelease): string | undefined {
  const major = MAJOR.exec(versionId)?.[1]
  const isEnterprise = id === 'rhel' || idLike.includes('rhel') || ['centos', 'rocky', 'almalinux', 'ol', 'scientific'].includes(id)
  return isEnterprise && major !== undefined ? `EPEL:${major}` : undefined
}
