import type { Severity } from '../model.js'
import type { Color } from './colors.js'

/** From the worst on. */
export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'negligible', 'none', 'unknown']

export const SEVERITY_COLORS: Readonly<Record<Severity, Color>> = {
  critical: 'magenta',
  high: 'red',
  medium: 'yellow',
  low: 'blue',
  negligible: 'dim',
  none: 'dim',
  unknown: 'dim',
}
