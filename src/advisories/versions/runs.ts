const TILDE = 0x7e
const DIGIT_0 = 0x30
const DIGIT_9 = 0x39

function isDigit(code: number): boolean {
  return code >= DIGIT_0 && code <= DIGIT_9
}

function isLetter(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)
}

/** Weight of the character at `at`: `~` below the end, the end like a digit, letters below all other characters. */
function weight(text: string, at: number): number {
  if (at >= text.length) return 0
  const code = text.charCodeAt(at)
  if (isDigit(code)) return 0
  if (isLetter(code)) return code
  if (code === TILDE) return -1
  // A byte above ASCII is a negative `char` where dpkg is built for amd64, and weighs just itself.
  return code > 0x7f ? code : code + 256
}

/**
 * Orders two strings by alternating runs of non-digits and digits, as dpkg orders an upstream version or a revision.
 * Digit runs compare by value at any length. Linear, and 0 for strings that differ only in leading zeros.
 *
 * deb-version(7), "Sorting algorithm"
 */
export function compareRuns(a: string, b: string): number {
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a.charCodeAt(i))) || (j < b.length && !isDigit(b.charCodeAt(j)))) {
      const difference = weight(a, i) - weight(b, j)
      if (difference !== 0) return difference < 0 ? -1 : 1
      i++
      j++
    }
    while (a.charCodeAt(i) === DIGIT_0) i++
    while (b.charCodeAt(j) === DIGIT_0) j++
    let firstDifference = 0
    while (isDigit(a.charCodeAt(i)) && isDigit(b.charCodeAt(j))) {
      if (firstDifference === 0) firstDifference = a.charCodeAt(i) - b.charCodeAt(j)
      i++
      j++
    }
    if (isDigit(a.charCodeAt(i))) return 1
    if (isDigit(b.charCodeAt(j))) return -1
    if (firstDifference !== 0) return firstDifference < 0 ? -1 : 1
  }
  return 0
}
