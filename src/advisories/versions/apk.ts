import { compareRuns } from './runs.js'

// digits{.digits}...{letter}{_suffix{digits}}...{~hash}{-r digits}
// https://gitlab.alpinelinux.org/alpine/apk-tools/-/blob/v3.0.0/src/version.c

/** In the order in which a version that has this next is above one that has another; a kind can follow only a lower one, or itself. */
const KINDS = ['first', 'digits', 'letter', 'suffix', 'suffixNumber', 'hash', 'revision', 'end', 'invalid'] as const
type Kind = (typeof KINDS)[number]

/** Those below the empty place are of pre-releases. */
const SUFFIXES = ['alpha', 'beta', 'pre', 'rc', '', 'cvs', 'svn', 'git', 'hg', 'p']
const RELEASE = SUFFIXES.indexOf('')

interface Part {
  readonly kind: Kind
  readonly text: string
  /** Where the next part begins. */
  readonly end: number
}

function rank(kind: Kind): number {
  return KINDS.indexOf(kind)
}

const DIGITS = /\d+/y
const DOTTED = /\.?(\d+)/y
const LETTER = /[a-z]/y
const SUFFIX = /_([a-z]+)/y
const HASH = /~([0-9a-fA-F]+)/y
const REVISION = /-r(\d+)/y

/** The part at `at`, which follows one of the kind `before`. Everything from the first bad character on is one invalid part. */
function nextPart(version: string, at: number, before: Kind | undefined): Part {
  const take = (kind: Kind, pattern: RegExp): Part | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(version)
    return found ? { kind, text: found[1] ?? found[0], end: pattern.lastIndex } : undefined
  }
  const invalid: Part = { kind: 'invalid', text: version.slice(at), end: version.length }
  if (before === undefined) return take('first', DIGITS) ?? invalid
  if (at >= version.length) return { kind: 'end', text: '', end: at }
  const last = rank(before)
  const inNumbers = last <= rank('digits')
  const part =
    (inNumbers ? (take('letter', LETTER) ?? take('digits', DOTTED)) : undefined) ??
    (before === 'suffix' ? take('suffixNumber', DIGITS) : undefined) ??
    (last <= rank('suffixNumber') ? take('suffix', SUFFIX) : undefined) ??
    (last < rank('hash') ? take('hash', HASH) : undefined) ??
    (last < rank('revision') ? take('revision', REVISION) : undefined)
  if (part === undefined || (part.kind === 'suffix' && !isSuffix(part.text))) return invalid
  return part
}

function isSuffix(text: string): boolean {
  return text !== '' && SUFFIXES.includes(text)
}

/**
 * Orders two versions of apk packages as `apk version -t` of apk-tools 3 does: -1, 0 or 1. Where both become invalid at the same place,
 * what follows is ordered by runs of text and numbers.
 */
export function compareApk(a: string, b: string): number {
  if (a === b) return 0
  let left: Part | undefined
  let right: Part | undefined
  do {
    left = nextPart(a, left?.end ?? 0, left?.kind)
    right = nextPart(b, right?.end ?? 0, right?.kind)
    if (left.kind !== right.kind) return compareKinds(left, right)
    const difference = compareParts(left, right)
    if (difference !== 0) return difference
  } while (left.kind !== 'end' && left.kind !== 'invalid')
  return 0
}

/** The version that goes on is above the other, unless it goes on to be a pre-release. */
function compareKinds(a: Part, b: Part): number {
  if (isPreRelease(a)) return -1
  if (isPreRelease(b)) return 1
  return rank(a.kind) > rank(b.kind) ? -1 : 1
}

function isPreRelease({ kind, text }: Part): boolean {
  return kind === 'suffix' && SUFFIXES.indexOf(text) < RELEASE
}

function compareParts({ kind, text: a }: Part, { text: b }: Part): number {
  if (kind === 'end') return 0
  if (kind === 'invalid') return compareRuns(a, b)
  if (kind === 'suffix') return Math.sign(SUFFIXES.indexOf(a) - SUFFIXES.indexOf(b))
  const fraction = kind === 'digits' && (a.startsWith('0') || b.startsWith('0'))
  if (kind === 'letter' || kind === 'hash' || fraction) return a === b ? 0 : a < b ? -1 : 1
  return compareNumbers(a, b)
}

/** By value, at any length. */
function compareNumbers(a: string, b: string): number {
  const left = a.replace(/^0+/, '')
  const right = b.replace(/^0+/, '')
  if (left.length !== right.length) return left.length < right.length ? -1 : 1
  return left === right ? 0 : left < right ? -1 : 1
}

/** Whether apk takes this as a version. */
export function isApkVersion(version: string): boolean {
  let part = nextPart(version, 0, undefined)
  while (part.kind !== 'end' && part.kind !== 'invalid') part = nextPart(version, part.end, part.kind)
  return part.kind === 'end'
}
