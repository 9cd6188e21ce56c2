const TILDE = 0x7e
const CARET = 0x5e
const DIGIT_0 = 0x30
// Not the grammar of rpm, which has none, but what rpmbuild lets through.
const VALID = /^(?:\d{1,10}:)?[A-Za-z0-9._+~^]+(?:-[A-Za-z0-9._+~^]+)?$/

interface RpmVersion {
  readonly epoch: string
  readonly version: string
  readonly release: string | undefined
}

/** `[epoch:]version[-release]`, the release behind the last hyphen; a version without an epoch has the epoch 0. */
function splitRpm(text: string): RpmVersion {
  const [head, epoch] = /^(\d*):/.exec(text) ?? ['']
  const rest = text.slice(head.length)
  const hyphen = rest.lastIndexOf('-')
  return {
    epoch: epoch || '0',
    version: hyphen < 0 ? rest : rest.slice(0, hyphen),
    release: hyphen < 0 ? undefined : rest.slice(hyphen + 1),
  }
}

/**
 * Orders two versions of rpm packages, with epoch and release, exactly as `rpm.vercmp` of rpm's Lua does: -1, 0 or 1. A missing epoch is 0,
 * a missing release is below every other.
 *
 * rpm-version(7)
 */
export function compareRpm(a: string, b: string): number {
  if (a === b) return 0
  const left = splitRpm(a)
  const right = splitRpm(b)
  return compareSegments(left.epoch, right.epoch) || compareSegments(left.version, right.version) || compareReleases(left, right)
}

function compareReleases({ release: a }: RpmVersion, { release: b }: RpmVersion): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined)
  return compareSegments(a, b)
}

/** Whether this is a version as rpmbuild takes it, epoch and release included where they are given. */
export function isRpmVersion(version: string): boolean {
  return VALID.test(version)
}

/**
 * `rpmvercmp`: segments of digits or letters, parted by anything else. `~` is below everything, the end included; `^` is above the end
 * and below any further segment; digits are above letters and compare by value, of any length.
 */
function compareSegments(a: string, b: string): number {
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    i = skipSeparators(a, i)
    j = skipSeparators(b, j)
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(j)
    if (x === TILDE || y === TILDE) {
      if (x !== y) return x === TILDE ? -1 : 1
      i++
      j++
      continue
    }
    if (x === CARET || y === CARET) {
      if (i >= a.length) return -1
      if (j >= b.length) return 1
      if (x !== y) return x === CARET ? -1 : 1
      i++
      j++
      continue
    }
    if (i >= a.length || j >= b.length) break
    const inRun = isDigit(x) ? isDigit : isLetter
    if (!inRun(y)) return isDigit(x) ? 1 : -1
    const runA = runEnd(a, i, inRun)
    const runB = runEnd(b, j, inRun)
    const difference = isDigit(x) ? compareDigits(a.slice(i, runA), b.slice(j, runB)) : compareText(a.slice(i, runA), b.slice(j, runB))
    if (difference !== 0) return difference
    i = runA
    j = runB
  }
  return Number(i < a.length) - Number(j < b.length)
}

function skipSeparators(text: string, from: number): number {
  let at = from
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (isDigit(code) || isLetter(code) || code === TILDE || code === CARET) break
  }
  return at
}

function runEnd(text: string, from: number, inRun: (code: number) => boolean): number {
  let at = from
  while (inRun(text.charCodeAt(at))) at++
  return at
}

function compareDigits(a: string, b: string): number {
  const left = withoutZeros(a)
  const right = withoutZeros(b)
  return left.length === right.length ? compareText(left, right) : left.length < right.length ? -1 : 1
}

function withoutZeros(digits: string): string {
  let at = 0
  while (digits.charCodeAt(at) === DIGIT_0) at++
  return digits.slice(at)
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

function isDigit(code: number): boolean {
  return code >= DIGIT_0 && code <= 0x39
}

function isLetter(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)
}
