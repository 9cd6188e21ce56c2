import type { Location, OsRelease, ScanResult, Severity } from '../model.js'

/** A system whose release is discontinued: a finding about it as a whole. */
export interface DiscontinuedSystem {
  readonly system: string
  readonly os: OsRelease
  readonly severity: Severity
  /** ISO 8601 date. */
  readonly since: string
  readonly where: Location
  readonly title: string
  readonly description: string
}

/** Of every discontinued system, in their order. */
export function discontinuedSystems({ systems }: Pick<ScanResult, 'systems'>): readonly DiscontinuedSystem[] {
  return systems.flatMap(({ id, os, root, lifecycle }) => {
    if (lifecycle?.state !== 'discontinued' || lifecycle.endOfLife === undefined) return []
    const { severity, endOfLife } = lifecycle
    const name = os.prettyName ?? os.name
    const description = `${name} is discontinued since ${endOfLife}: vulnerabilities found since then may be neither listed nor mended.`
    return { system: id, os, severity, since: endOfLife, where: root, title: 'discontinued OS', description }
  })
}
