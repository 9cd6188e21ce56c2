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
  const builder = new StanzaBuilder(text, options)
  let line = 0
  for (let start = 0; start < text.length; ) {
    line++
    const newline = text.indexOf(NEWLINE, start)
    const lineEnd = newline < 0 ? text.length : newline
    const end = trimEnd(text, start, lineEnd)
    if (end > start) {
      if (text[start] !== COMMENT) builder.add(line, start, end)
    } else {
      const finished = builder.finish()
      if (finished) yield finished
    }
    start = lineEnd + 1
  }
  const last = builder.finish()
  if (last) yield last
}

/** The stanza that is being read, line by line. */
class StanzaBuilder {
  readonly #text: Buffer
  readonly #wanted: NameLookup
  readonly #maxFieldBytes: number
  /** 0: between stanzas. */
  #line = 0
  #fields = new Map<string, string>()
  /** Whose value a continuation line would continue; empty for a field that is not wanted. */
  #field: string | undefined
  #problem: ParseError | undefined

  constructor(text: Buffer, options: Deb822Options) {
    this.#text = text
    this.#wanted = wantedNames(options.fields)
    this.#maxFieldBytes = options.maxFieldBytes ?? DEFAULT_MAX_FIELD_BYTES
  }

  /** A line that is neither blank nor a comment, without its end. */
  add(line: number, start: number, end: number): void {
    if (this.#line === 0) this.#line = line
    this.#problem ??= this.#read(line, start, end)
  }

  /** What the lines so far make; undefined where there were none. */
  finish(): Stanza | ParseError | undefined {
    if (this.#line === 0) return undefined
    const finished = this.#problem ?? { line: this.#line, fields: this.#fields }
    this.#line = 0
    this.#fields = new Map()
    this.#field = undefined
    this.#problem = undefined
    return finished
  }

  #read(line: number, start: number, end: number): ParseError | undefined {
    const first = this.#text[start]
    if (first === SPACE || first === TAB) {
      if (this.#field === undefined) return new ParseError('a continuation line without a field', line)
      return this.#field === '' ? undefined : this.#keep(this.#field, `${this.#fields.get(this.#field)}\n`, start + 1, end, line)
    }
    const colon = fieldNameEnd(this.#text, start, end)
    if (colon === start) return new ParseError('neither a field nor a continuation line', line)
    this.#field = this.#wanted(this.#text, start, colon) ?? ''
    if (this.#field === '') return undefined
    if (this.#fields.has(this.#field)) return new ParseError(`${this.#field}: given twice`, line)
    return this.#keep(this.#field, '', trimStart(this.#text, colon + 1, end), end, line)
  }

  #keep(field: string, before: string, start: number, end: number, line: number): ParseError | undefined {
    if (before.length + end - start > this.#maxFieldBytes) return new ParseError(`${field}: longer than ${this.#maxFieldBytes} bytes`, line)
    this.#fields.set(field, before + this.#text.toString('utf8', start, end))
    return undefined
  }
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
