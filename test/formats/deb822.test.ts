import { describe, expect, it } from 'vitest'
import { ParseError } from '../../src/errors.js'
import { type Deb822Options, parseDeb822 } from '../../src/formats/deb822.js'

function parse(text: string | Uint8Array, options: Partial<Deb822Options> = {}): (Record<string, string> | string)[] {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  return [...parseDeb822(bytes, { fields: ['Package', 'Version', 'Description'], ...options })].map((stanza) =>
    stanza instanceof ParseError ? stanza.message : Object.fromEntries(stanza.fields),
  )
}

describe('parseDeb822', () => {
  it.each<[string, string, (Record<string, string> | string)[]]>([
    ['nothing', '', []],
    ['blank lines only', '\n\r\n \t\n\n', []],
    ['a last line without a line feed', 'Package: a', [{ package: 'a' }]],
    ['stanzas parted by several blank lines', '\n\nPackage: a\n\n\n\nPackage: b\n\n', [{ package: 'a' }, { package: 'b' }]],
    ['a line of blanks as a separator', 'Package: a\n \t \nPackage: b\n', [{ package: 'a' }, { package: 'b' }]],
    ['names in any case', 'PACKAGE: a\nvErSiOn: 1\n', [{ package: 'a', version: '1' }]],
    ['blanks around values', 'Package:a  \nVersion:\t 1\t\n', [{ package: 'a', version: '1' }]],
    ['empty values', 'Package:\nVersion: \n', [{ package: '', version: '' }]],
    ['colons in values', 'Package: a\nVersion: 1:2:3\n', [{ package: 'a', version: '1:2:3' }]],
    ['CRLF', 'Package: a\r\nVersion: 1\r\n\r\nPackage: b\r\n', [{ package: 'a', version: '1' }, { package: 'b' }]],
    ['other fields left out', 'Package: a\nSection: net\n', [{ package: 'a' }]],
    ['several lines', 'Package: a\nDescription: one\n two\n .\n\tthree\n', [{ package: 'a', description: 'one\ntwo\n.\nthree' }]],
    [
      'continuation of a field left out',
      'Package: a\nConffiles:\n /etc/a 123\n /etc/b 456\nVersion: 1\n',
      [{ package: 'a', version: '1' }],
    ],
    [
      'comments, also inside a value',
      '# top\nPackage: a\nDescription: one\n# no\n two\n#\n\n#\n',
      [{ package: 'a', description: 'one\ntwo' }],
    ],
  ])('reads %s', (_, text, expected) => {
    expect(parse(text)).toEqual(expected)
  })

  it.each<[string, string, string]>([
    ['a line without a colon', 'Package: bad\nVersion 1\n', 'line 5: neither a field nor a continuation line'],
    ['a blank in a field name', 'Package: bad\nMy Field: 1\n', 'line 5: neither a field nor a continuation line'],
    ['an empty field name', ': bad\n', 'line 4: neither a field nor a continuation line'],
    ['a name that begins with a hyphen', '-Package: bad\n', 'line 4: neither a field nor a continuation line'],
    ['a continuation without a field', ' bad\nPackage: bad\n', 'line 4: a continuation line without a field'],
    ['a field given twice', 'Package: bad\nVersion: 1\nversion: 2\n', 'line 6: version: given twice'],
    ['NUL bytes', `${'\0'.repeat(5000)}\n`, 'line 4: neither a field nor a continuation line'],
    ['a value without measure', `Package: ${'x'.repeat(70_000)}\n`, 'line 4: package: longer than 65536 bytes'],
    [
      'a value of many lines',
      `Package: a\nDescription: b\n${' xxxxxxxx\n'.repeat(9_000)}`,
      expect.stringMatching(/^line \d+: description: longer than 65536 bytes$/),
    ],
  ])('reports %s and reads on', (_, broken, message) => {
    expect(parse(`Package: a\nVersion: 1\n\n${broken}\nPackage: b\n`)).toEqual([{ package: 'a', version: '1' }, message, { package: 'b' }])
  })

  it('reports the first of several bad lines, once', () => {
    expect(parse('Package: a\nbad\nworse\n continued\n')).toEqual(['line 2: neither a field nor a continuation line'])
  })

  it('tells on which line a stanza begins', () => {
    const stanzas = [...parseDeb822(Buffer.from('\n# c\nPackage: a\n\nPackage: b\n'), { fields: ['Package'] })]
    expect(stanzas.map((stanza) => stanza.line)).toEqual([3, 5])
  })

  it('takes bytes that are not UTF-8 as U+FFFD', () => {
    expect(parse(Buffer.from('Package: a\nDescription: caf\xe9\n', 'latin1'))).toEqual([{ package: 'a', description: 'caf\ufffd' }])
  })

  it('reads a view into a larger buffer from its own start to its own end', () => {
    const whole = Buffer.from('Package: x\nPackage: a\n\nPackage: b\nPackage: y\n')
    expect(parse(whole.subarray(11, 34))).toEqual([{ package: 'a' }, { package: 'b' }])
  })
})
