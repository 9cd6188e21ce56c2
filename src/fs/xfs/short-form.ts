import { CorruptError } from '../../errors.js'
import { type DirEntrySink, isName } from './dir-block.js'
import { u64 } from './integer.js'

// A directory that lies in its inode: XFS Algorithms & Data Structures, "Short Form Directories"; xfs_dir2_sf_hdr, xfs_dir2_sf_entry in
// libxfs/xfs_da_format.h. `.` is not stored, `..` is the parent in the header.
const COUNT = 0
const I8COUNT = 1
const PARENT = 2
const NAMELEN = 0
const NAME = 3
const SMALL_INO = 4
const LARGE_INO = 8

/** The entries of a directory that is `bytes` whole. What stands before a bad entry is passed on. @throws CorruptError */
export function decodeShortForm(ftype: boolean, bytes: Uint8Array, sink: DirEntrySink): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const fail = (problem: string): never => {
    throw new CorruptError('xfs_dir2_sf', problem)
  }
  if (bytes.length < PARENT + SMALL_INO) fail(`${bytes.length} bytes`)
  // With one number that needs 8 bytes all have 8; what stands where the count is otherwise, counts them.
  const inoSize = bytes[I8COUNT] === 0 ? SMALL_INO : LARGE_INO
  const count = bytes[COUNT]!
  let at = PARENT + inoSize
  for (let i = 0; i < count; i++) {
    if (at + NAME > bytes.length) fail(`entry ${i} of ${count} runs into the end`)
    const nameLength = bytes[at + NAMELEN]!
    const inoAt = at + NAME + nameLength + (ftype ? 1 : 0)
    if (inoAt + inoSize > bytes.length) fail(`entry ${i} of ${count} runs into the end`)
    if (!isName(bytes, at + NAME, nameLength)) fail(`a name with a slash or NUL, or none, in entry ${i}`)
    const stored = inoSize === SMALL_INO ? view.getUint32(inoAt) : u64(view, inoAt)
    const ino = stored || fail(`an inode number that is 0 or above 2^53 in entry ${i}`)
    sink(ino, ftype ? bytes[inoAt - 1]! : 0, at + NAME, nameLength)
    at = inoAt + inoSize
  }
  if (at !== bytes.length) fail(`${bytes.length} bytes of which the entries fill ${at}`)
}
