import { ScanError } from '../../src/errors.js'
import type { FileSystem, Stat } from '../../src/fs/types.js'
import { type Entry, hashFile } from './entry.js'

/** The same list as `kernelManifest`, as our reader sees the filesystem. An error that is not a ScanError is a bug and is thrown. */
export async function listing(fs: FileSystem): Promise<Entry[]> {
  const found: { path: string; stat: Stat; error: string | undefined }[] = []
  await fs.walk(({ path, stat, error }) => {
    found.push({ path, stat: { ...stat }, error: error ?? stat.error })
    return undefined
  })
  const hashes = new Map<number, string>()
  const entries: Entry[] = []
  for (const { path, stat, error } of found) {
    const { ino, type, size, mode, uid, gid, nlink, mtime, mtimeNs, rdev } = stat
    const entry: Entry = { path, type, size, mode, uid, gid, nlink, ino, mtime, mtimeNs, ...(rdev === undefined ? {} : { rdev }) }
    if (error !== undefined) {
      entries.push({ ...entry, error })
      continue
    }
    try {
      if (type === 'symlink') entries.push({ ...entry, target: await fs.readlink(ino) })
      else if (type === 'file') entries.push({ ...entry, sha256: await hashInode(fs, ino, size, hashes) })
      else entries.push(entry)
    } catch (failure) {
      if (!(failure instanceof ScanError)) throw failure
      entries.push({ ...entry, error: `${failure.code}: ${failure.message}` })
    }
  }
  return entries
}

async function hashInode(fs: FileSystem, ino: number, size: number, hashes: Map<number, string>): Promise<string> {
  const known = hashes.get(ino)
  if (known !== undefined) return known
  const file = await fs.open(ino)
  if (file.size !== size) throw new Error(`inode ${ino}: handle says ${file.size} bytes, walk ${size}`)
  for (const { offset, length } of await file.extents()) {
    if (!(offset >= 0 && length > 0 && offset + length <= fs.sizeBytes)) throw new Error(`inode ${ino}: extent ${offset}+${length}`)
  }
  const sha256 = await hashFile(size, (offset, length) => file.read(offset, length))
  if (size > 3) await rereadMiddle(ino, file, size)
  hashes.set(ino, sha256)
  return sha256
}

/** A read that starts and ends within a block gives the same bytes as one around it. */
async function rereadMiddle(ino: number, file: Awaited<ReturnType<FileSystem['open']>>, size: number): Promise<void> {
  const start = Math.max(0, Math.floor(size / 2) - 5000)
  const around = await file.read(start, Math.min(10_000, size - start))
  const skip = Math.floor(around.length / 3)
  const inside = await file.read(start + skip, around.length - 2 * skip)
  if (Buffer.compare(inside, around.subarray(skip, around.length - skip)) !== 0) {
    throw new Error(`inode ${ino}: reads at ${start + skip} and around it disagree`)
  }
}
