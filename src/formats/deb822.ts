import { ParseError } from '../errors.js'

// Control data as deb822(5) and deb-control(5) describe it: stanzas of `Field: value` lines, parted by blank lines.
// https://manpages.debian.org/bookworm/dpkg-dev/deb822.5.en.html

const NEWLINE = 0x0a
const RETURN = 0x0d
const SPACE = 0x20
const TAB = 0x09
const COMMENT = 0x23 // '#'
const COLON = 0x3a
const DEFAULT_MAX_FIELD_BYTES = 64 * 1024

/** The wanted fields of one stanza, by name in lower case; continuation lines are joined with a line feed, without their indent. */
export interface Stanza {
  /** Line on which it begins, 1-based. */
  readonly line: number
  readonly fields: ReadonlyMap<string, string>
}

export interface Deb822Options {
  /** Names of the fields to keep, in any case; the others are skipped over and cost no memory. */
  readonly fields: readonly string[]
  /** Longest value of a wanted field; 64 KiB by default. */
  readonly maxFieldBytes?: number
}

/**
 * Every stanza in order. A stanza that cannot be trusted comes as a ParseError with the number of its first bad line instead, and reading
 * goes on behind it. Bytes that are not UTF-8 become U+FFFD.
 */
export function* parseDeb822(bytes: Uint8Array, options: Deb822Options): Generator<Stanza | ParseError> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const wanted = wantedNames(options.fields)
  const maxFieldBytes = options.maxFieldBytes ?? DEFAULT_MAX_FIELD_BYTES
  let line = 0
  let stanzaLine = 0 // 0: between stanzas
  let fields = new Map<string, string>()
  let problem: ParseError | undefined
  let field = '' // the wanted field that continuation lines belong to
  let inField = false
  const keep = (before: string, start: number, end: number): ParseError | undefined => {
    if (before.length + end - start > maxFieldBytes) return new ParseError(`${field}: longer than ${maxFieldBytes} bytes`, line)
    fields.set(field, before + text.toString('utf8', start, end))
    return undefined
  }
  for (let start = 0; start < text.length; ) {
    line++
    const newline = text.indexOf(NEWLINE, start)
    const next = newline < 0 ? text.length : newline + 1
    const end = trimEnd(text, start, newline < 0 ? text.length : newline)
    const first = text[start]
    if (end === start) {
      if (stanzaLine > 0) yield problem ?? { line: stanzaLine, fields }
      if (stanzaLine > 0) fields = new Map()
      stanzaLine = 0
      problem = undefined
      inField = false
    } else if (first !== COMMENT && problem === undefined) {
      if (stanzaLine === 0) stanzaLine = line
      if (first === SPACE || first === TAB) {
        if (!inField) problem = new ParseError('a continuation line without a field', line)
        else if (field !== '') problem = keep(`${fields.get(field)}\n`, start + 1, end)
      } else {
        const colon = fieldNameEnd(text, start, end)
        inField = colon > start
        field = inField ? (wanted(text, start, colon) ?? '') : ''
        if (!inField) problem = new ParseError('neither a field nor a continuation line', line)
        else if (fields.has(field)) problem = new ParseError(`${field}: given twice`, line)
        else if (field !== '') problem = keep('', trimStart(text, colon + 1, end), end)
      }
    }
    start = next
  }
  if (stanzaLine > 0) yield problem ?? { line: stanzaLine, fields }
}

type NameLookup = (text: Buffer, start: number, end: number) => string | undefined

/** Field names compare without case; most lines are told apart by the length of their name alone. */
function wantedNames(names: readonly string[]): NameLookup {
  const byLength = new Map<number, string[]>()
  for (const name of names) byLength.set(name.length, [...(byLength.get(name.length) ?? []), name.toLowerCase()])
  return (text, start, end) => {
    const candidates = byLength.get(end - start)
    return candidates?.[candidates.indexOf(text.toString('latin1', start, end).toLowerCase())]
  }
}

/** Where the colon behind a field name is; `start` where there is no field name: printable ASCII without spaces, not beginning with `-`. */
function fieldNameEnd(text: Buffer, start: number, end: number): number {
  if (text[start] === 0x2d) return start
  for (let i = start; i < end; i++) {
    const byte = text[i]!
    if (byte === COLON) return i
    if (byte <= SPACE || byte > 0x7e) return start
  }
  return start
}

function trimStart(text: Buffer, start: number, end: number): number {
  let at = start
  while (at < end && (text[at] === SPACE || text[at] === TAB)) at++
  return at
}

function trimEnd(text: Buffer, start: number, end: number): number {
  let at = end
  while (at > start && (text[at - 1] === SPACE || text[at - 1] === TAB || text[at - 1] === RETURN)) at--
  return at
}
