import { parseOsRelease } from '../formats/os-release.js'
import type { OsRelease } from '../model.js'
import type { OsTree } from './os-tree.js'
import { readText } from './read-text.js'
import { identifyByRelative } from './relatives.js'
import { suseProducts } from './suse-products.js'
import { hasUbuntuPro } from './ubuntu-pro.js'

export type { OsTree } from './os-tree.js'

/** The `ID` that os-release(5) gives a file without one. */
const UNNAMED = 'linux'

/** Where os-release(5) has the file, in its order; then where Bottlerocket, whose `/etc` and `/usr` are made at boot, has it. */
const OS_RELEASE_PATHS = [
  '/etc/os-release',
  '/usr/lib/os-release',
  '/x86_64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release',
  '/aarch64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release',
]

const STREAM = 'stream'

/**
 * Which operating system a tree holds: by os-release(5), else by what came before it (`/etc/lsb-release`, `/etc/debian_version`, …), which
 * also tells the version of a distribution whose os-release leaves it out. Undefined where nothing says.
 * @throws IoError, CorruptError where a file that should say cannot be read
 */
export async function identifyOs(tree: OsTree): Promise<OsRelease | undefined> {
  const fields = await readOsRelease(tree)
  const release = fields && decodeOsRelease(fields)
  const complete = release?.versionId !== undefined && fields?.has('ID')
  const relative = complete ? undefined : await identifyByRelative(tree)
  const os = combine(release, relative)
  if (os?.id === 'ubuntu') return { ...os, pro: await hasUbuntuPro(tree) }
  if (os?.id === 'centos' && /^CentOS Stream\b/.test(os.name)) return { ...os, variantId: STREAM }
  const products = os && isSuse(os) ? await suseProducts(tree) : []
  return os && products.length > 0 ? { ...os, products } : os
}

function isSuse({ id, idLike }: OsRelease): boolean {
  return idLike.includes('suse') || /^(?:sles|sle-|sl-|suse|opensuse)/.test(id)
}

async function readOsRelease(tree: OsTree): Promise<ReadonlyMap<string, string> | undefined> {
  for (const path of OS_RELEASE_PATHS) {
    const text = await readText(tree, path)
    if (text !== undefined) return parseOsRelease(text)
  }
  return undefined
}

/** os-release wins, field by field, where both mean the same distribution; one without an ID means none. */
function combine(release: OsRelease | undefined, relative: OsRelease | undefined): OsRelease | undefined {
  if (!release || !relative) return release ?? relative
  if (release.id === relative.id) return { ...relative, ...release }
  return release.id === UNNAMED ? relative : release
}

/** Defaults are those of os-release(5). */
function decodeOsRelease(fields: ReadonlyMap<string, string>): OsRelease {
  const given = (name: string): string | undefined => fields.get(name) || undefined
  const versionId = given('VERSION_ID')
  const versionCodename = given('VERSION_CODENAME') ?? given('UBUNTU_CODENAME')
  const prettyName = given('PRETTY_NAME')
  const variantId = given('VARIANT_ID')
  return {
    id: (given('ID') ?? UNNAMED).toLowerCase(),
    idLike: (given('ID_LIKE') ?? '').toLowerCase().split(/\s+/).filter(Boolean),
    name: given('NAME') ?? 'Linux',
    ...(versionId ? { versionId } : {}),
    ...(versionCodename ? { versionCodename } : {}),
    ...(prettyName ? { prettyName } : {}),
    ...(variantId ? { variantId } : {}),
  }
}
