import { isModular } from '../modules.js'
import { nameOf, versionOf } from '../osv-values.js'
import type { AdvisoryRange } from '../types.js'
import { childrenOf, type XmlNode } from './xml.js'

/** What a definition says of one package of one release; without a range: that it is not affected. */
export interface Claim {
  readonly ecosystem: string
  readonly packageName: string
  readonly sourcePackage?: boolean
  readonly range?: AdvisoryRange
}

/** What the criteria around a package demand of the machine. */
interface Scope {
  readonly ecosystems: readonly string[]
  readonly arch: string | undefined
  readonly module: string | undefined
}

const PLATFORM = /^((?:Oracle Linux|openSUSE|SUSE) .+) is installed$/
const ARCH = /^Oracle Linux arch is (\w+)$/
const MODULE = /^Module (\S+:\S+) is enabled$/
const ORACLE_FIX = /^(\S+) is earlier than (\S+)$/
const SUSE_FIX = /^(\S+)-([^-\s]+-[^-\s]+) is installed$/
const SUSE_STATE = /^(\S+) is (not affected|affected)$/
const AZURE_FIX = /^Package (\S+) is earlier than (or equal to )?(\S+), affected by CVE/
const AZURE_START = /^Package (\S+) is greater than (\S+), affected by CVE/

/** The claims of a definition, from the comments of its criteria. */
export function* claimsOf(criteria: XmlNode | undefined, azureRelease: string | undefined): Iterable<Claim> {
  if (!criteria) return
  if (azureRelease !== undefined) yield* azureClaims(criteria, azureRelease)
  else yield* claimsIn(criteria, { ecosystems: [], arch: undefined, module: undefined })
}

function* claimsIn(criteria: XmlNode, outer: Scope): Iterable<Claim> {
  const scope = criteria.attribute('operator') === 'OR' ? outer : narrowed(outer, criteria)
  for (const comment of commentsOf(criteria)) yield* claimsOfComment(comment, scope)
  for (const inner of childrenOf(criteria, 'criteria')) yield* claimsIn(inner, scope)
}

/** What all of the criteria demand: releases, of which one is enough, an architecture, a module stream. */
function narrowed(outer: Scope, criteria: XmlNode): Scope {
  const platforms = [criteria, ...childrenOf(criteria, 'criteria')].flatMap(commentsOf).flatMap((comment) => ecosystemOf(comment) ?? [])
  const comments = commentsOf(criteria)
  const arch = comments.map((comment) => ARCH.exec(comment)?.[1]).find((found) => found !== undefined)
  const module = comments.map((comment) => MODULE.exec(comment)?.[1]).find((found) => found !== undefined)
  return {
    ecosystems: platforms.length > 0 ? platforms : outer.ecosystems,
    arch: arch ?? outer.arch,
    module: module ?? outer.module,
  }
}

function* claimsOfComment(comment: string, { ecosystems, arch, module }: Scope): Iterable<Claim> {
  if (PLATFORM.test(comment)) return
  const [, name, state] = SUSE_STATE.exec(comment) ?? []
  const [, fixedName, version] = ORACLE_FIX.exec(comment) ?? SUSE_FIX.exec(comment) ?? []
  const packageName = nameOf(name ?? fixedName)
  if (packageName === undefined) return
  const fixed = versionOf(version)?.replace(/^0:/, '')
  for (const ecosystem of ecosystems) {
    if (state === 'not affected') yield { ecosystem, packageName }
    else yield { ecosystem, packageName, range: rangeOf(fixed, arch, module) }
  }
}

function rangeOf(fixed: string | undefined, arch: string | undefined, module: string | undefined): AdvisoryRange {
  const modular = fixed !== undefined && isModular(fixed)
  return {
    type: 'ECOSYSTEM',
    events: [{ introduced: '0' }, ...(fixed === undefined ? [] : [{ fixed }])],
    ...(arch === undefined ? {} : { arches: arch === 'i386' ? ['i386', 'i486', 'i586', 'i686'] : [arch] }),
    ...(module !== undefined || modular ? { modules: module === undefined ? [] : [module] } : {}),
  }
}

/** `Oracle Linux:8`, `SUSE:Linux Enterprise Server 15 SP3`, `openSUSE:Leap 15.2`. */
function ecosystemOf(comment: string): string | undefined {
  const platform = PLATFORM.exec(comment)?.[1]
  return platform === undefined ? undefined : nameOf(platform.replace(/^(Oracle Linux|openSUSE|SUSE) /, '$1:'))
}

/** All criteria of a definition of Azure Linux hold at once, and are about one source package. */
function* azureClaims(criteria: XmlNode, release: string): Iterable<Claim> {
  const comments = commentsOf(criteria)
  const end = comments.map((comment) => AZURE_FIX.exec(comment)).find((found) => found !== null)
  const start = comments.map((comment) => AZURE_START.exec(comment)).find((found) => found !== null)
  const packageName = nameOf(end?.[1] ?? start?.[1])
  if (packageName === undefined) return
  const [introduced, last] = [versionOf(start?.[2]), versionOf(end?.[3])]
  const isFirst = introduced === undefined || /^[0.]+$/.test(introduced)
  const events = [
    { introduced: isFirst ? '0' : introduced },
    ...(last === undefined ? [] : [end?.[2] === undefined ? { fixed: last } : { last_affected: last }]),
  ]
  yield { ecosystem: `Azure Linux:${release}`, packageName, sourcePackage: true, range: { type: 'ECOSYSTEM', events } }
}

function commentsOf(criteria: XmlNode): string[] {
  return childrenOf(criteria, 'criterion').flatMap((criterion) => criterion.attribute('comment')?.trim() ?? [])
}
