import { describe, expect, it } from 'vitest'
import { compareRpm } from '../../src/advisories/versions/rpm.js'
import { rpmPairs } from '../advisories/versions/rpm-pairs.js'
import { rpmVercmp } from '../support/rpm-vercmp.js'

describe('rpm.vercmp', () => {
  it.each([1, 2, 3])('gives the same answer on 50,000 pairs (seed %i)', (seed) => {
    const pairs = rpmPairs(seed, 50_000)
    const answers = rpmVercmp(pairs)
    const wrong = pairs.flatMap(([a, b], i) => {
      const ours = compareRpm(a, b)
      return answers[i] === undefined || answers[i] === ours ? [] : [`${a} ${b}: ${answers[i]}, not ${ours}`]
    })
    expect(wrong.slice(0, 20)).toEqual([])
    expect(answers.filter((answer) => answer !== undefined).length).toBeGreaterThan(49_000)
    expect(answers.filter((answer) => answer === 0).length).toBeGreaterThan(1_000)
  })
})
