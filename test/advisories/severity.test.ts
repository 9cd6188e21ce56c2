import { describe, expect, it } from 'vitest'
import { scoreVector, severityOfScore, severityOfWord } from '../../src/advisories/severity.js'

describe('scoreVector', () => {
  // Examples of the specifications and of the NVD.
  it.each([
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', '3.1', 9.8],
    ['CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N', '3.0', 6.1],
    // The base score: what else a vector says of time or environment does not lower it.
    ['CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:N/I:H/A:N/E:P', '3.1', 6.5],
    ['AV:N/AC:L/Au:N/C:C/I:C/A:C', '2.0', 10],
    ['CVSS:2.0/AV:N/AC:L/Au:N/C:P/I:P/A:P', '2.0', 7.5],
    ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', '4.0', 9.3],
    ['CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N', '3.1', 0],
  ])('%s', (vector, version, baseScore) => expect(scoreVector(vector)).toEqual({ version, vector, baseScore }))

  it.each([
    '',
    '7.5',
    'garbage',
    'CVSS:3.1/AV:N',
    'CVSS:3.1/AV:Q/AC:L/PR:L/UI:N/S:U/C:N/I:H/A:N',
    'CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:N/I:H/A:N/AV:L',
    'CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:N/I:H/A:N/',
    'CVSS:9.0/AV:N/AC:L/PR:L/UI:N/S:U/C:N/I:H/A:N',
    'CVSS:4.0/AV:N/AC:L/PR:L/UI:N/S:U/C:N/I:H/A:N',
    'AV:N/AC:L/PR:L/UI:N/S:U/C:N/I:H/A:N',
    '/'.repeat(10_000),
  ])('is undefined for %j', (vector) => expect(scoreVector(vector)).toBeUndefined())
})

describe('severity', () => {
  it('follows the bands of the specification', () => {
    const scores = [0, 0.1, 3.9, 4, 6.9, 7, 8.9, 9, 10]
    expect(scores.map((baseScore) => severityOfScore({ version: '3.1', baseScore }))).toEqual([
      'none',
      'low',
      'low',
      'medium',
      'medium',
      'high',
      'high',
      'critical',
      'critical',
    ])
    expect(severityOfScore({ version: '2.0', baseScore: 10 })).toBe('high')
  })

  it("knows the vendors' words", () => {
    const words = [
      'Critical',
      'HIGH',
      'Important',
      'MODERATE',
      'medium',
      'low**',
      'negligible',
      'unimportant',
      'untriaged',
      'end-of-life',
      'constructor',
      undefined,
    ]
    expect(words.map(severityOfWord)).toEqual([
      'critical',
      'high',
      'high',
      'medium',
      'medium',
      'low',
      'negligible',
      'negligible',
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})
