import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compareDeb, isDebVersion } from '../../../src/advisories/versions/deb.js'
import { hasVersionOrder, versionOrder } from '../../../src/advisories/versions/index.js'
import { debPairs, randomFrom } from './deb-pairs.js'

const fixture = readFileSync(new URL('../../../fixtures/versions/deb.txt', import.meta.url), 'utf8')

describe('compareDeb', () => {
  it('agrees with dpkg on every line of the fixture, both ways round', () => {
    const wrong: string[] = []
    for (const line of fixture.trimEnd().split('\n')) {
      const [a, relation, b] = line.split(' ') as [string, '<' | '=', string]
      const expected = relation === '<' ? -1 : 0
      if (compareDeb(a, b) !== expected || compareDeb(b, a) !== 0 - expected) wrong.push(line)
    }
    expect(wrong).toEqual([])
    expect(fixture.split('\n').length).toBeGreaterThan(2_000)
  })

  // What `dpkg --compare-versions` 1.21 answers, including versions it takes with a warning.
  it.each([
    ['1.0~rc1', '<', '1.0'],
    ['1.0~~', '<', '1.0~'],
    ['1.0', '=', '1.0-0'],
    ['1.0', '=', '0:1.0'],
    ['1.0-1', '<', '1.0-1+b1'],
    ['1.0-1~bpo12+1', '<', '1.0-1'],
    ['2.36-9+deb12u6', '<', '2.36-9+deb12u10'],
    ['9:0', '<', '10:0'],
    ['+1:1', '=', '1:1'],
    ['1.002', '=', '1.2'],
    ['1.0a', '<', '1.0+'],
    ['1.0-1-1', '<', '1.0-1-2'],
    ['1-1', '<', '1.0-1'],
    ['99999999999999999999999', '<', '100000000000000000000000'],
    ['', '<', '0~'],
    [' 1.0 ', '=', '1.0'],
    ['a', '<', 'b'],
    ['1_0', '<', '1_1'],
    ['1é', '<', '1+'],
  ] as const)('%s %s %s', (a, relation, b) => {
    expect(Math.sign(compareDeb(a, b))).toBe(relation === '<' ? -1 : 0)
    expect(Math.sign(compareDeb(b, a))).toBe(relation === '<' ? 1 : 0)
  })

  it('is a total order over versions that dpkg refuses, too', () => {
    const odd = [
      '',
      ':',
      '-',
      ':1',
      'x:1',
      '1:',
      '1-',
      '-1',
      '--',
      '~',
      '~~',
      '99999999999:1',
      '-1:1',
      '1 2',
      'é',
      '\0',
      '1:2:3',
      '٣',
      '1.0',
      '0',
      '00',
      '🦉',
    ]
    const versions = [...odd, ...debPairs(7, 20).flat()]
    for (const a of versions) {
      for (const b of versions) {
        const ab = compareDeb(a, b)
        expect(ab + compareDeb(b, a), `${a} ? ${b}`).toBe(0)
        for (const c of versions) {
          if (ab <= 0 && compareDeb(b, c) <= 0 && compareDeb(a, c) > 0) expect.fail(`${a} <= ${b} <= ${c} but ${a} > ${c}`)
        }
      }
    }
  })

  it('sorts to the same order whatever the order given', () => {
    const random = randomFrom(3)
    const versions = debPairs(11, 200).flat()
    const classes = (list: string[]): string[][] => {
      const sorted = [...list].sort(compareDeb)
      const groups: string[][] = []
      for (const [i, version] of sorted.entries()) {
        if (i > 0 && compareDeb(sorted[i - 1]!, version) === 0) groups.at(-1)!.push(version)
        else groups.push([version])
      }
      return groups.map((group) => group.sort())
    }
    const shuffled = versions.map((version) => ({ version, key: random() })).sort((a, b) => a.key - b.key)
    expect(classes(shuffled.map(({ version }) => version))).toEqual(classes(versions))
  })

  it('is linear in the length of its arguments', () => {
    for (const unit of ['1', '1.', '~', 'a1', '0', '-', ':', 'é']) {
      const long = unit.repeat(10_000)
      const start = performance.now()
      for (let i = 0; i < 20; i++) compareDeb(`1${long}1`, `1${long}2`)
      expect(performance.now() - start, unit).toBeLessThan(500)
    }
  })
})

describe('isDebVersion', () => {
  it.each(['1.0', '1:2.36-9+deb12u4', '0~', '1.0-1-1', '2:1:0-1'])('takes %s', (version) => expect(isDebVersion(version)).toBe(true))
  it.each(['', 'a', '1_0', '1-', ':1', 'x:1', '2147483648:1', '1 2', '1.0-1_1', '1é'])('refuses %j', (version) =>
    expect(isDebVersion(version)).toBe(false),
  )
})

describe('versionOrder', () => {
  it('finds an ecosystem by its name before the first colon', () => {
    expect(versionOrder('Ubuntu:Pro:22.04:LTS').compare).toBe(compareDeb)
    expect(versionOrder('Debian:12').compare('1~', '1')).toBe(-1)
  })

  it('orders an unknown ecosystem by runs of text and numbers, and says that this is a guess', () => {
    const order = versionOrder('constructor')
    expect(hasVersionOrder('constructor')).toBe(false)
    expect(order.compare('1.9', '1.10')).toBe(-1)
    expect(order.isValid('1.9')).toBe(false)
  })
})
