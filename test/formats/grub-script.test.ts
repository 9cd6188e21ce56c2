import { describe, expect, it } from 'vitest'
import { type GrubStatement, parseGrubScript } from '../../src/formats/grub-script.js'

/** Words as text, `$name` for variables, in `"…"` where quoted; blocks in braces. */
function show(statements: readonly GrubStatement[]): string {
  return statements
    .map((statement) => {
      if (statement.kind === 'loop') return 'loop'
      if (statement.kind === 'function') return `function ${statement.name}{${show(statement.body)}}`
      if (statement.kind === 'if') {
        const branches = statement.branches.map(({ test, body }) => `if(${show(test)}){${show(body)}}`).join('')
        return `${branches}else{${show(statement.otherwise)}}`
      }
      const words = statement.words.map(({ parts, quoted }) => {
        const text = parts.map((part) => (typeof part === 'string' ? part : `$${part.variable}`)).join('')
        return quoted ? `"${text}"` : text
      })
      return words.join(' ') + (statement.block ? `{${show(statement.block)}}` : '')
    })
    .join(';')
}

describe('parseGrubScript', () => {
  it.each([
    ['set a=b; set  c="$d e"\n', 'set a=b;set "c=$d e"'],
    ["echo 'a'\\''b' \"c\\\"d\\x\" e\\ f", 'echo "a\'b" "c"d\\x" e f'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of GRUB
    ['echo ${a}b $c_1-d $1 $? $@ $ $"t"', 'echo $ab $c_1-d $1 $? $@ $ "t"'],
    ['# comment\na#b # c\n', 'a#b'],
    ['a \\\n  b\nc', 'a b;c'],
    ['if [ a ]; then b; elif c\nthen\nd\nelse e; fi', 'if([ a ]){b}if(c){d}else{e}'],
    ['function f {\n a\n}\nf', 'function f{a};f'],
    [
      "menuentry 'A b' --id x { linux /v; }\nsubmenu c {\nmenuentry d { e\n}\n}",
      'menuentry "A b" --id x{linux /v};submenu c{menuentry d{e}}',
    ],
    ['for i in 1 2; do menuentry x { a; }; done; b', 'loop;b'],
    ["a 'x\ny'\n", 'a "x\ny"'],
    ['a\r\nb\r\n', 'a;b'],
    ['', ''],
  ])('%j', (text, expected) => {
    expect(show(parseGrubScript(text))).toBe(expected)
  })

  it.each([
    ["a\n'b", 2],
    ['a\n\n"b\n\n', 3],
    ['x\n}', 2],
    ['if a; then b', 1],
    ['function {', 1],
  ])('%j is refused with its line', (text, line) => {
    expect(() => parseGrubScript(text)).toThrowError(expect.objectContaining({ code: 'PARSE', line }))
  })
})
