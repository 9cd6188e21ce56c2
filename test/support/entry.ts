import { createHash } from 'node:crypto'
import type { FileType } from '../../src/fs/types.js'

/** One line of a manifest: what `lstat(2)` and reading tell of an object. Paths and targets are in the form of `decodeName`. */
export interface Entry {
  readonly path: string
  readonly type: FileType
  readonly size: number
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly nlink: number
  readonly ino: number
  readonly mtime: number
  readonly mtimeNs: number
  readonly rdev?: string
  readonly target?: string
  /** Of a regular file: see `hashWindows`. */
  readonly sha256?: string
  /** Why the object, or the list of a directory, could not be read. */
  readonly error?: string
}

const CHUNK = 1024 * 1024
const WHOLE = 256 * CHUNK

/**
 * The 1 MiB reads over which a file is hashed: all of it, or above 256 MiB (sparse giants) the chunk before and after each power of two,
 * and the last.
 */
export function* hashWindows(size: number): Generator<{ offset: number; length: number }> {
  const window = (offset: number): { offset: number; length: number } => ({ offset, length: Math.min(CHUNK, size - offset) })
  if (size <= WHOLE) {
    for (let offset = 0; offset < size; offset += CHUNK) yield window(offset)
    return
  }
  yield window(0)
  for (let offset = CHUNK; offset < size; offset *= 2) {
    yield window(offset - CHUNK)
    yield window(offset)
  }
  yield window(size - CHUNK)
}

/** SHA-256 over `hashWindows`, read by `read`. */
export async function hashFile(size: number, read: (offset: number, length: number) => Promise<Uint8Array> | Uint8Array): Promise<string> {
  const hash = createHash('sha256')
  for (const { offset, length } of hashWindows(size)) {
    const bytes = await read(offset, length)
    if (bytes.length !== length) throw new Error(`read of ${length} bytes at ${offset} gave ${bytes.length}`)
    hash.update(bytes)
  }
  return hash.digest('hex')
}
