import { parseOsRelease } from '../formats/os-release.js'
import type { OsRelease } from '../model.js'
import type { OsTree } from './os-tree.js'
import { readText } from './read-text.js'
import { parseSuseProduct } from './suse-products.js'

interface Relative {
  readonly path: string
  decode(text: string): OsRelease | undefined
}

/**
 * Files that name the distribution where os-release does not, the most telling first: a distribution's own before those that it shares
 * with, or keeps for, the one it comes from (Oracle Linux has Red Hat's beside its own, Ubuntu has Debian's).
 */
const RELATIVES: readonly Relative[] = [
  { path: '/etc/photon-release', decode: decodeNamedVersion },
  { path: '/etc/mariner-release', decode: decodeNamedVersion },
  { path: '/etc/azurelinux-release', decode: decodeNamedVersion },
  { path: '/etc/lsb-release', decode: decodeLsbRelease },
  { path: '/etc/debian_version', decode: decodeDebianVersion },
  { path: '/etc/alpine-release', decode: (text) => release('alpine', 'Alpine Linux', text.trim()) },
  { path: '/etc/SuSE-release', decode: decodeSuseRelease },
  { path: '/etc/products.d/baseproduct', decode: decodeBaseProduct },
  ...['oracle', 'rocky', 'almalinux', 'centos', 'fedora', 'redhat', 'system'].map((name) => ({
    path: `/etc/${name}-release`,
    decode: decodeRedHatRelease,
  })),
  { path: '/usr/lib/system-release', decode: decodeRedHatRelease },
]

/** The ids under which os-release knows the distributions that files in the style of redhat-release name. */
const RED_HAT_IDS: readonly (readonly [RegExp, string])[] = [
  [/^Red Hat Enterprise Linux/, 'rhel'],
  [/^CentOS/, 'centos'],
  [/^Amazon Linux/, 'amzn'],
  [/^Oracle Linux/, 'ol'],
  [/^Rocky Linux/, 'rocky'],
  [/^AlmaLinux/, 'almalinux'],
  [/^Fedora/, 'fedora'],
]

/** The same for those that write `name version`. */
const NAMED_IDS: readonly (readonly [RegExp, string])[] = [
  [/^VMware Photon/, 'photon'],
  [/^CBL-Mariner/, 'mariner'],
  [/^Microsoft Azure Linux/, 'azurelinux'],
]

/** What os-release(5) takes for an id. */
const OS_ID = /^[a-z0-9._-]+$/

/** `DISTRIB_ID` in lower case, where os-release has another id. */
const LSB_IDS: ReadonlyMap<string, string> = new Map([['vmware photon os', 'photon']])

/** Distributions whose `VERSION_ID` is the first two numbers of the longer version in other files. */
const TWO_NUMBERS = new Set(['mariner', 'azurelinux'])

/** The ids of SUSE's base products. */
const SUSE_IDS: ReadonlyMap<string, string> = new Map([
  ['SLES', 'sles'],
  ['SLES_SAP', 'sles'],
  ['SLE-Micro', 'sle-micro'],
  ['SL-Micro', 'sl-micro'],
  ['Leap', 'opensuse-leap'],
  ['openSUSE', 'opensuse-leap'],
])

/** What the first of these files that is there and understood says. */
export async function identifyByRelative(tree: OsTree): Promise<OsRelease | undefined> {
  for (const { path, decode } of RELATIVES) {
    const text = await readText(tree, path)
    const found = text === undefined ? undefined : decode(text)
    if (found) return found
  }
  return undefined
}

/** The same assignments as os-release, with other names. */
function decodeLsbRelease(text: string): OsRelease | undefined {
  const fields = parseOsRelease(text)
  const name = fields.get('DISTRIB_ID')
  const versionId = fields.get('DISTRIB_RELEASE')
  if (!name || !versionId) return undefined
  const codename = fields.get('DISTRIB_CODENAME')
  const id = LSB_IDS.get(name.toLowerCase()) ?? name.toLowerCase()
  if (!OS_ID.test(id)) return undefined
  return {
    ...release(id, name, shortVersion(id, versionId)),
    ...(codename ? { versionCodename: codename } : {}),
    prettyName: fields.get('DISTRIB_DESCRIPTION') || `${name} ${versionId}`,
  }
}

/** `12.5` on a release, whose VERSION_ID is the number before the dot; `trixie/sid` before it is one. */
function decodeDebianVersion(text: string): OsRelease | undefined {
  const [, major] = /^(\d+)(?:\.\d+)*\s*$/.exec(text) ?? []
  if (major) return release('debian', 'Debian GNU/Linux', major)
  const [, codename] = /^([a-z]+)\/sid\s*$/.exec(text) ?? []
  return codename ? { id: 'debian', idLike: [], name: 'Debian GNU/Linux', versionCodename: codename } : undefined
}

/** `CentOS release 6.10 (Final)`, `CentOS Stream release 9`, `Amazon Linux release 2023.6.20250115 (Amazon Linux)`. */
function decodeRedHatRelease(text: string): OsRelease | undefined {
  const [line = ''] = text.split('\n', 1)
  const [, name, version] = /^(.{1,200}?) release (\d+(?:\.\d+)*)/.exec(line) ?? []
  const id = RED_HAT_IDS.find(([pattern]) => name !== undefined && pattern.test(name))?.[1]
  if (!id || !name || !version) return undefined
  // Amazon Linux 2023 counts its updates behind the release; the Amazon Linux AMI was released as 2018.03.
  const versionId = name === 'Amazon Linux' ? version.replace(/\..*/, '') : version
  return { ...release(id, name, versionId), prettyName: line.trim() }
}

/** `VMware Photon OS 4.0`, `CBL-Mariner 2.0.20230126`; the build number is on the next line. */
function decodeNamedVersion(text: string): OsRelease | undefined {
  const [line = ''] = text.split('\n', 1)
  const [, name, version] = /^(.{1,200}?) (\d+(?:\.\d+)*)/.exec(line) ?? []
  const id = NAMED_IDS.find(([pattern]) => name !== undefined && pattern.test(name))?.[1]
  return id && name && version ? { ...release(id, name, shortVersion(id, version)), prettyName: line.trim() } : undefined
}

function shortVersion(id: string, version: string): string {
  return TWO_NUMBERS.has(id) ? (/^\d+\.\d+/.exec(version)?.[0] ?? version) : version
}

/** The product on the first line, then `VERSION = 11` and `PATCHLEVEL = 4`, which os-release writes as `11.4`. */
function decodeSuseRelease(text: string): OsRelease | undefined {
  const [line = ''] = text.split('\n', 1)
  const number = (key: string): string | undefined => new RegExp(`^${key}\\s*=\\s*(\\d+(?:\\.\\d+)*)\\s*$`, 'm').exec(text)?.[1]
  const version = number('VERSION')
  const id = /^SUSE Linux Enterprise Server/.test(line) ? 'sles' : /^openSUSE/.test(line) ? 'opensuse' : undefined
  if (!version || !id) return undefined
  const patch = number('PATCHLEVEL')
  const name = id === 'sles' ? 'SLES' : 'openSUSE'
  return { ...release(id, name, patch && patch !== '0' ? `${version}.${patch}` : version), prettyName: line.trim() }
}

function decodeBaseProduct(text: string): OsRelease | undefined {
  const product = parseSuseProduct(text)
  const id = SUSE_IDS.get(product?.name ?? '')
  if (!product || !id || !product.version) return undefined
  return { ...release(id, product.name, product.version), ...(product.summary && { prettyName: product.summary }) }
}

function release(id: string, name: string, versionId: string): OsRelease {
  return { id, idLike: [], name, versionId, prettyName: `${name} ${versionId}` }
}
