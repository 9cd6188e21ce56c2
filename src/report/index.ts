import { inspectorReport } from './inspector.js'
import { jsonReport } from './json.js'
import { tableReport } from './table.js'
import type { Report } from './types.js'

export type { Report, ReportOptions } from './types.js'

export type ReportFormat = 'table' | 'json' | 'inspector'

/** Every report by the name that `--format` takes. */
export const reports: Readonly<Record<ReportFormat, Report>> = {
  table: tableReport,
  json: jsonReport,
  inspector: inspectorReport,
}
