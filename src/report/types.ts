import type { InstanceScanResult, ScanResult } from '../model.js'

export interface ReportOptions {
  /** ANSI colours; off by default. */
  readonly color?: boolean
  /** Columns of the terminal; without it nothing is wrapped. */
  readonly columns?: number
  /** One line instead of indented JSON. */
  readonly compact?: boolean
  /** For the age of the advisory database; the present by default. */
  readonly now?: Date
}

/** Renders a result; the text ends with a line feed. */
export type Report = (result: ScanResult | InstanceScanResult, options?: ReportOptions) => string
