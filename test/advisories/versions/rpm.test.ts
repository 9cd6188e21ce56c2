import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { versionOrder } from '../../../src/advisories/versions/index.js'
import { compareRpm, isRpmVersion } from '../../../src/advisories/versions/rpm.js'
import { expectTotalOrder, slowest, wrongLines } from './order-properties.js'
import { rpmPairs } from './rpm-pairs.js'

const fixture = readFileSync(new URL('../../../fixtures/versions/rpm.txt', import.meta.url), 'utf8')

describe('compareRpm', () => {
  it('agrees with rpm.vercmp on every line of the fixture, both ways round', () => {
    expect(wrongLines(compareRpm, fixture)).toEqual([])
    expect(fixture.split('\n').length).toBeGreaterThan(3_000)
  })

  // What rpm 4.18 answers.
  it.each([
    ['1.0~rc1-1', '<', '1.0-1'],
    ['1.0-1', '<', '1.0^git1-1'],
    ['1.0^git1-1', '<', '1.0.1-1'],
    ['1.0~rc1^git1', '<', '1.0~rc1.1'],
    ['1.0', '<', '1.0-1'],
    ['1.0-1', '=', '0:1.0-1'],
    ['9:1.0', '<', '10:0.1'],
    ['1.0-1.el8', '<', '1.0-1.el8_8'],
    ['1.0-1.amzn2', '<', '1.0-1.amzn2023'],
    ['4.14.355-271.563.amzn2', '<', '5.10.228-219.884.amzn2'],
    ['1.0a', '<', '1.0.1'],
    ['1.05', '=', '1.5'],
    ['1.0.', '=', '1.0'],
    ['1_0', '=', '1.0'],
    ['1.Z', '<', '1.a'],
    ['99999999999999999999998', '<', '99999999999999999999999'],
  ] as const)('%s %s %s', (a, relation, b) => {
    expect(compareRpm(a, b)).toBe(relation === '<' ? -1 : 0)
    expect(compareRpm(b, a)).toBe(relation === '<' ? 1 : 0)
  })

  it('is a total order, over garbage too', () => {
    const odd = ['', ':', '-', ':1', 'x:1', '1:', '1-', '-1', '--', '~', '^', '~^', '^~', '1 2', 'é', '\0', '1:2:3', '٣', '00', '🦉']
    expectTotalOrder(compareRpm, [...odd, ...rpmPairs(7, 20).flat()])
  })

  it('is linear in the length of its arguments', () => {
    expect(slowest(compareRpm, ['1', '1.', '~', '^', 'a1', '0', '-', ':', '.', 'é'])).toBeLessThan(500)
  })
})

describe('isRpmVersion', () => {
  it.each(['1.0-1', '1:2.36-9.el9_4', '0~rc1-0', '1.0^git1-1', '1.0'])('takes %s', (version) => expect(isRpmVersion(version)).toBe(true))
  it.each(['', '-1', '1-', ':1', 'x:1', '1-2-3', '1 2', '1é'])('refuses %j', (version) => expect(isRpmVersion(version)).toBe(false))
})

it('is the order of the distributions that use rpm', () => {
  for (const ecosystem of ['Red Hat:enterprise_linux:9::baseos', 'Rocky Linux:8', 'AlmaLinux:9', 'SUSE:Linux Enterprise Server 15 SP5']) {
    expect(versionOrder(ecosystem).compare).toBe(compareRpm)
  }
})
