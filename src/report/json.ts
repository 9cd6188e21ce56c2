import type { ScanResult } from '../model.js'
import { wellFormed } from './text.js'
import type { Report } from './types.js'

/** Top-level keys in the order in which they are written; others follow in their own. */
const KEYS: readonly (keyof ScanResult)[] = [
  'schemaVersion',
  'scanner',
  'startedAt',
  'finishedAt',
  'status',
  'systems',
  'volumes',
  'catalogers',
  'packages',
  'findings',
  'issues',
  'database',
  'stats',
]

/** The `ScanResult` itself. Bytes of paths that are not UTF-8 come as U+FFFD. */
export const jsonReport: Report = (result, options = {}) => {
  const ordered: Record<string, unknown> = {}
  for (const key of KEYS) ordered[key] = result[key]
  for (const [key, value] of Object.entries(result)) ordered[key] = value
  return `${toJson(ordered, options.compact)}\n`
}

/** JSON in which no string holds a lone surrogate. */
export function toJson(value: unknown, compact = false): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'string' ? wellFormed(item) : item), compact ? undefined : 2)
}
