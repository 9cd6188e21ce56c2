import { crc32c, crc32cWord } from '../crc32c.js'
import { crc16, crc16Word } from './crc16.js'
import type { Superblock } from './superblock.js'

// Which bytes each checksum covers: docs.kernel.org/filesystems/ext4/checksums.html

const BG_CHECKSUM = 0x1e
const L_I_CHECKSUM_LO = 0x7c
const I_EXTRA_ISIZE = 0x80
const I_CHECKSUM_HI = 0x82
const EXT4_GOOD_OLD_INODE_SIZE = 128
const I_GENERATION = 0x64
const EXT4_DIR_ENTRY_TAIL_SIZE = 12
const EXT4_FT_DIR_CSUM = 0xde

const ZEROS = new Uint8Array(4)

/** Start value of the checksums of one inode's extent and directory blocks. */
export function inodeSeed(superblock: Superblock, ino: number, generation: number): number {
  return crc32cWord(crc32cWord(superblock.checksumSeed, ino), generation)
}

/** True where the descriptor's checksum fits; `bytes` holds `descSize` bytes at `at`. */
export function descriptorChecksumFits(superblock: Superblock, group: number, view: DataView, bytes: Uint8Array, at: number): boolean {
  const { descSize } = superblock
  const stored = view.getUint16(at + BG_CHECKSUM, true)
  if (superblock.hasMetadataCsum) {
    let crc = crc32c(crc32cWord(superblock.checksumSeed, group), bytes, at, at + BG_CHECKSUM)
    crc = crc32c(crc, ZEROS, 0, 2)
    return (crc32c(crc, bytes, at + BG_CHECKSUM + 2, at + descSize) & 0xffff) === stored
  }
  if (!superblock.hasGdtCsum) return true
  const crc = crc16(crc16Word(crc16(0xffff, superblock.uuidBytes), group), bytes, at, at + BG_CHECKSUM)
  return crc16(crc, bytes, at + BG_CHECKSUM + 2, at + descSize) === stored
}

/** Whether the checksum of an inode has the upper half that only large inodes have. */
function hasChecksumHigh({ inodeSize }: Superblock, view: DataView, at: number): boolean {
  if (inodeSize === EXT4_GOOD_OLD_INODE_SIZE) return false
  return view.getUint16(at + I_EXTRA_ISIZE, true) >= I_CHECKSUM_HI + 2 - EXT4_GOOD_OLD_INODE_SIZE
}

function inodeChecksum(superblock: Superblock, ino: number, view: DataView, bytes: Uint8Array, at: number): number {
  const { inodeSize } = superblock
  let crc = inodeSeed(superblock, ino, view.getUint32(at + I_GENERATION, true))
  crc = crc32c(crc, bytes, at, at + L_I_CHECKSUM_LO)
  crc = crc32c(crc, ZEROS, 0, 2)
  crc = crc32c(crc, bytes, at + L_I_CHECKSUM_LO + 2, at + EXT4_GOOD_OLD_INODE_SIZE)
  if (inodeSize === EXT4_GOOD_OLD_INODE_SIZE) return crc
  crc = crc32c(crc, bytes, at + EXT4_GOOD_OLD_INODE_SIZE, at + I_CHECKSUM_HI)
  if (!hasChecksumHigh(superblock, view, at)) return crc32c(crc, bytes, at + I_CHECKSUM_HI, at + inodeSize)
  crc = crc32c(crc, ZEROS, 0, 2)
  return crc32c(crc, bytes, at + I_CHECKSUM_HI + 2, at + inodeSize)
}

/** True where the checksum of an inode fits or there is none; `bytes` holds `inodeSize` bytes at `at`. */
export function inodeChecksumFits(superblock: Superblock, ino: number, view: DataView, bytes: Uint8Array, at: number): boolean {
  if (!superblock.hasMetadataCsum || !superblock.linuxInodes) return true
  const crc = inodeChecksum(superblock, ino, view, bytes, at)
  const low = view.getUint16(at + L_I_CHECKSUM_LO, true)
  if (!hasChecksumHigh(superblock, view, at)) return (crc & 0xffff) === low
  return crc === (low | (view.getUint16(at + I_CHECKSUM_HI, true) << 16)) >>> 0
}

/** Make the checksum of an inode of `inodeSize` bytes fit, where there is one. */
export function sumInode(superblock: Superblock, ino: number, bytes: Uint8Array): void {
  if (!superblock.hasMetadataCsum) return
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const crc = inodeChecksum(superblock, ino, view, bytes, 0)
  view.setUint16(L_I_CHECKSUM_LO, crc & 0xffff, true)
  if (hasChecksumHigh(superblock, view, 0)) view.setUint16(I_CHECKSUM_HI, crc >>> 16, true)
}

/** True where the tail of a leaf directory block is there and fits; the block is `bytes[at, at + blockSize)`. */
export function dirLeafChecksumFits(seed: number, view: DataView, bytes: Uint8Array, at: number, blockSize: number): boolean {
  const tail = at + blockSize - EXT4_DIR_ENTRY_TAIL_SIZE
  const isTail =
    view.getUint32(tail, true) === 0 &&
    view.getUint16(tail + 4, true) === EXT4_DIR_ENTRY_TAIL_SIZE &&
    bytes[tail + 6] === 0 &&
    bytes[tail + 7] === EXT4_FT_DIR_CSUM
  return isTail && crc32c(seed, bytes, at, tail) === view.getUint32(tail + 8, true)
}

/**
 * True where the checksum of a block of the hash tree fits. `countLimit` is where its `struct dx_countlimit` stands: 32 bytes into the
 * root block, 8 into an inner one.
 */
export function dirIndexChecksumFits(
  seed: number,
  view: DataView,
  bytes: Uint8Array,
  at: number,
  blockSize: number,
  countLimit: number,
): boolean {
  const limit = view.getUint16(at + countLimit, true)
  const count = view.getUint16(at + countLimit + 2, true)
  const tail = countLimit + limit * 8
  if (count > limit || tail + 8 > blockSize) return false
  let crc = crc32c(seed, bytes, at, at + countLimit + count * 8)
  crc = crc32c(crc, bytes, at + tail, at + tail + 4)
  return crc32c(crc, ZEROS) === view.getUint32(at + tail + 4, true)
}
