import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseOsRelease } from '../../src/formats/os-release.js'

// [line, value of A]: what a shell has in A after reading the line, where it is one that no word expands.
const VALUES: readonly (readonly [string, string])[] = [
  ['A=debian', 'debian'],
  ['A="Debian GNU/Linux 12 (bookworm)"', 'Debian GNU/Linux 12 (bookworm)'],
  ["A='12'", '12'],
  ['A=', ''],
  ['A=""', ''],
  ["A=''", ''],
  ['A="a \\"quoted\\" word"', 'a "quoted" word'],
  ['A="cost \\$5 \\`x\\` \\\\ done"', 'cost $5 `x` \\ done'],
  ['A="kept \\n \\d"', 'kept \\n \\d'],
  ['A=\'no \\escape "here" $x\'', 'no \\escape "here" $x'],
  ['A=back\\ slash\\"s', 'back slash"s'],
  ['A=mixed"double "\'single \'plain', 'mixeddouble single plain'],
  ['A=value # comment', 'value'],
  ['A=value#part', 'value#part'],
  ['A="# no comment"', '# no comment'],
  ['  A=indented', 'indented'],
  ['A=trailing   ', 'trailing'],
  ['A=é', 'é'],
  ['A=first\nA=second', 'second'],
  ['#A=comment\nA=x', 'x'],
]

describe('parseOsRelease', () => {
  it.each(VALUES)('%j', (text, value) => {
    expect(parseOsRelease(text).get('A')).toBe(value)
  })

  it('agrees with the shell', () => {
    const dir = mkdtempSync(join(tmpdir(), 'os-release-'))
    try {
      for (const [text, value] of VALUES) {
        writeFileSync(join(dir, 'os-release'), text)
        expect(execFileSync('/bin/sh', ['-c', `. ${dir}/os-release; printf %s "$A"`], { encoding: 'utf8' })).toBe(value)
      }
    } finally {
      rmSync(dir, { recursive: true })
    }
  })

  it('expands nothing', () => {
    expect(parseOsRelease('A=$HOME\nB="$(id)"\nC=`id`\nD=~')).toEqual(
      new Map([
        ['A', '$HOME'],
        ['B', '$(id)'],
        ['C', '`id`'],
        ['D', '~'],
      ]),
    )
  })

  it('leaves out what is no assignment', () => {
    const text = 'A="open\nB=\'open\n1C=x\nD-E=x\nF =x\n=x\nG\n\nH=end\\\n\u0000\nI=ok\r\n'
    expect(parseOsRelease(text)).toEqual(
      new Map([
        ['H', 'end'],
        ['I', 'ok'],
      ]),
    )
  })
})
