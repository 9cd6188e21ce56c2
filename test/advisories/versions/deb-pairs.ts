/** Mulberry32: the same pairs for the same seed on every machine. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const PIECES = ['.', '.', '.', '+', '~', '-', 'a', 'b', 'rc', 'Z', 'dfsg', 'git', '+really', '~rc', '..', '~~', '+~', 'deb', 'ubuntu']
const NUMBERS = ['0', '00', '1', '01', '2', '9', '10', '11', '99', '007', '2024', '20240131', '18446744073709551616', '4294967295']
const EPOCHS = ['', '', '', '', '0:', '1:', '2:', '10:', '00:', '01:']
const TAILS = [
  '',
  '',
  '',
  '+b1',
  '+b10',
  '~bpo12+1',
  '~bpo11+1',
  '+deb12u1',
  '+deb12u10',
  '~deb11u1',
  'ubuntu0.1',
  'ubuntu0.1~esm1',
  '.1',
  'build1',
]

/**
 * `count` pairs of versions that deb-version(7) allows, mostly close to each other, so that the small differences decide:
 * epochs, tildes, letters, leading zeros, binary rebuilds, backports, big numbers, and now and then very long ones.
 */
export function debPairs(seed: number, count: number): [string, string][] {
  const random = randomFrom(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const upstream = (): string => {
    let text = pick(NUMBERS)
    const length = random() < 0.01 ? 200 : Math.floor(random() * 5)
    for (let i = 0; i < length; i++) text += pick(PIECES) + (random() < 0.8 ? pick(NUMBERS) : '')
    return text
  }
  const revision = (): string => (random() < 0.25 ? '' : `-${pick(NUMBERS)}${random() < 0.5 ? pick(TAILS) : ''}${pick(TAILS)}`)
  const version = (): string => {
    const text = upstream() + revision()
    // A hyphen inside the upstream version needs a revision behind it.
    return pick(EPOCHS) + (text.endsWith('-') ? `${text}1` : text)
  }
  const mutated = (text: string): string => {
    const at = Math.floor(random() * (text.length + 1))
    const roll = random()
    const changed =
      roll < 0.35
        ? text + pick(TAILS)
        : roll < 0.6
          ? text.slice(0, at) + pick(['0', '1', '~', '.', '+', 'a']) + text.slice(at)
          : roll < 0.8
            ? text.slice(0, at) + text.slice(at + 1)
            : text.slice(0, at) + version()
    return isPlain(changed) ? changed : text
  }
  return Array.from({ length: count }, () => {
    const first = version()
    return [first, random() < 0.7 ? mutated(first) : version()]
  })
}

/** The grammar that dpkg takes without a warning, written apart from the code under test. */
function isPlain(version: string): boolean {
  return /^(?:\d{1,5}:)?\d[A-Za-z0-9.+~]*(?:-[A-Za-z0-9.+~]*)*$/.test(version) && !version.endsWith('-')
}
