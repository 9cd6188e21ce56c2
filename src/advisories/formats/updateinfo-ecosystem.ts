import { amazonEcosystem } from './amazon-ids.js'

/** What an update says of the distribution it is for. */
export interface UpdateOrigin {
  readonly id: string
  /** `Rocky Linux 8`, where the update has one. */
  readonly release: string
  /** `short` of the collection: `amazon-linux-2023---kernel-livepatch`, `RL8`. */
  readonly collection: string
  readonly collectionName: string
  /** Release of one of its packages: `3.el8_4`, which names the distribution's release where nothing else does. */
  readonly packageRelease: string
}

interface Distribution {
  readonly id: RegExp
  ecosystem(origin: UpdateOrigin): string | undefined
}

const DISTRIBUTIONS: readonly Distribution[] = [
  { id: /^ALAS/, ecosystem: ({ id, collection }) => amazonEcosystem(id, collection) },
  { id: /^BRSA-/, ecosystem: () => 'Bottlerocket' },
  { id: /^AL[SBE]A-/, ecosystem: (origin) => numbered('AlmaLinux', origin, /^almalinux-(\d+)/) },
  { id: /^R[LX][SBE]A-/, ecosystem: (origin) => numbered('Rocky Linux', origin, /^(?:RL|rocky-linux-)(\d+)/) },
  { id: /^FEDORA-EPEL-/, ecosystem: (origin) => numbered('EPEL', origin, /EPEL[ -](\d+)/) },
  { id: /^FEDORA-/, ecosystem: (origin) => numbered('Fedora', origin, /^F(?:edora )?(\d+)/) },
  { id: /^EL[SBE]A-/, ecosystem: (origin) => numbered('Oracle Linux', origin, /^(?:ol|Oracle Linux )(\d+)/) },
  { id: /^RH[SBE]A-/, ecosystem: (origin) => numbered('Red Hat:enterprise_linux', origin, /^rhel-(\d+)/) },
]

/** The ecosystem that an update of a repository's updateinfo.xml is for; undefined where it cannot be told. */
export function updateEcosystem(origin: UpdateOrigin): string | undefined {
  return DISTRIBUTIONS.find(({ id }) => id.test(origin.id))?.ecosystem(origin)
}

function numbered(
  name: string,
  { release, collection, collectionName, packageRelease }: UpdateOrigin,
  pattern: RegExp,
): string | undefined {
  const said = [collection, release, collectionName].map((text) => pattern.exec(text)?.[1]).find((number) => number !== undefined)
  const number = said ?? /(?:Linux|Fedora|EPEL)[ -](\d+)/.exec(release)?.[1] ?? /\.(?:el|fc|module_el)(\d+)/.exec(packageRelease)?.[1]
  return number === undefined ? undefined : `${name}:${number}`
}
