import { isModular, titleModules } from '../modules.js'
import { nameOf, timeOf, versionOf } from '../osv-values.js'
import { cleanText, referenceUrls } from '../texts.js'
import type { Advisory, AdvisoryDetails, AdvisoryRange } from '../types.js'
import { amazonUrl } from './amazon-ids.js'
import { decodeEntities } from './entities.js'
import { type Outcome, rejected, type XmlFormat } from './types.js'
import { updateEcosystem } from './updateinfo-ecosystem.js'
import { childOf, childrenOf, textOf, type XmlNode } from './xml.js'

const CVE = /CVE-\d{4}-\d{4,}/g
const EXACT_CVE = /^CVE-\d{4}-\d{4,}$/
/** Builds for no machine. */
const SOURCE_ARCHES = new Set(['src', 'nosrc'])
/** `2018-01-11 21:05`, `2023-02-17 20:41:00`, RFC 3339. */
const DATE = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(:\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/

/**
 * Security updates of a package repository, as Amazon Linux, AlmaLinux, Rocky Linux, Fedora with EPEL, and Bottlerocket publish them.
 *
 * https://github.com/rpm-software-management/createrepo_c/blob/1.0.0/src/xml_dump_updateinfo.c
 */
export const updateinfo: XmlFormat = { root: 'updates', elements: ['update'], open: () => ({ read: readUpdate }) }

interface BuiltPackage {
  readonly name: string
  readonly fixed: string
  readonly arch: string
  readonly modules: readonly string[] | undefined
}

function* readUpdate(update: XmlNode): Iterable<Outcome> {
  const id = nameOf(textOf(update, 'id'))
  if (id === undefined) return yield rejected('no usable id')
  if (update.attribute('type') !== 'security') return yield rejected('not a security update', id)
  const collections = childrenOf(childOf(update, 'pkglist'), 'collection')
  const upstream = cvesOf(id, update)
  const rows = new Map<string, Advisory>()
  const skipped: string[] = []
  for (const collection of collections) {
    const ecosystem = ecosystemOf(id, update, collection)
    if (ecosystem === undefined) skipped.push('collection of an unknown distribution')
    else for (const row of rowsOf(id, update, collection, ecosystem, upstream, skipped)) rows.set(`${ecosystem}\n${row.packageName}`, row)
  }
  if (rows.size === 0) return yield rejected(skipped[0] ?? 'no affected packages', id)
  yield { kind: 'record', record: { details: detailsOf(id, update), advisories: [...rows.values()], partial: true }, skipped }
}

function ecosystemOf(id: string, update: XmlNode, collection: XmlNode): string | undefined {
  return updateEcosystem({
    id,
    release: textOf(update, 'release'),
    collection: collection.attribute('short') ?? '',
    collectionName: textOf(collection, 'name'),
    packageRelease: childOf(collection, 'package')?.attribute('release') ?? '',
  })
}

/** Amazon and most others list CVEs as references of that type; Fedora's are named in the titles of bugs. */
function cvesOf(id: string, update: XmlNode): string[] {
  const references = childrenOf(childOf(update, 'references'), 'reference')
  const listed = references
    .filter((reference) => reference.attribute('type')?.toLowerCase() === 'cve')
    .map((reference) => reference.attribute('id')?.trim() ?? '')
    .filter((cve) => EXACT_CVE.test(cve))
  const found =
    listed.length > 0 || id.startsWith('ALAS') ? listed : references.flatMap((reference) => reference.attribute('title')?.match(CVE) ?? [])
  return [...new Set(found)]
}

function* rowsOf(
  id: string,
  update: XmlNode,
  collection: XmlNode,
  ecosystem: string,
  upstream: readonly string[],
  skipped: string[],
): Iterable<Advisory> {
  const byName = new Map<string, BuiltPackage[]>()
  const modules = modulesOf(update, collection)
  for (const node of childrenOf(collection, 'package')) {
    const built = packageOf(node, modules)
    if (!built) skipped.push('package without a name, version or release')
    if (!built || SOURCE_ARCHES.has(built.arch)) continue
    byName.set(built.name, [...(byName.get(built.name) ?? []), built])
  }
  const severity = textOf(update, 'severity')
  for (const [packageName, built] of byName) {
    yield {
      id,
      ecosystem,
      packageName,
      ranges: rangesOf(built),
      versions: [],
      aliases: [],
      upstream,
      ...(severity === '' || severity === 'None' ? {} : { vendorSeverity: severity }),
      severity: [],
    }
  }
}

function packageOf(node: XmlNode, modules: readonly string[]): BuiltPackage | undefined {
  const name = nameOf(node.attribute('name'))
  const version = versionOf(node.attribute('version'))
  const release = versionOf(node.attribute('release'))
  const epoch = node.attribute('epoch') ?? '0'
  if (name === undefined || version === undefined || release === undefined || !/^\d{1,10}$/.test(epoch)) return undefined
  const fixed = `${Number(epoch) === 0 ? '' : `${Number(epoch)}:`}${version}-${release}`
  return { name, fixed, arch: node.attribute('arch') ?? 'noarch', modules: isModular(release) ? modules : undefined }
}

/** One range for each version that fixes it, with the architectures that have it; `noarch` is for all. */
function rangesOf(built: readonly BuiltPackage[]): AdvisoryRange[] {
  const byVersion = new Map<string, { readonly modules: readonly string[] | undefined; readonly arches: Set<string> }>()
  for (const { fixed, arch, modules } of built) {
    const known = byVersion.get(fixed) ?? { modules, arches: new Set() }
    known.arches.add(arch)
    byVersion.set(fixed, known)
  }
  return [...byVersion].map(([fixed, { modules, arches }]) => ({
    type: 'ECOSYSTEM',
    events: [{ introduced: '0' }, { fixed }],
    ...(arches.has('noarch') ? {} : { arches: [...arches].sort() }),
    ...(modules && { modules }),
  }))
}

function modulesOf(update: XmlNode, collection: XmlNode): string[] {
  const listed = childrenOf(collection, 'module').flatMap((module) => {
    const [name, stream] = [nameOf(module.attribute('name')), nameOf(module.attribute('stream'))]
    return name === undefined || stream === undefined ? [] : [`${name}:${stream}`]
  })
  return listed.length > 0 ? listed : titleModules(textOf(update, 'title'))
}

function detailsOf(id: string, update: XmlNode): AdvisoryDetails {
  const published = dateOf(childOf(update, 'issued'))
  const modified = dateOf(childOf(update, 'updated'))
  const page = amazonUrl(id)
  const hrefs = childrenOf(childOf(update, 'references'), 'reference').map((reference) => reference.attribute('href'))
  return {
    id,
    related: [],
    severity: [],
    summary: cleanText(decodeEntities(textOf(update, 'title'))),
    details: cleanText(decodeEntities(textOf(update, 'description'))),
    references: referenceUrls([...(page === undefined ? [] : [page]), ...hrefs]),
    ...(published === undefined ? {} : { published }),
    ...(modified === undefined ? {} : { modified }),
  }
}

/** Times without a zone are UTC. */
function dateOf(node: XmlNode | undefined): string | undefined {
  const [, day, minutes = '00:00', seconds = ':00', zone = 'Z'] = DATE.exec(node?.attribute('date')?.trim() ?? '') ?? []
  return day === undefined ? undefined : timeOf(`${day}T${minutes}${seconds}${zone}`)
}
