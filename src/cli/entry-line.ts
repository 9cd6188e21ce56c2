import { displayName, encodeName, type FileType, isUtf8Name, type TreeEntry } from '../fs/index.js'
import { printable } from '../report/text.js'
import type { Fact } from './entry-facts.js'

const TYPE_LETTERS: Readonly<Record<FileType, string>> = {
  file: '-',
  dir: 'd',
  symlink: 'l',
  char: 'c',
  block: 'b',
  fifo: 'p',
  socket: 's',
}

/**
 * One entry as a JSON object. A name that is not UTF-8 comes with U+FFFD, and its bytes in base64 beside it. Put together by hand: an object
 * for each of a million entries takes most of the time of a listing.
 */
export function jsonLine(path: string, entry: TreeEntry, fact: Fact): string {
  const { type, size, mode, uid, gid, nlink, ino, mtime, mtimeNs, rdev } = entry.stat
  const error = entry.error ?? entry.stat.error ?? fact.error
  return (
    `{${named('path', path)},"type":"${type}","size":${size},"mode":${mode},"uid":${uid},"gid":${gid},"nlink":${nlink},"ino":${ino}` +
    `,"mtime":${mtime},"mtime_ns":${mtimeNs}` +
    (rdev === undefined ? '' : `,"rdev":"${rdev}"`) +
    (fact.target === undefined ? '' : `,${named('target', fact.target)}`) +
    (fact.sha256 === undefined ? '' : `,"sha256":"${fact.sha256}"`) +
    (error === undefined ? '' : `,"error":${JSON.stringify(error)}`) +
    '}'
  )
}

function named(key: 'path' | 'target', name: string): string {
  if (isUtf8Name(name)) return `"${key}":${JSON.stringify(name)}`
  return `"${key}":${JSON.stringify(displayName(name))},"${key}_b64":"${encodeName(name).toString('base64')}"`
}

/** One entry as `ls -l` would have it, with its hash in front where there are hashes. */
export function textLine(path: string, entry: TreeEntry, fact: Fact, withHash: boolean): string {
  const { stat } = entry
  const error = entry.error ?? stat.error ?? fact.error
  const hash = withHash ? `${fact.sha256 ?? '-'.padEnd(64)} ` : ''
  const size = (stat.rdev ?? String(stat.size)).padStart(12)
  const owner = `${String(stat.uid).padStart(5)} ${String(stat.gid).padStart(5)}`
  const target = fact.target === undefined ? '' : ` -> ${printable(fact.target)}`
  const remark = error === undefined ? '' : `  [${printable(error)}]`
  return `${hash}${TYPE_LETTERS[stat.type]}${permissions(stat.mode)} ${String(stat.nlink).padStart(3)} ${owner} ${size} ${timeText(stat.mtime)} ${printable(path)}${target}${remark}`
}

function permissions(mode: number): string {
  const triple = (bits: number, special: boolean, letter: string): string => {
    const execute = bits & 1 ? (special ? letter : 'x') : special ? letter.toUpperCase() : '-'
    return `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${execute}`
  }
  return (
    triple((mode >> 6) & 7, (mode & 0o4000) !== 0, 's') +
    triple((mode >> 3) & 7, (mode & 0o2000) !== 0, 's') +
    triple(mode & 7, (mode & 0o1000) !== 0, 't')
  )
}

/** `2024-01-31 23:59:59`, in UTC; seconds of ext4 reach the year 2446. */
function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')
}
