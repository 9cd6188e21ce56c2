import { DEBIAN_CODENAMES } from '../debian-codenames.js'
import { type Fields, fieldsOf, nameOf, versionOf } from '../osv-values.js'
import { cleanText } from '../texts.js'
import type { Advisory } from '../types.js'
import { type JsonFormat, type Outcome, rejected } from './types.js'

const CVE = /^CVE-\d{4}-\d{4,}$/
const ID = /^(?:CVE|TEMP)-\d/
/** Stands for a version below every other: the release was never affected. */
const NEVER_AFFECTED = '0'

/**
 * Debian's security tracker: for each source package and CVE the state of every release.
 *
 * https://security-tracker.debian.org/tracker/data/json
 */
export const debianTracker: JsonFormat = {
  recognises(value) {
    const first = Object.values(fieldsOf(Object.values(value)[0]) ?? {})[0]
    const id = Object.keys(fieldsOf(Object.values(value)[0]) ?? {})[0]
    return id !== undefined && ID.test(id) && fieldsOf(fieldsOf(first)?.releases) !== undefined
  },
  *read(value): Iterable<Outcome> {
    for (const [packageName, issues] of Object.entries(value)) {
      if (nameOf(packageName) === undefined) yield rejected('package without a name')
      else for (const [id, issue] of Object.entries(fieldsOf(issues) ?? {})) yield readIssue(packageName, id, fieldsOf(issue) ?? {})
    }
  },
}

function readIssue(packageName: string, cve: string, issue: Fields): Outcome {
  if (!CVE.test(cve)) return rejected('issue without a CVE', nameOf(cve))
  const id = `TRACKER-${cve}`
  const advisories = Object.entries(fieldsOf(issue.releases) ?? {}).flatMap(
    ([codename, release]) => releaseRow(id, cve, packageName, codename, fieldsOf(release) ?? {}) ?? [],
  )
  if (advisories.length === 0) return rejected('issue with nothing decided for any release', id)
  const details = { id, related: [], severity: [], summary: '', details: cleanText(issue.description), references: [] }
  return { kind: 'record', record: { details, advisories, partial: true }, skipped: [] }
}

function releaseRow(id: string, cve: string, packageName: string, codename: string, release: Fields): Advisory | undefined {
  const number = DEBIAN_CODENAMES.get(codename)
  if (number === undefined && codename !== 'sid') return undefined
  const fixed = versionOf(release.fixed_version)
  const isFixed = release.status === 'resolved' && fixed !== undefined
  if (!isFixed && release.status !== 'open') return undefined
  const isFree = isFixed && fixed === NEVER_AFFECTED
  const urgency = nameOf(release.urgency)
  const status = isFree ? 'not-affected' : release.nodsa_reason === 'ignored' ? 'will-not-fix' : undefined
  return {
    id,
    ecosystem: `Debian:${number ?? 'sid'}`,
    packageName,
    sourcePackage: true,
    ranges: isFree ? [] : [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, ...(isFixed ? [{ fixed }] : [])] }],
    versions: [],
    aliases: [],
    upstream: [cve],
    ...(urgency === undefined ? {} : { vendorSeverity: urgency }),
    severity: [],
    ...(status === undefined ? {} : { status }),
  }
}
