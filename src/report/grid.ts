import Table from 'cli-table3'

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '  ',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
} as const

export interface GridOptions {
  readonly head?: readonly string[]
  /** Columns to fit into by wrapping the widest cells; unlimited by default. */
  readonly columns?: number | undefined
}

/** An ANSI colour, as a regular expression. */
const COLOR = '\\u001b\\[\\d+m'
const COLORS = new RegExp(COLOR, 'g')

/** cli-table3 needs time in the square of the rows of one table. */
const ROWS_PER_TABLE = 100

/** Rows in aligned columns, two spaces apart and indented by two; empty without rows. */
export function grid(rows: readonly (readonly string[])[], options: GridOptions = {}): string {
  if (rows.length === 0) return ''
  const lines = options.head ? [options.head, ...rows] : rows
  const widths = columnWidths(lines, options.columns ?? Number.POSITIVE_INFINITY)
  let out = ''
  for (let start = 0; start < lines.length; start += ROWS_PER_TABLE) {
    const style = { 'padding-left': 0, 'padding-right': 0, head: [], border: [] }
    const table = new Table({ chars: NO_LINES, style, colWidths: widths })
    for (const row of lines.slice(start, start + ROWS_PER_TABLE)) table.push(row.map((cell, i) => wrap(cell, widths[i]!)))
    out += `${table.toString().replace(/[ \t]+$/gm, '')}\n`
  }
  return out
}

/** Natural widths, the widest narrowed until all columns and their gaps fit; never below eight. */
function columnWidths(rows: readonly (readonly string[])[], columns: number): number[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 1, visibleLength(cell))
  }
  const gaps = 2 * widths.length
  for (let excess = widths.reduce((a, b) => a + b, gaps) - columns; excess > 0; excess--) {
    const widest = widths.indexOf(Math.max(...widths))
    if (widths[widest]! <= 8) break
    widths[widest]!--
  }
  return widths
}

/** Line feeds wherever the visible text reaches the width: nothing is cut off. */
function wrap(cell: string, width: number): string {
  if (visibleLength(cell) <= width) return cell
  const line = new RegExp(`(?:(?:${COLOR})*[^](?:${COLOR})*){1,${width}}`, 'g')
  return (cell.match(line) ?? []).join('\n')
}

function visibleLength(cell: string): number {
  return cell.replace(COLORS, '').length
}
