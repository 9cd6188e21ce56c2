import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs'
import { join } from 'node:path'

/** A prototype file for `mkfs.xfs -p` of a folder: its names may hold no blanks; sockets and further names of a file are not known to it. */
export function prototypeOf(folder: string): string {
  const lines = ['/', '0 0', describe(folder, '')]
  addContents(folder, lines)
  return `${lines.join('\n')}\n`
}

function addContents(folder: string, lines: string[]): void {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name)
    const stat = lstatSync(path)
    lines.push(`${name} ${describe(path, contentsOf(path, stat))}`)
    if (stat.isDirectory()) addContents(path, lines)
  }
  lines.push('$')
}

function contentsOf(path: string, stat: Stats): string {
  if (stat.isFile()) return path
  if (stat.isSymbolicLink()) return readlinkSync(path)
  return stat.isBlockDevice() || stat.isCharacterDevice()
    ? `${(stat.rdev >>> 8) & 0xfff} ${(stat.rdev & 0xff) | ((stat.rdev >>> 12) & 0xfff00)}`
    : ''
}

function describe(path: string, rest: string): string {
  const stat = lstatSync(path)
  const type = stat.isDirectory()
    ? 'd'
    : stat.isSymbolicLink()
      ? 'l'
      : stat.isFIFO()
        ? 'p'
        : stat.isBlockDevice()
          ? 'b'
          : stat.isCharacterDevice()
            ? 'c'
            : '-'
  const setuid = stat.mode & 0o4000 ? 'u' : '-'
  const setgid = stat.mode & 0o2000 ? 'g' : '-'
  return `${type}${setuid}${setgid}${(stat.mode & 0o777).toString(8).padStart(3, '0')} ${stat.uid} ${stat.gid} ${rest}`.trimEnd()
}
