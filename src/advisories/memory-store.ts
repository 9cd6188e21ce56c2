import { ParseError } from '../errors.js'
import type { DatabaseInfo } from '../model.js'
import { AliasSets } from './clusters.js'
import { isBulletin, isCoveredByCve, isVendorRecord, onlyCve } from './ids.js'
import { parseOsv } from './osv.js'
import { modifiedTime } from './osv-values.js'
import type { Advisory, AdvisoryDetails, AdvisoryRecord, AdvisoryStore, RecordVectors } from './types.js'

/**
 * A store over OSV records in memory, for tests and small uses. Withdrawn records and those that name no package are left out; of
 * several with one id the latest counts.
 *
 * @throws ParseError for a value that is no OSV record at all.
 */
export function memoryStore(records: Iterable<unknown>): AdvisoryStore {
  const details = new Map<string, AdvisoryDetails>()
  const rows = new Map<string, Advisory[]>()
  const coverage = new Map<string, { vendor: number; bulletins: number }>()
  const aliases = new AliasSets()
  const vectors = new Map<string, RecordVectors[]>()
  for (const record of latestRecords(records)) {
    details.set(record.details.id, record.details)
    const cve = onlyCve(record.advisories[0])
    const { id, severity } = record.details
    if (cve !== undefined && severity.length > 0) vectors.set(cve, [...(vectors.get(cve) ?? []), { id, severity }])
    for (const advisory of record.advisories) {
      const key = rowKey(advisory.ecosystem, advisory.packageName)
      rows.set(key, [...(rows.get(key) ?? []), advisory])
      for (const alias of advisory.aliases) aliases.union(advisory.id, alias)
      const counts = coverage.get(advisory.ecosystem) ?? { vendor: 0, bulletins: 0 }
      coverage.set(advisory.ecosystem, counts)
      if (isVendorRecord(advisory)) counts.vendor++
      if (isBulletin(advisory.id)) counts.bulletins++
    }
  }
  // As a database answers.
  for (const list of rows.values()) list.sort((a, b) => (a.id < b.id ? -1 : 1))
  const namesakes = new Map(aliases.sets().flatMap((ids) => ids.map((id) => [id, ids] as const)))
  const info: DatabaseInfo = { path: ':memory:', built: new Date().toISOString(), advisories: details.size, sources: [] }
  return {
    info,
    lookup: (ecosystem, packageName) =>
      (rows.get(rowKey(ecosystem, packageName)) ?? []).map((advisory) => ({
        ...advisory,
        aliases: (namesakes.get(advisory.id) ?? []).filter((id) => id !== advisory.id),
      })),
    details: (id) => details.get(id),
    speaksFor(ecosystem: string, id: string): boolean {
      const counts = coverage.get(ecosystem)
      return counts !== undefined && isCoveredByCve(counts.vendor, counts.bulletins) && details.has(id)
    },
    ecosystems: new Set(coverage.keys()),
    exploitation: () => ({}),
    vectors: (cve) => vectors.get(cve) ?? [],
    close: () => undefined,
  }
}

function latestRecords(records: Iterable<unknown>): AdvisoryRecord[] {
  const latest = new Map<string, { modified: number; record: AdvisoryRecord | undefined }>()
  for (const value of records) {
    const outcome = parseOsv(value)
    if (outcome.kind === 'rejected') {
      if (outcome.id === undefined) throw new ParseError(`an advisory is unusable: ${outcome.reason}`)
      continue
    }
    const { id, modified } = outcome.kind === 'record' ? outcome.record.details : outcome
    const time = modifiedTime(modified)
    const known = latest.get(id)?.modified ?? -1
    if (time < known || (time === known && outcome.kind === 'record')) continue
    latest.set(id, { modified: time, record: outcome.kind === 'record' ? outcome.record : undefined })
  }
  return [...latest.values()].flatMap(({ record }) => record ?? [])
}

function rowKey(ecosystem: string, packageName: string): string {
  return `${ecosystem}\n${packageName}`
}
