import { type Fields, fieldsOf, nameOf, namesOf, versionOf } from '../osv-values.js'
import type { Advisory } from '../types.js'
import { type JsonFormat, type Outcome, rejected } from './types.js'

/** Ids can carry a remark (`CVE-2017-2616 (+ regression fix)`), and several can stand in one text. */
const ID = /\b(?:CVE-\d{4}-\d{4,}|GHSA(?:-[0-9a-z]{4}){3})\b/g
/** Not a version: the ids listed under it never applied to the package. */
const NEVER_AFFECTED = '0'

/**
 * What Alpine, Wolfi and Chainguard have fixed in their packages, by source package and version.
 *
 * https://secdb.alpinelinux.org/
 */
export const secdb: JsonFormat = {
  recognises: (value) => Array.isArray(value.packages) && typeof value.apkurl === 'string',
  *read(value): Iterable<Outcome> {
    const ecosystem = ecosystemOf(value)
    if (ecosystem === undefined) return yield rejected('secdb of an unknown distribution')
    for (const item of value.packages as unknown[]) {
      const pkg = fieldsOf(fieldsOf(item)?.pkg)
      const packageName = nameOf(pkg?.name)
      if (packageName === undefined) yield rejected('package without a name')
      else yield* fixesOf(ecosystem, packageName, fieldsOf(pkg?.secfixes) ?? {})
    }
  },
}

function ecosystemOf({ urlprefix, distroversion }: Fields): string | undefined {
  if (typeof urlprefix !== 'string') return undefined
  if (/\bwolfi\b/.test(urlprefix)) return 'Wolfi'
  if (/\b(?:cgr|chainguard)\b/.test(urlprefix)) return 'Chainguard'
  return typeof distroversion === 'string' && /^(?:v\d+\.\d+|edge)$/.test(distroversion) ? `Alpine:${distroversion}` : undefined
}

function* fixesOf(ecosystem: string, packageName: string, secfixes: Fields): Iterable<Outcome> {
  const prefix = ecosystem.split(':')[0]!.toUpperCase()
  for (const [key, listed] of Object.entries(secfixes)) {
    const fixed = versionOf(key)
    const texts = namesOf(listed)
    if (fixed === undefined) yield rejected('fix without a version', packageName)
    for (const text of texts) {
      const ids = text.match(ID) ?? []
      if (ids.length === 0) yield rejected('id that is neither a CVE nor a GHSA', text)
      if (fixed === undefined) continue
      for (const id of ids) yield recordOf(`${prefix}-${id}`, id, { ecosystem, packageName, ...claimOf(fixed) })
    }
  }
}

function claimOf(fixed: string): Pick<Advisory, 'ranges' | 'status'> {
  if (fixed === NEVER_AFFECTED) return { ranges: [], status: 'not-affected' }
  return { ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }] }
}

function recordOf(id: string, of: string, row: Pick<Advisory, 'ecosystem' | 'packageName' | 'ranges' | 'status'>): Outcome {
  const isCve = of.startsWith('CVE-')
  const advisory: Advisory = { id, ...row, versions: [], aliases: isCve ? [] : [of], upstream: isCve ? [of] : [], severity: [] }
  const details = { id, related: [], severity: [], summary: '', details: '', references: [] }
  return { kind: 'record', record: { details, advisories: [advisory], partial: true }, skipped: [] }
}
