import { ParseError } from '../errors.js'

/** One line of fstab(5). */
export interface FstabEntry {
  /** `UUID=…`, `/dev/…`, `tmpfs`, a host's share. */
  readonly source: string
  /** Mount point, or `none`. */
  readonly target: string
  readonly type: string
  readonly options: readonly string[]
  /** 1-based. */
  readonly line: number
}

export interface Fstab {
  readonly entries: readonly FstabEntry[]
  /** Lines that are neither entry nor comment. */
  readonly errors: readonly ParseError[]
}

/** The filesystem table in the order of its lines. The options may be absent, and the two numbers after them do not matter here. */
export function parseFstab(text: string): Fstab {
  const entries: FstabEntry[] = []
  const errors: ParseError[] = []
  for (const [index, content] of text.split('\n').entries()) {
    const line = index + 1
    const fields = content.split(/[ \t\r]+/).filter((field) => field !== '')
    if (fields.length === 0 || fields[0]!.startsWith('#')) continue
    const [source, target, type, options = 'defaults'] = fields.map(decodeEscapes)
    if (source === undefined || target === undefined || type === undefined) {
      errors.push(new ParseError('fstab entry with less than three fields', line))
      continue
    }
    entries.push({ source, target, type, options: options.split(','), line })
  }
  return { entries, errors }
}

/** Blanks, tabs, newlines and backslashes are written as three octal digits. */
function decodeEscapes(field: string): string {
  return field.replace(/(?:\\[0-3][0-7]{2})+/g, (escapes) => {
    const bytes = escapes.slice(1).split('\\')
    return Buffer.from(bytes.map((octal) => Number.parseInt(octal, 8))).toString('utf8')
  })
}

/** A source by tag. `value` is without quotes. */
export interface SourceTag {
  readonly tag: 'UUID' | 'LABEL' | 'PARTUUID' | 'PARTLABEL' | 'ID'
  readonly value: string
}

/** `UUID=…`, `LABEL="…"` and their like, as libmount reads them; undefined for a path. */
export function parseSourceTag(source: string): SourceTag | undefined {
  const [, tag, quoted] = /^(UUID|LABEL|PARTUUID|PARTLABEL|ID)=(.*)$/is.exec(source) ?? []
  if (tag === undefined || quoted === undefined) return undefined
  const [, , inner] = /^(["'])(.*)\1$/s.exec(quoted) ?? []
  return { tag: tag.toUpperCase() as SourceTag['tag'], value: inner ?? quoted }
}
