import type { BlsEntry } from './bls.js'

/**
 * The order of entries in a menu of GRUB with `blscfg` (Fedora and its kin): by the ids, taken as name, version and release parted by the
 * last two hyphens, the newest first.
 */
export function compareGrubEntries(a: BlsEntry, b: BlsEntry): number {
  const left = splitId(a.id)
  const right = splitId(b.id)
  for (const field of [0, 1, 2] as const) {
    const order = compareSegments(left[field], right[field])
    if (order !== 0) return -order
  }
  return 0
}

/** Where there are less than three fields, the name is the first to be there, then the version. */
function splitId(id: string): readonly [string, string, string] {
  const last = id.lastIndexOf('-')
  if (last < 0) return [id, '', '']
  const before = id.lastIndexOf('-', last - 1)
  if (before < 0 || last === 0) return [id.slice(0, last), id.slice(last + 1), '']
  return [id.slice(0, before), id.slice(before + 1, last), id.slice(last + 1)]
}

const SEGMENT = /[^A-Za-z0-9~+]+|[~+]|\d+|[A-Za-z]+/g
const SEPARATOR = /^[^A-Za-z0-9~+]/

/** An early `rpmvercmp`, with `+` beside `~` and without `^`. */
function compareSegments(a: string, b: string): number {
  const left = (a.match(SEGMENT) ?? []).filter((segment) => !SEPARATOR.test(segment))
  const right = (b.match(SEGMENT) ?? []).filter((segment) => !SEPARATOR.test(segment))
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const x = left[i]
    const y = right[i]
    if (x === y) continue
    if (x === '~' || y === '~') return x === '~' ? -1 : 1
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1
    if (x === '+' || y === '+') return x === '+' ? -1 : 1
    const order = compareRuns(x, y)
    if (order !== 0) return order
  }
  return 0
}

/** Digits are above letters, and compare by value. */
function compareRuns(a: string, b: string): number {
  const [x, y] = [a, b].map((run) => (/^\d/.test(run) ? run.replace(/^0+/, '') : undefined))
  if (x !== undefined && y !== undefined) return x.length - y.length || compareText(x, y)
  if (x !== undefined || y !== undefined) return x !== undefined ? 1 : -1
  return compareText(a, b)
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

/**
 * The order of entries in the specification, and in systemd-boot: those with a sort key first, by it, by machine and by version, the
 * newest first; then the others by their ids, the newest first.
 */
export function compareBlsEntries(a: BlsEntry, b: BlsEntry): number {
  if ((a.sortKey === undefined) !== (b.sortKey === undefined)) return a.sortKey === undefined ? 1 : -1
  if (a.sortKey !== undefined && b.sortKey !== undefined) {
    const order =
      compareText(a.sortKey, b.sortKey) ||
      compareText(a.machineId ?? '', b.machineId ?? '') ||
      compareUapiVersions(b.version ?? '', a.version ?? '')
    if (order !== 0) return order
  }
  return compareUapiVersions(b.id, a.id)
}

const SIGNIFICANT = /[^A-Za-z0-9~\-^.]+/g
const PARTS = /[~\-^.]|\d+|[A-Za-z]+/g

/** https://uapi-group.org/specifications/specs/version_format_specification/ */
export function compareUapiVersions(a: string, b: string): number {
  // What is skipped still parts what stands on either side of it, as the space does here.
  const left = a.replace(SIGNIFICANT, ' ').match(PARTS) ?? []
  const right = b.replace(SIGNIFICANT, ' ').match(PARTS) ?? []
  for (let i = 0, j = 0; ; ) {
    const x = left[i]
    const y = right[j]
    if (x === '~' || y === '~') {
      if (x !== y) return x === '~' ? -1 : 1
    } else if (x === undefined || y === undefined) {
      return Number(x !== undefined) - Number(y !== undefined)
    } else if ('-^.'.includes(x) || '-^.'.includes(y)) {
      if (x !== y) return compareSeparators(x, y)
    } else {
      const digits = /^\d/.test(x) || /^\d/.test(y)
      if (digits) {
        const [m, n] = [x, y].map((part) => (/^\d/.test(part) ? part.replace(/^0+/, '') : ''))
        const order = m!.length - n!.length || compareText(m!, n!)
        if (order !== 0) return Math.sign(order)
        // A part that is no number counted as 0, and stays to be compared.
        if (/^\d/.test(x)) i++
        if (/^\d/.test(y)) j++
        continue
      }
      const order = compareText(x, y)
      if (order !== 0) return order
    }
    i++
    j++
  }
}

/** Of two parts of which at least one is a separator: `-` is below all, then `.`, and `^` above all. */
function compareSeparators(x: string, y: string): number {
  for (const [separator, order] of [
    ['-', -1],
    ['^', 1],
    ['.', -1],
  ] as const) {
    if (x === separator) return order
    if (y === separator) return -order
  }
  return 0
}
