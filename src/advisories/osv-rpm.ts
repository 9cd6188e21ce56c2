import { isModular, titleModules } from './modules.js'
import { type Fields, fieldsOf, nameOf, versionOf } from './osv-values.js'
import type { Advisory, AdvisoryRange } from './types.js'
import { ecosystemName } from './versions/index.js'

/** Their records name source packages. */
const SOURCE_NAMED = new Set(['Azure Linux', 'Mageia', 'Photon OS', 'Rocky Linux', 'openEuler'])
/** Their records name a source package, and list its binary packages with the versions that fix them. */
const BINARIES_LISTED = new Set(['SUSE', 'openSUSE'])
/** The severity is the first word of the summary: `Important: kernel security update`. */
const SEVERITY_IN_SUMMARY = new Set(['AlmaLinux', 'Rocky Linux'])

/** The rows of one entry of a record, in the terms in which rpm packages are looked up; any other ecosystem's row is as it is. */
export function rpmRows(advisory: Advisory, entry: Fields, summary: unknown): readonly Advisory[] {
  const name = ecosystemName(advisory.ecosystem)
  const row = { ...advisory, ranges: withModules(advisory.ranges, typeof summary === 'string' ? summary : '') }
  if (SOURCE_NAMED.has(name)) return [{ ...row, sourcePackage: true }]
  if (!BINARIES_LISTED.has(name)) return [row]
  const binaries = binariesOf(fieldsOf(entry.ecosystem_specific)?.binaries)
  if (binaries.size === 0) return [{ ...row, sourcePackage: true }]
  return [...binaries].map(([packageName, fixed]) => ({
    ...row,
    packageName,
    ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }],
  }))
}

/** `[{ "libqt4": "4.8.6-7.1", … }]` */
function binariesOf(value: unknown): Map<string, string> {
  const binaries = new Map<string, string>()
  for (const item of Array.isArray(value) ? value : []) {
    for (const [name, version] of Object.entries(fieldsOf(item) ?? {})) {
      const [known, fixed] = [nameOf(name), versionOf(version)]
      if (known !== undefined && fixed !== undefined) binaries.set(known, fixed)
    }
  }
  return binaries
}

/** Which stream a modular build is of, only the summary says. */
function withModules(ranges: readonly AdvisoryRange[], summary: string): readonly AdvisoryRange[] {
  const isBuilt = ({ events }: AdvisoryRange): boolean => events.some(({ fixed }) => fixed !== undefined && isModular(fixed))
  return ranges.some(isBuilt) ? ranges.map((range) => (isBuilt(range) ? { ...range, modules: titleModules(summary) } : range)) : ranges
}

/** Rocky's special interest groups build kernels of their own under the plain release's ecosystem; only the purl tells them apart. */
export function isSpecialBuild(purl: unknown): boolean {
  return typeof purl === 'string' && /[?&]distro=rocky-linux-[\d.]+-(?!legacy\b)[a-z]/.test(purl)
}

export function summarySeverity(ecosystem: string, summary: unknown): string | undefined {
  if (!SEVERITY_IN_SUMMARY.has(ecosystemName(ecosystem)) || typeof summary !== 'string') return undefined
  return /^(Critical|Important|Moderate|Low):/.exec(summary)?.[1]
}
