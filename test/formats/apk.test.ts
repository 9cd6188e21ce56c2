import { describe, expect, it } from 'vitest'
import { parseApkInstalled } from '../../src/formats/apk.js'

const MUSL = `C:Q1OgyDmiVCBsp0bTm3CcxcsXIGE6w=
P:musl
V:1.2.4-r2
A:x86_64
S:396213
I:634880
T:the musl c library (libc) implementation
U:https://musl.libc.org/
L:MIT
o:musl
m:Timo Teräs <timo.teras@iki.fi>
t:1700000000
c:f93af038c3de7146121c2ea8124ba5ce29b4b058
p:so:libc.musl-x86_64.so.1=1
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755
Z:Q1tQZeYxF7mVFHUnXwF6C5zGK8Y+I=
R:libc.musl-x86_64.so.1
F:
R:top
F:usr/share/a b
`

function parse(text: string | Buffer): string[] {
  return [...parseApkInstalled(Buffer.from(text))].map((record) =>
    record instanceof Error ? record.message : [record.name, record.version, record.arch, record.origin, record.line].join(' '),
  )
}

describe('parseApkInstalled', () => {
  it('takes what a stanza says of a package and its files', () => {
    const [record] = parseApkInstalled(Buffer.from(MUSL))
    expect(record).toMatchObject({
      line: 1,
      name: 'musl',
      version: '1.2.4-r2',
      arch: 'x86_64',
      origin: 'musl',
      license: 'MIT',
      installedSizeBytes: 634_880,
    })
    expect(record instanceof Error || record?.files()).toEqual(['/lib/ld-musl-x86_64.so.1', '/lib/libc.musl-x86_64.so.1', '/top'])
  })

  it('reads many stanzas, the last with or without a blank line behind it', () => {
    const text = 'P:a\nV:1\nA:noarch\no:s\n\n\nP:b\nV:2\n'
    const both = ['a 1 noarch s 1', 'b 2   7']
    expect(parse(text)).toEqual(both)
    expect(parse(`${text}\n\n`)).toEqual(both)
    expect(parse(text.trimEnd())).toEqual(both)
  })

  it('keeps the files of a stanza apart from those of the next', () => {
    const records = [...parseApkInstalled(Buffer.from('P:a\nV:1\nF:x\nR:1\n\nP:b\nV:2\nF:y\nR:2\n'))]
    expect(records.map((record) => (record instanceof Error ? [] : record.files()))).toEqual([['/x/1'], ['/y/2']])
  })

  it('lists virtual packages as apk does', () => expect(parse('P:.build-deps\nV:20240101.123456\nA:noarch\n')).toHaveLength(1))

  it.each([
    ['V:1\nA:x', 'line 5: a package without a valid name'],
    ['P:\nV:1', 'line 5: a package without a valid name'],
    ['P:a b\nV:1', 'line 5: a package without a valid name'],
    ['P:x', 'line 5: x: no valid version'],
    ['P:x\nV:1 2', 'line 5: x: no valid version'],
    ['P:x\nV:1\nA:\x07', 'line 5: x: not a valid architecture'],
    ['P:x\nV:1\nP:y\nV:2', 'line 7: P: given twice'],
    ['P:x\ngarbage\nV:1', 'line 6: not a letter, a colon and a value'],
    ['P', 'line 5: not a letter, a colon and a value'],
    [`P:x\nV:${'1'.repeat(70_000)}`, 'line 6: V: longer than 65536 bytes'],
  ])('reports the broken stanza %j and reads on', (stanza, problem) => {
    expect(parse(`P:first\nV:1\no:s\n\n${stanza}\n\nP:last\nV:2\no:s\n`)).toEqual([
      'first 1  s 1',
      problem,
      expect.stringMatching(/^last 2 {2}s \d+$/),
    ])
  })

  it('finds nothing in nothing', () => expect(parse('')).toEqual([]))

  it('reports garbage without failing', () => {
    const garbage = Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * 7919) % 256))
    expect(parse(garbage).every((line) => line.startsWith('line '))).toBe(true)
  })
})
