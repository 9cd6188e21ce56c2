import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compareApk, isApkVersion } from '../../../src/advisories/versions/apk.js'
import { versionOrder } from '../../../src/advisories/versions/index.js'
import { apkPairs } from './apk-pairs.js'
import { expectTotalOrder, slowest, wrongLines } from './order-properties.js'

const fixture = readFileSync(new URL('../../../fixtures/versions/apk.txt', import.meta.url), 'utf8')

describe('compareApk', () => {
  it('agrees with apk-tools on every line of the fixture, both ways round', () => {
    expect(wrongLines(compareApk, fixture)).toEqual([])
    expect(fixture.split('\n').length).toBeGreaterThan(2_000)
  })

  it.each([
    ['1.2.4-r9', '<', '1.2.4-r10'],
    ['1.2.4', '<', '1.2.4-r0'],
    ['3.0_alpha1', '<', '3.0_beta'],
    ['3.0_rc9', '<', '3.0'],
    ['3.0', '<', '3.0_git20240101'],
    ['3.0_git1', '<', '3.0_p1'],
    ['1.1.1w', '<', '1.1.1.1'],
    ['1.1.1', '<', '1.1.1a'],
    ['1.06', '<', '1.1'],
    ['1.010', '<', '1.02'],
    ['01.1', '=', '1.1'],
    ['1.0_p1~1a2b', '<', '1.0_p1~1a2c'],
    ['99999999999999999999998', '<', '99999999999999999999999'],
    ['5.7.1p1', '<', '5.7.1p2'],
    ['1.0bc', '<', '1.0b'],
    ['abc', '<', '0'],
  ] as const)('%s %s %s', (a, relation, b) => {
    expect(compareApk(a, b)).toBe(relation === '<' ? -1 : 0)
    expect(compareApk(b, a)).toBe(relation === '<' ? 1 : 0)
  })

  it('is a total order, over garbage too', () => {
    const odd = [
      '',
      '.',
      '-',
      '_',
      '~',
      'a',
      '1.',
      '1_',
      '1_foo',
      '1~',
      '1~xyz',
      '1-r',
      '1-x',
      '1a1',
      '1_p_p',
      '1-r1-r1',
      'é',
      '1é',
      '\0',
      '🦉',
    ]
    expectTotalOrder(compareApk, [...odd, ...apkPairs(7, 20).flat()])
  })

  it('is linear in the length of its arguments', () => {
    expect(slowest(compareApk, ['1', '.1', '.0', '_p', '_p1', 'a', '~f', '-r1', '!'])).toBeLessThan(500)
  })
})

describe('isApkVersion', () => {
  it.each(['1', '1.2.3', '1.1.1w-r0', '2.0_rc1_git20240101-r3', '1.0~1a2b-r0', '0.0_p'])('takes %s', (version) =>
    expect(isApkVersion(version)).toBe(true),
  )
  it.each(['', 'a', '1.', '1..2', '1_', '1_foo', '1-1', '1-r', '5.7.1p1', '1bc', '1-r1_p'])('refuses %j', (version) =>
    expect(isApkVersion(version)).toBe(false),
  )
})

it('is the order of the distributions that use apk', () => {
  for (const ecosystem of ['Alpine:v3.20', 'Wolfi', 'Chainguard']) expect(versionOrder(ecosystem).compare).toBe(compareApk)
})
