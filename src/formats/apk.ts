import { ParseError } from '../errors.js'

// The database of installed packages of apk-tools: stanzas parted by blank lines, of lines of a letter, a colon and a value.
// https://wiki.alpinelinux.org/wiki/Apk_spec and https://man.archlinux.org/man/apk-package.5

const NEWLINE = 0x0a
const COLON = 0x3a
/** A virtual package begins with a dot. */
const NAME = /^[A-Za-z0-9_.][A-Za-z0-9_.+-]*$/
const PRINTABLE = /^[\x21-\x7e]+$/
/** P: name, V: version, A: architecture, o: origin, L: licence, I: installed size. */
const WANTED = 'PVAoLI'
const MAX_VALUE_BYTES = 64 * 1024

/** An installed package of apk. */
export interface ApkRecord {
  /** Line on which it begins, 1-based. */
  readonly line: number
  readonly name: string
  readonly version: string
  readonly arch: string | undefined
  /** The package whose APKBUILD it was made from. */
  readonly origin: string | undefined
  readonly license: string | undefined
  /** Bytes of all files. */
  readonly installedSizeBytes: number | undefined
  /** Absolute paths of all files (not of directories); read anew from the database at each call. */
  files(): readonly string[]
}

/**
 * Every package in order. A stanza that cannot be trusted comes as a ParseError with the number of its first bad line instead, and reading
 * goes on behind it.
 */
export function* parseApkInstalled(bytes: Uint8Array): Generator<ApkRecord | ParseError> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  let line = 0
  let stanza: Stanza | undefined
  for (let start = 0; start < text.length; ) {
    line++
    const newline = text.indexOf(NEWLINE, start)
    const end = newline < 0 ? text.length : newline
    if (end === start) {
      if (stanza) yield stanza.finish(text, start)
      stanza = undefined
    } else {
      stanza ??= new Stanza(line, start)
      stanza.add(text, start, end, line)
    }
    start = end + 1
  }
  if (stanza) yield stanza.finish(text, text.length)
}

class Stanza {
  readonly #line: number
  readonly #start: number
  readonly #fields = new Map<string, string>()
  #problem: ParseError | undefined

  constructor(line: number, start: number) {
    this.#line = line
    this.#start = start
  }

  add(text: Buffer, start: number, end: number, line: number): void {
    if (this.#problem) return
    if (text[start + 1] !== COLON || end < start + 2) {
      this.#problem = new ParseError('not a letter, a colon and a value', line)
      return
    }
    const field = String.fromCharCode(text[start]!)
    if (!WANTED.includes(field)) return
    if (this.#fields.has(field)) this.#problem = new ParseError(`${field}: given twice`, line)
    else if (end - start > MAX_VALUE_BYTES) this.#problem = new ParseError(`${field}: longer than ${MAX_VALUE_BYTES} bytes`, line)
    else this.#fields.set(field, text.toString('utf8', start + 2, end))
  }

  finish(text: Buffer, end: number): ApkRecord | ParseError {
    if (this.#problem) return this.#problem
    const field = (letter: string): string | undefined => this.#fields.get(letter) || undefined
    const name = field('P')
    const version = field('V')
    const arch = field('A')
    const size = field('I')
    if (name === undefined || !NAME.test(name)) return new ParseError('a package without a valid name', this.#line)
    if (version === undefined || !PRINTABLE.test(version)) return new ParseError(`${name}: no valid version`, this.#line)
    if (arch !== undefined && !PRINTABLE.test(arch)) return new ParseError(`${name}: not a valid architecture`, this.#line)
    const start = this.#start
    return {
      line: this.#line,
      name,
      version,
      arch,
      origin: field('o'),
      license: field('L'),
      installedSizeBytes: size !== undefined && /^\d{1,15}$/.test(size) ? Number(size) : undefined,
      files: () => filesOf(text.toString('utf8', start, end)),
    }
  }
}

/** `F:` names a directory relative to the root, `R:` a file in the directory named last. */
function filesOf(stanza: string): string[] {
  const files: string[] = []
  let directory = ''
  for (const line of stanza.split('\n')) {
    if (line.startsWith('F:')) directory = line.length === 2 ? '' : `/${line.slice(2)}`
    else if (line.startsWith('R:')) files.push(`${directory}/${line.slice(2)}`)
  }
  return files
}
