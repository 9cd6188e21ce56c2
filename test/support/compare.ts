import type { Entry } from './entry.js'

export interface CompareOptions {
  /** Fields that the expectation does not know; `dirSize`: those of directories alone. */
  readonly ignore?: readonly (keyof Entry | 'dirSize')[]
  /** The filesystem is damaged: what is missing or carries an `error` (of the right type) is no fault; what is given must be right. */
  readonly partial?: boolean
  /** Most lines returned. */
  readonly show?: number
}

const FIELDS: readonly (keyof Entry)[] = [
  'type',
  'size',
  'mode',
  'uid',
  'gid',
  'nlink',
  'ino',
  'mtime',
  'mtimeNs',
  'rdev',
  'target',
  'sha256',
  'error',
]

/** Differences as lines for people; empty when the listing is right. An expected entry with `error` is held to its path only. */
export function compareEntries(expected: readonly Entry[], actual: readonly Entry[], options: CompareOptions = {}): string[] {
  const { ignore = [], partial = false, show = 20 } = options
  const fields = FIELDS.filter((field) => !ignore.includes(field))
  const differences: string[] = []
  const seen = new Map<string, Entry>()
  const opaque = expected.filter((entry) => entry.error !== undefined).map((entry) => `${entry.path}/`)
  for (const entry of actual) {
    if (seen.has(entry.path)) differences.push(`duplicate ${quote(entry.path)}`)
    seen.set(entry.path, entry)
  }
  for (const want of expected) {
    const got = seen.get(want.path)
    seen.delete(want.path)
    if (!got) {
      if (!partial) differences.push(`missing ${want.type} ${quote(want.path)}`)
      continue
    }
    if (want.error !== undefined) continue
    if (partial && got.error !== undefined) {
      if (got.type !== want.type) differences.push(`${quote(want.path)} type: got ${got.type}, want ${want.type} (${got.error})`)
      continue
    }
    for (const field of fields) {
      if (got[field] === want[field]) continue
      if (field === 'size' && want.type === 'dir' && ignore.includes('dirSize')) continue
      differences.push(`${quote(want.path)} ${field}: got ${shown(got[field])}, want ${shown(want[field])}`)
    }
  }
  for (const extra of seen.values()) {
    if (!opaque.some((prefix) => extra.path.startsWith(prefix))) differences.push(`extra ${extra.type} ${quote(extra.path)}`)
  }
  differences.push(...linkDifferences(expected, actual))
  if (differences.length <= show) return differences
  return [...differences.slice(0, show), `... and ${differences.length - show} more`]
}

/** Paths that are one inode in one list must be one inode in the other, whatever its number. */
function linkDifferences(expected: readonly Entry[], actual: readonly Entry[]): string[] {
  const inodeOf = new Map(actual.filter((entry) => entry.error === undefined).map((entry) => [entry.path, entry.ino]))
  const forward = new Map<number, number>()
  const back = new Map<number, number>()
  const differences: string[] = []
  for (const { path, ino, error } of expected) {
    const got = inodeOf.get(path)
    if (got === undefined || error !== undefined) continue
    if ((forward.get(ino) ?? got) !== got || (back.get(got) ?? ino) !== ino) differences.push(`${quote(path)} is linked to other paths`)
    forward.set(ino, got)
    back.set(got, ino)
  }
  return differences
}

function quote(path: string): string {
  const text = JSON.stringify(path)
  return text.length <= 200 ? text : `${text.slice(0, 90)}...${text.slice(-90)}`
}

function shown(value: string | number | undefined): string {
  return typeof value === 'string' ? quote(value) : String(value)
}
