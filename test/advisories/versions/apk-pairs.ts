import { Random } from '../../support/random.js'

const NUMBERS = ['0', '00', '1', '01', '010', '2', '9', '10', '11', '99', '2024', '20240131']
const LETTERS = ['', '', '', '', 'a', 'b', 'z']
const SUFFIXES = ['alpha', 'beta', 'pre', 'rc', 'cvs', 'svn', 'git', 'hg', 'p']
const HASHES = ['', '', '', '', '', '~0', '~1a2b3c', '~1a2b', '~f']
const REVISIONS = ['', '-r0', '-r1', '-r2', '-r10', '-r01']
const EDITS = ['0', '1', '.', '.0', '.1', 'a', '_p', '_rc1', '_git', '~ab', '-r1', '_', '-', '!']

/**
 * `count` pairs of apk versions, mostly close to each other, so that the small differences decide: leading zeros, letters, suffixes of
 * both kinds with and without numbers, hashes, revisions; some are not valid.
 */
export function apkPairs(seed: number, count: number): [string, string][] {
  const random = new Random(seed)
  const version = (): string => {
    let text = random.pick(NUMBERS)
    for (let i = random.below(4); i > 0; i--) text += `.${random.pick(NUMBERS)}`
    text += random.pick(LETTERS)
    for (let i = random.below(10) < 6 ? 0 : 1 + random.below(2); i > 0; i--) {
      text += `_${random.pick(SUFFIXES)}${random.below(2) === 0 ? '' : random.pick(NUMBERS)}`
    }
    return text + random.pick(HASHES) + random.pick(REVISIONS)
  }
  const edited = (text: string): string => {
    const at = random.below(text.length + 1)
    if (random.below(3) === 0) return text.slice(0, at) + text.slice(at + 1)
    return text.slice(0, at) + random.pick(EDITS) + text.slice(random.below(2) === 0 ? at : text.length)
  }
  return Array.from({ length: count }, () => {
    const first = version()
    return [first, random.below(10) < 7 ? edited(first) || '0' : version()]
  })
}
