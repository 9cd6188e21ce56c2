import { dirIndexChecksumFits, dirLeafChecksumFits } from './checksum.js'
import type { Superblock } from './superblock.js'

// Linear directories, and the leaves of hashed ones: docs.kernel.org/filesystems/ext4/directory.html
const INODE = 0
const REC_LEN = 4
const NAME_LEN = 6
const FILE_TYPE = 7
const NAME = 8
/** Smallest record: a header and a name of one to four bytes. */
const MIN_REC_LEN = 12
const DOT_REC_LEN = 12
const DX_ROOT_INFO = 24
/** Where `struct dx_countlimit` stands in the root and in inner blocks of a hash tree. */
const DX_ROOT_COUNT_LIMIT = 32
const DX_NODE_COUNT_LIMIT = 8
/** Bytes of the parent's inode number at the start of an inline directory. */
const EXT4_INLINE_DOTDOT_SIZE = 4

const SLASH = 0x2f
const DOT = 0x2e

/** Gets each entry: its name is `bytes[nameAt, nameAt + nameLength)`, `fileType` the raw code, 0 where it is not recorded. */
export type DirEntrySink = (ino: number, fileType: number, nameAt: number, nameLength: number) => void

/** Whose block it is, as its checksum and its first entry must say. */
export interface DirIdentity {
  readonly ino: number
  readonly seed: number
  readonly indexed: boolean
  /** Names are ciphertext: any bytes. */
  readonly encrypted: boolean
}

function recordLength(view: DataView, at: number, blockSize: number): number {
  const length = view.getUint16(at + REC_LEN, true)
  if (blockSize < 65536) return length
  return length === 65535 || length === 0 ? blockSize : (length & 0xfffc) | ((length & 3) << 16)
}

/** Where `struct dx_countlimit` stands; 0 where the block is a leaf. */
function indexCountLimit(view: DataView, bytes: Uint8Array, at: number, blockSize: number): number {
  const length = recordLength(view, at, blockSize)
  if (view.getUint32(at + INODE, true) === 0) return length === blockSize ? DX_NODE_COUNT_LIMIT : 0
  const isRoot =
    length === DOT_REC_LEN &&
    recordLength(view, at + DOT_REC_LEN, blockSize) === blockSize - DOT_REC_LEN &&
    view.getUint32(at + DX_ROOT_INFO, true) === 0 &&
    bytes[at + DX_ROOT_INFO + 5] === 8
  return isRoot ? DX_ROOT_COUNT_LIMIT : 0
}

/**
 * The entries of one block, without `.` and `..`; `fileBlock` is its place in the directory. Returns what is wrong with it. Nothing is
 * passed on from a block whose checksum does not fit, or that names another directory as `.`; else what stands before a bad record.
 */
export function decodeDirBlock(
  superblock: Superblock,
  directory: DirIdentity,
  fileBlock: number,
  view: DataView,
  bytes: Uint8Array,
  at: number,
  sink: DirEntrySink,
): string | undefined {
  const { blockSize } = superblock
  if (fileBlock === 0) {
    const dot = view.getUint32(at + INODE, true)
    const isDot = bytes[at + NAME_LEN] === 1 && bytes[at + NAME] === DOT
    if (isDot && dot !== directory.ino) return `block ${fileBlock} belongs to inode ${dot}`
  }
  if (superblock.hasMetadataCsum && !checksumFits(directory, view, bytes, at, blockSize)) return `block ${fileBlock}: checksum does not fit`
  const problem = decodeEntries(superblock, directory, view, bytes, at, at + blockSize, fileBlock === 0 ? 2 : 0, sink)
  return problem === undefined ? undefined : `block ${fileBlock}: ${problem}`
}

function checksumFits({ seed, indexed }: DirIdentity, view: DataView, bytes: Uint8Array, at: number, blockSize: number): boolean {
  const countLimit = indexed ? indexCountLimit(view, bytes, at, blockSize) : 0
  return countLimit === 0
    ? dirLeafChecksumFits(seed, view, bytes, at, blockSize)
    : dirIndexChecksumFits(seed, view, bytes, at, blockSize, countLimit)
}

/** The entries of a directory that lies in its inode, `size` bytes of it. */
export function decodeInlineDir(
  superblock: Superblock,
  directory: DirIdentity,
  bytes: Uint8Array,
  size: number,
  sink: DirEntrySink,
): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const end = Math.min(size, bytes.length)
  return decodeEntries(superblock, directory, view, bytes, EXT4_INLINE_DOTDOT_SIZE, end, 0, sink)
}

/** The checks are those of the kernel's ext4_check_dir_entry; after a bad record the rest is not read. `dots`: how many of `.` and `..` belong here. */
function decodeEntries(
  superblock: Superblock,
  directory: DirIdentity,
  view: DataView,
  bytes: Uint8Array,
  start: number,
  end: number,
  dots: number,
  sink: DirEntrySink,
): string | undefined {
  let dotsLeft = dots
  let problem: string | undefined
  for (let at = start; at < end; ) {
    const left = end - at
    if (left < MIN_REC_LEN) return 'an entry runs into the end'
    const length = recordLength(view, at, superblock.blockSize)
    const nameLength = bytes[at + NAME_LEN]!
    const fits = length >= MIN_REC_LEN && length % 4 === 0 && length >= NAME + nameLength && length <= left
    if (!fits || (length !== left && left - length < MIN_REC_LEN)) return `rec_len ${length} at byte ${at - start}`
    const ino = view.getUint32(at + INODE, true)
    if (ino > superblock.inodesCount) return `inode ${ino} of ${superblock.inodesCount}`
    if (ino !== 0) {
      const nameAt = at + NAME
      if (!isName(directory, bytes, nameAt, nameLength)) problem = `a name with a slash or NUL, or none, at byte ${at - start}`
      else if (isDots(bytes, nameAt, nameLength)) {
        if (dotsLeft-- <= 0) problem = `a second entry for itself or its parent at byte ${at - start}`
      } else sink(ino, superblock.hasFiletype ? bytes[at + FILE_TYPE]! : 0, nameAt, nameLength)
    }
    at += length
  }
  return problem
}

function isDots(bytes: Uint8Array, at: number, length: number): boolean {
  return bytes[at] === DOT && (length === 1 || (length === 2 && bytes[at + 1] === DOT))
}

function isName({ encrypted }: DirIdentity, bytes: Uint8Array, at: number, length: number): boolean {
  if (!encrypted) for (let i = at; i < at + length; i++) if (bytes[i] === SLASH || bytes[i] === 0) return false
  return length > 0
}
