import { Random } from '../../support/random.js'

const NUMBERS = ['0', '00', '1', '01', '2', '9', '10', '11', '99', '007', '2024', '20240131', '18446744073709551616', '4294967295']
const SEPARATORS = ['.', '.', '.', '.', '_', '+', '..', '._', '~', '~', '^', '~~', '^^', '~^', '^~', '']
const WORDS = ['a', 'b', 'rc', 'beta', 'git', 'git1a2b3c', 'Z', 'z', 'el8', 'el8_8', 'amzn2', 'fc39', 'module', 'alpha']
const TAILS = [
  '',
  '',
  '.el8',
  '.el8_8',
  '.el9',
  '.amzn2.0.1',
  '.amzn2023',
  '.fc39',
  '~rc1',
  '^git1',
  '^20240131',
  '+',
  '.',
  '~',
  '^',
  'a',
  '.0',
]
const EPOCHS = ['', '', '', '', '0:', '1:', '2:', '10:', '00:', '01:', ':']
const EDITS = ['0', '1', '~', '^', '.', '_', 'a', 'Z', '+']
/** What rpm is handed now and then by those who write versions by hand. */
const GARBAGE = [
  '-',
  '--',
  '1-',
  '-1',
  ':',
  '1:',
  'a:1',
  '1:2:3',
  '%{dist}',
  '1%',
  'é',
  '1é2',
  '§',
  '1 2',
  '/',
  '1-2-3',
  '~',
  '^',
  '~-^',
  '.',
  '0-0',
]

/**
 * `count` pairs of rpm versions, mostly close to each other, so that the small differences decide: epochs, tildes, carets, letters,
 * leading zeros, missing releases, big numbers, now and then very long ones and garbage.
 */
export function rpmPairs(seed: number, count: number): [string, string][] {
  const random = new Random(seed)
  const chance = (percent: number): boolean => random.below(100) < percent
  const segments = (): string => {
    let text = chance(90) ? random.pick(NUMBERS) : random.pick(WORDS)
    const length = chance(1) ? 100 : random.below(5)
    for (let i = 0; i < length; i++) text += random.pick(SEPARATORS) + (chance(70) ? random.pick(NUMBERS) : random.pick(WORDS))
    return text
  }
  const version = (): string => {
    if (chance(3)) return random.pick(GARBAGE)
    const release = chance(25) ? '' : `-${random.pick(NUMBERS)}${random.pick(TAILS)}`
    return random.pick(EPOCHS) + segments() + random.pick(TAILS) + release
  }
  const edited = (text: string): string => {
    const at = random.below(text.length + 1)
    const roll = random.below(100)
    if (roll < 30) return text + random.pick(TAILS)
    if (roll < 60) return text.slice(0, at) + random.pick(EDITS) + text.slice(at)
    if (roll < 80) return text.slice(0, at) + text.slice(at + 1)
    return text.slice(0, at) + version()
  }
  return Array.from({ length: count }, () => {
    const first = version()
    return [first, chance(70) ? edited(first) || '0' : version()]
  })
}
