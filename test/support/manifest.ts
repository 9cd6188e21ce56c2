import { type BigIntStats, closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs'
import { decodeName } from '../../src/fs/name.js'
import type { FileType } from '../../src/fs/types.js'
import { type Entry, hashFile } from './entry.js'

const S_IFMT = 0o170000
const TYPES: ReadonlyMap<number, FileType> = new Map([
  [0o100000, 'file'],
  [0o040000, 'dir'],
  [0o120000, 'symlink'],
  [0o020000, 'char'],
  [0o060000, 'block'],
  [0o010000, 'fifo'],
  [0o140000, 'socket'],
])
const SLASH = Buffer.from('/')

/** The kernel's view of a mounted tree: every object below `root` and `root` itself as `/`. */
export async function kernelManifest(root: string): Promise<Entry[]> {
  const entries: Entry[] = []
  const hashes = new Map<bigint, string>()
  const pending: { at: Buffer; path: Buffer }[] = [{ at: Buffer.from(root), path: Buffer.alloc(0) }]
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { at, path } = next
    const found = await describe(at, path.length === 0 ? '/' : decodeName(path), hashes)
    if (found.type === 'dir' && found.error === undefined) {
      try {
        for (const name of readdirSync(at, { encoding: 'buffer' })) {
          pending.push({ at: Buffer.concat([at, SLASH, name]), path: Buffer.concat([path, SLASH, name]) })
        }
      } catch (error) {
        entries.push({ ...found, error: errno(error) })
        continue
      }
    }
    entries.push(found)
  }
  return entries
}

async function describe(at: Buffer, path: string, hashes: Map<bigint, string>): Promise<Entry> {
  let stat: BigIntStats
  try {
    stat = lstatSync(at, { bigint: true })
  } catch (error) {
    return { path, type: 'file', size: 0, mode: 0, uid: 0, gid: 0, nlink: 0, ino: 0, mtime: 0, mtimeNs: 0, error: errno(error) }
  }
  const seconds = floorDiv(stat.mtimeNs, 1_000_000_000n)
  const entry: Entry = {
    path,
    type: TYPES.get(Number(stat.mode) & S_IFMT)!,
    size: Number(stat.size),
    mode: Number(stat.mode) & 0o7777,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    nlink: Number(stat.nlink),
    ino: Number(stat.ino),
    mtime: Number(seconds),
    mtimeNs: Number(stat.mtimeNs - seconds * 1_000_000_000n),
  }
  try {
    if (entry.type === 'char' || entry.type === 'block') return { ...entry, rdev: deviceNumber(stat.rdev) }
    if (entry.type === 'symlink') return { ...entry, target: decodeName(readlinkSync(at, { encoding: 'buffer' })) }
    if (entry.type !== 'file') return entry
    const sha256 = hashes.get(stat.ino) ?? (await hashAt(at, entry.size))
    hashes.set(stat.ino, sha256)
    return { ...entry, sha256 }
  } catch (error) {
    return { ...entry, error: errno(error) }
  }
}

async function hashAt(at: Buffer, size: number): Promise<string> {
  const file = openSync(at, 'r')
  try {
    return await hashFile(size, (offset, length) => {
      const chunk = Buffer.allocUnsafe(length)
      return chunk.subarray(0, readSync(file, chunk, 0, length, offset))
    })
  } finally {
    closeSync(file)
  }
}

function floorDiv(value: bigint, by: bigint): bigint {
  const quotient = value / by
  return value % by < 0n ? quotient - 1n : quotient
}

/** glibc's `gnu_dev_major` and `gnu_dev_minor`. */
function deviceNumber(rdev: bigint): string {
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & ~0xfffn)
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & ~0xffn & 0xffffffffn)
  return `${major}:${minor}`
}

function errno(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code
  if (code === undefined) throw error
  return code
}
