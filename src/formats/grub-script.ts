import { LimitError, ParseError } from '../errors.js'

// The language of grub.cfg: https://www.gnu.org/software/grub/manual/grub/grub.html#Shell_002dlike-scripting

/** Nested blocks; what grub-mkconfig writes has five. */
const MAX_DEPTH = 64

/** A word before expansion. Without quotes, one that expands to nothing is no word. */
export interface GrubWord {
  readonly parts: readonly (string | GrubVariable)[]
  readonly quoted: boolean
}

export interface GrubVariable {
  readonly variable: string
}

export interface GrubBranch {
  readonly test: readonly GrubStatement[]
  readonly body: readonly GrubStatement[]
}

/** `block`: what stands in braces behind the words of a `menuentry` or `submenu`. The bodies of loops are left out. */
export type GrubStatement =
  | { readonly kind: 'command'; readonly words: readonly GrubWord[]; readonly block?: readonly GrubStatement[] }
  | { readonly kind: 'if'; readonly branches: readonly GrubBranch[]; readonly otherwise: readonly GrubStatement[] }
  | { readonly kind: 'function'; readonly name: string; readonly body: readonly GrubStatement[] }
  | { readonly kind: 'loop' }

interface Token {
  /** `word`, or the operator itself; a line feed is `;`. */
  readonly kind: 'word' | ';' | '{' | '}'
  readonly word: GrubWord
  readonly line: number
}

/** @throws ParseError where quotes, blocks or keywords do not pair; LimitError where blocks are nested too deep */
export function parseGrubScript(text: string): readonly GrubStatement[] {
  const parser = new Parser(tokenize(text))
  const statements = parser.list([])
  parser.expectEnd()
  return statements
}

const OPERATOR: Readonly<Record<string, Token['kind']>> = { '\n': ';', ';': ';', '{': '{', '}': '}' }
const NO_WORD: GrubWord = { parts: [], quoted: false }
const VARIABLE = /\$(?:\{(\w+|[?*@#])\}|([A-Za-z_]\w*|\d+|[?*@#]))/y

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let line = 1
  for (let at = 0; at < text.length; ) {
    const char = text[at]!
    if (char === ' ' || char === '\t' || char === '\r') at++
    else if (char === '\\' && text[at + 1] === '\n') {
      at += 2
      line++
    } else if (char === '#') {
      const end = text.indexOf('\n', at)
      at = end < 0 ? text.length : end
    } else if (OPERATOR[char]) {
      tokens.push({ kind: OPERATOR[char], word: NO_WORD, line })
      if (char === '\n') line++
      at++
    } else {
      const { word, end, lines } = readWord(text, at, line)
      tokens.push({ kind: 'word', word, line })
      line += lines
      at = end
    }
  }
  return tokens
}

function readWord(text: string, start: number, line: number): { word: GrubWord; end: number; lines: number } {
  const parts: (string | GrubVariable)[] = []
  let literal = ''
  let quoted = false
  let lines = 0
  let inDouble = false
  let at = start
  const flush = (): void => {
    if (literal !== '') parts.push(literal)
    literal = ''
  }
  for (; at < text.length; ) {
    const char = text[at]!
    if (!inDouble && (char === ' ' || char === '\t' || char === '\r' || OPERATOR[char])) break
    if (char === '\n') lines++
    if (char === '"') {
      quoted = true
      inDouble = !inDouble
      at++
    } else if (char === "'" && !inDouble) {
      const end = text.indexOf("'", at + 1)
      if (end < 0) throw new ParseError('a quote stays open', line)
      literal += text.slice(at + 1, end)
      for (let i = at; i < end; i++) if (text[i] === '\n') lines++
      quoted = true
      at = end + 1
    } else if (char === '\\') {
      const next = text[at + 1] ?? ''
      if (next === '\n') lines++
      else literal += inDouble && !'"$\\'.includes(next) ? `\\${next}` : next
      at += 2
    } else if (char === '$') {
      VARIABLE.lastIndex = at
      const match = VARIABLE.exec(text)
      if (match) {
        flush()
        parts.push({ variable: match[1] ?? match[2]! })
        at = VARIABLE.lastIndex
      } else {
        // `$"…"` is a string to translate.
        if (text[at + 1] !== '"') literal += char
        at++
      }
    } else {
      literal += char
      at++
    }
  }
  if (inDouble) throw new ParseError('a quote stays open', line)
  flush()
  return { word: { parts, quoted }, end: at, lines }
}

const ENDS_OF_LOOP = ['done']
const ENDS_OF_BODY = ['elif', 'else', 'fi']
const LOOPS = new Set(['for', 'while', 'until'])
const BLOCK_COMMANDS = new Set(['menuentry', 'submenu', 'hiddenentry'])

class Parser {
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  /** Statements up to one of the keywords, a closing brace or the end, none of which is taken. */
  list(ends: readonly string[]): GrubStatement[] {
    if (++this.#depth > MAX_DEPTH) throw new LimitError('nested blocks of a GRUB script', MAX_DEPTH)
    const statements: GrubStatement[] = []
    for (;;) {
      while (this.#token?.kind === ';') this.#at++
      const token = this.#token
      if (!token || token.kind === '}' || ends.includes(this.#keyword ?? '')) break
      statements.push(this.#statement())
    }
    this.#depth--
    return statements
  }

  expectEnd(): void {
    if (this.#token) this.#fail('a block ends that was not begun')
  }

  get #token(): Token | undefined {
    return this.#tokens[this.#at]
  }

  /** The word here, where it is plain text without quotes. */
  get #keyword(): string | undefined {
    const token = this.#token
    if (token?.kind !== 'word' || token.word.quoted) return undefined
    const [only, ...more] = token.word.parts
    return typeof only === 'string' && more.length === 0 ? only : undefined
  }

  #statement(): GrubStatement {
    const keyword = this.#keyword
    if (keyword === 'if') return this.#if()
    if (keyword === 'function') return this.#function()
    if (LOOPS.has(keyword ?? '')) {
      this.#at++
      this.list(ENDS_OF_LOOP)
      this.#take('done')
      return { kind: 'loop' }
    }
    return this.#command(BLOCK_COMMANDS.has(keyword ?? ''))
  }

  #command(hasBlock: boolean): GrubStatement {
    const words: GrubWord[] = []
    for (let token = this.#token; token?.kind === 'word'; token = this.#token) {
      words.push(token.word)
      this.#at++
    }
    if (this.#token?.kind !== '{') return { kind: 'command', words }
    const block = this.#block()
    return hasBlock ? { kind: 'command', words, block } : { kind: 'command', words }
  }

  #if(): GrubStatement {
    const branches: GrubBranch[] = []
    do {
      this.#at++
      const test = this.list(['then'])
      this.#take('then')
      branches.push({ test, body: this.list(ENDS_OF_BODY) })
    } while (this.#keyword === 'elif')
    let otherwise: readonly GrubStatement[] = []
    if (this.#keyword === 'else') {
      this.#at++
      otherwise = this.list(['fi'])
    }
    this.#take('fi')
    return { kind: 'if', branches, otherwise }
  }

  #function(): GrubStatement {
    this.#at++
    const name = this.#keyword ?? this.#fail('a function without a name')
    this.#at++
    while (this.#token?.kind === ';') this.#at++
    return { kind: 'function', name, body: this.#block() }
  }

  #block(): readonly GrubStatement[] {
    this.#takeBrace('{', 'a block is missing')
    const body = this.list([])
    this.#takeBrace('}', 'a block stays open')
    return body
  }

  #takeBrace(kind: '{' | '}', problem: string): void {
    if (this.#token?.kind !== kind) this.#fail(problem)
    this.#at++
  }

  #take(keyword: string): void {
    if (this.#keyword !== keyword) this.#fail(`${keyword} is missing`)
    this.#at++
  }

  #fail(problem: string): never {
    throw new ParseError(problem, this.#token?.line ?? this.#tokens.at(-1)?.line)
  }
}
