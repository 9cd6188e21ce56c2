import { CorruptError } from '../../errors.js'
import type { Superblock } from './superblock.js'

// Inline data: docs.kernel.org/filesystems/ext4/inlinedata.html; extended attributes: docs.kernel.org/filesystems/ext4/attributes.html
const I_BLOCK = 0x28
const I_BLOCK_SIZE = 60
const I_EXTRA_ISIZE = 0x80
const EXT4_GOOD_OLD_INODE_SIZE = 128
const EXT4_XATTR_MAGIC = 0xea020000
const E_NAME_LEN = 0
const E_NAME_INDEX = 1
const E_VALUE_OFFS = 2
const E_VALUE_INUM = 4
const E_VALUE_SIZE = 8
const E_NAME = 16
const EXT4_XATTR_INDEX_SYSTEM = 7
const DATA = Buffer.from('data')

/**
 * Contents kept in the inode at `at`: the 60 bytes of `i_block`, then the value of the attribute `system.data`. The inode's size says how
 * much of them counts.
 * @throws CorruptError
 */
export function decodeInlineData(superblock: Superblock, bytes: Uint8Array, view: DataView, at: number): Uint8Array {
  const value = findSystemData(superblock, bytes, view, at)
  const out = new Uint8Array(I_BLOCK_SIZE + value.length)
  out.set(bytes.subarray(at + I_BLOCK, at + I_BLOCK + I_BLOCK_SIZE))
  out.set(value, I_BLOCK_SIZE)
  return out
}

function findSystemData(superblock: Superblock, bytes: Uint8Array, view: DataView, at: number): Uint8Array {
  const fail = (problem: string): never => {
    throw new CorruptError('ext4_xattr_ibody_header', problem)
  }
  const end = at + superblock.inodeSize
  const header =
    at + EXT4_GOOD_OLD_INODE_SIZE + (superblock.inodeSize > EXT4_GOOD_OLD_INODE_SIZE ? view.getUint16(at + I_EXTRA_ISIZE, true) : 0)
  if (header + 4 > end || view.getUint32(header, true) !== EXT4_XATTR_MAGIC) fail('inline data without system.data')
  const first = header + 4
  for (let entry = first; ; ) {
    if (entry + 4 > end || view.getUint32(entry, true) === 0) fail('inline data without system.data')
    const nameLength = bytes[entry + E_NAME_LEN]!
    const next = entry + ((E_NAME + nameLength + 3) & ~3)
    if (next > end) fail('entry leaves the inode')
    const isData =
      bytes[entry + E_NAME_INDEX] === EXT4_XATTR_INDEX_SYSTEM && DATA.equals(bytes.subarray(entry + E_NAME, entry + E_NAME + nameLength))
    if (isData) {
      const size = view.getUint32(entry + E_VALUE_SIZE, true)
      const start = first + view.getUint16(entry + E_VALUE_OFFS, true)
      if (view.getUint32(entry + E_VALUE_INUM, true) !== 0) fail('system.data lies in another inode')
      if (size > 0 && start + size > end) fail('value of system.data leaves the inode')
      return bytes.subarray(start, size === 0 ? start : start + size)
    }
    entry = next
  }
}
