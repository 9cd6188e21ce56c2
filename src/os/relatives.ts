import { parseOsRelease } from '../formats/os-release.js'
import type { OsRelease } from '../model.js'
import type { OsTree } from './index.js'
import { readText } from './read-text.js'

interface Relative {
  readonly path: string
  decode(text: string): OsRelease | undefined
}

/** Files that name the distribution where os-release does not, the most telling first. */
const RELATIVES: readonly Relative[] = [
  { path: '/etc/lsb-release', decode: decodeLsbRelease },
  { path: '/etc/debian_version', decode: decodeDebianVersion },
  { path: '/etc/alpine-release', decode: (text) => release('alpine', 'Alpine Linux', text.trim()) },
  { path: '/etc/redhat-release', decode: decodeRedHatRelease },
  { path: '/etc/system-release', decode: decodeRedHatRelease },
]

/** The ids under which os-release knows the distributions that redhat-release names. */
const RED_HAT_IDS: readonly (readonly [RegExp, string])[] = [
  [/^Red Hat Enterprise Linux/, 'rhel'],
  [/^CentOS/, 'centos'],
  [/^Amazon Linux/, 'amzn'],
  [/^Oracle Linux/, 'ol'],
  [/^Rocky Linux/, 'rocky'],
  [/^AlmaLinux/, 'almalinux'],
  [/^Fedora/, 'fedora'],
]

/** What the first of these files that is there and understood says. */
export async function identifyByRelative(tree: OsTree): Promise<OsRelease | undefined> {
  for (const { path, decode } of RELATIVES) {
    const text = await readText(tree, path)
    const found = text === undefined ? undefined : decode(text)
    if (found) return found
  }
  return undefined
}

/** Ubuntu: the same assignments as os-release, with other names. */
function decodeLsbRelease(text: string): OsRelease | undefined {
  const fields = parseOsRelease(text)
  const name = fields.get('DISTRIB_ID')
  const versionId = fields.get('DISTRIB_RELEASE')
  if (!name || !versionId) return undefined
  const codename = fields.get('DISTRIB_CODENAME')
  return {
    ...release(name.toLowerCase(), name, versionId),
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

/** `CentOS release 6.10 (Final)`, `Red Hat Enterprise Linux release 8.9 (Ootpa)`. */
function decodeRedHatRelease(text: string): OsRelease | undefined {
  const [, name, versionId] = /^(.+?) release (\d+(?:\.\d+)*)/.exec(text) ?? []
  const id = RED_HAT_IDS.find(([pattern]) => name !== undefined && pattern.test(name))?.[1]
  return id && name && versionId ? { ...release(id, name, versionId), prettyName: text.trim() } : undefined
}

function release(id: string, name: string, versionId: string): OsRelease {
  return { id, idLike: [], name, versionId, prettyName: `${name} ${versionId}` }
}
