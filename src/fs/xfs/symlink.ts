import { CorruptError } from '../../errors.js'
import { bearsUuid, checksumFits } from './checksum.js'
import type { Inode } from './inode.js'
import { u64 } from './integer.js'
import type { Volume } from './volume.js'

// struct xfs_dsymlink_hdr, before each extent of a target where metadata has checksums: XFS Algorithms & Data Structures, "Symbolic
// Links"; libxfs/xfs_format.h
const SL_MAGIC = 0x0
const SL_OFFSET = 0x4
const SL_BYTES = 0x8
const SL_CRC = 0xc
const SL_UUID = 0x10
const SL_OWNER = 0x20
const SL_BLKNO = 0x28
const SL_HDR_SIZE = 56
const XFS_SYMLINK_MAGIC = 0x58534c4d
const SECTOR = 512

/** The bytes of a symlink's target. @throws CorruptError, IoError */
export async function readTarget(volume: Volume, inode: Inode): Promise<Uint8Array> {
  if (inode.inline) return inode.inline
  const { blockSize, features } = volume.superblock
  const target = new Uint8Array(inode.stat.size)
  const headerSize = features.crc ? SL_HDR_SIZE : 0
  let blocksLeft = Math.ceil(target.length / (blockSize - headerSize))
  let filled = 0
  let next = 0
  for (const run of inode.runs) {
    if (run.level > 0 || run.fileBlock !== next || blocksLeft <= 0) break
    const blockCount = Math.min(run.blockCount, blocksLeft)
    const bytes = await volume.reader.read(run.fsBlock * blockSize, blockCount * blockSize)
    const length = Math.min(target.length - filled, bytes.length - headerSize)
    if (features.crc) requireHeader(volume, inode.ino, run.fsBlock, bytes, filled, length)
    target.set(bytes.subarray(headerSize, headerSize + length), filled)
    filled += length
    blocksLeft -= blockCount
    next += blockCount
  }
  if (filled < target.length) throw new CorruptError('symlink', `only ${filled} of ${target.length} bytes of inode ${inode.ino}`)
  return target
}

function requireHeader({ superblock }: Volume, ino: number, fsBlock: number, bytes: Uint8Array, offset: number, length: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const fail = (problem: string): never => {
    throw new CorruptError('xfs_dsymlink_hdr', `${problem} in block ${fsBlock}`)
  }
  if (view.getUint32(SL_MAGIC) !== XFS_SYMLINK_MAGIC) fail('bad sl_magic')
  if (!checksumFits(view, bytes, 0, bytes.length, SL_CRC)) fail('checksum does not fit')
  if (!bearsUuid(superblock, bytes, SL_UUID)) fail('another UUID')
  if (u64(view, SL_OWNER) !== ino) fail(`owner ${u64(view, SL_OWNER)}`)
  if (u64(view, SL_BLKNO) !== fsBlock * (superblock.blockSize / SECTOR)) fail('another place')
  if (view.getUint32(SL_OFFSET) !== offset || view.getUint32(SL_BYTES) < length) fail('another part of the target')
}
