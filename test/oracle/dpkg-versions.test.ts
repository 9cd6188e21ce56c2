import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { compareDeb, isDebVersion } from '../../src/advisories/versions/deb.js'
import { debPairs } from '../advisories/versions/deb-pairs.js'

/** Answers of Dpkg::Version, dpkg's own Perl implementation, for many pairs in one process. */
function compareWithPerl(pairs: readonly [string, string][]): number[] {
  const script = 'use Dpkg::Version; while (<STDIN>) { chomp; my ($a, $b) = split / /; print version_compare($a, $b), "\\n" }'
  const { stdout, status, stderr } = spawnSync('perl', ['-e', script], {
    input: pairs.map((pair) => pair.join(' ')).join('\n'),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new Error(stderr)
  return stdout.trimEnd().split('\n').map(Number)
}

/** `dpkg --compare-versions`; undefined where dpkg refuses one of them. */
function compareWithDpkg(a: string, b: string): number | undefined {
  const holds = (relation: string): boolean | undefined => {
    const { status } = spawnSync('dpkg', ['--compare-versions', a, relation, b])
    return status === 0 ? true : status === 1 ? false : undefined
  }
  const less = holds('lt')
  if (less === undefined) return undefined
  return less ? -1 : holds('eq') ? 0 : 1
}

describe('dpkg', () => {
  it('Dpkg::Version gives the same answer on tens of thousands of pairs', () => {
    // Perl's numbers lose digits above 2^53; pairs with such runs are left to dpkg itself.
    const pairs = debPairs(1, 100_000).filter((pair) => !/\d{16}/.test(pair.join(' ')))
    expect(pairs.length).toBeGreaterThan(30_000)
    const answers = compareWithPerl(pairs)
    expect(answers).toHaveLength(pairs.length)
    expect(pairs.filter(([a, b], i) => Math.sign(compareDeb(a, b)) !== answers[i]).slice(0, 5)).toEqual([])
  })

  it('dpkg --compare-versions gives the same answer on 2,500 more', () => {
    const wrong = debPairs(2, 2_500).filter(([a, b]) => compareDeb(a, b) !== compareWithDpkg(a, b))
    expect(wrong.slice(0, 5)).toEqual([])
  })

  it('and on odd versions that dpkg takes with a warning or refuses', () => {
    const odd = [
      'a1',
      '1_0',
      '1!0',
      '1.0-1_1',
      '1é',
      '1.0é2',
      'é',
      '1*',
      '1.0@',
      '+1:1',
      '-0:1',
      '1:2:3',
      '1.0-',
      '1 2',
      'x:1',
      ' 2',
      '1',
      '1+',
      '1a',
      '~1',
    ]
    const wrong: string[] = []
    let compared = 0
    for (const a of odd) {
      for (const b of odd) {
        const expected = compareWithDpkg(a, b)
        if (expected === undefined) continue
        compared++
        if (compareDeb(a, b) !== expected) wrong.push(`${a} ? ${b}: ${expected}`)
      }
    }
    expect(wrong).toEqual([])
    expect(compared).toBeGreaterThan(200)
  })

  it('takes without complaint just the versions that isDebVersion takes', () => {
    const versions = [
      '1.0',
      '2:1:0-1',
      '1-1-1',
      '0~',
      '',
      'a',
      '1_0',
      '1-',
      ':1',
      'x:1',
      '2147483648:1',
      '2147483647:1',
      '1 2',
      '1.0-1_1',
      '1é',
      '1:',
      '1:-1',
    ]
    const taken = versions.filter((version) => {
      const { status, stderr } = spawnSync('dpkg', ['--validate-version', version], { encoding: 'utf8' })
      return status === 0 && stderr === ''
    })
    expect(versions.filter(isDebVersion)).toEqual(taken)
  })
})
