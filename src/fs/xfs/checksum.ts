import { CorruptError } from '../../errors.js'
import { crc32c, crc32cWord } from '../crc32c.js'
import { u64 } from './integer.js'
import type { Superblock } from './superblock.js'

// Self-describing metadata: docs.kernel.org/filesystems/xfs/xfs-self-describing-metadata.html

const SECTOR = 512

/**
 * Whether the CRC-32C of `bytes[start, start + length)`, over which `view` lies, is the little-endian word at `start + crcAt`. That
 * word itself counts as zeros.
 */
export function checksumFits(view: DataView, bytes: Uint8Array, start: number, length: number, crcAt: number): boolean {
  const before = crc32c(0xffffffff, bytes, start, start + crcAt)
  const after = crc32c(crc32cWord(before, 0), bytes, start + crcAt + 4, start + length)
  return ~after >>> 0 === view.getUint32(start + crcAt, true)
}

/** Where in a kind of block stands what it says of itself, in bytes from its start; sizes of `owner` 4 or 8. */
export interface Description {
  readonly structure: string
  readonly crc: number
  readonly blkno: number
  readonly uuid: number
  readonly owner: number
  readonly ownerBytes: 4 | 8
}

/** Where a block lies and whose it must be. */
export interface Identity {
  /** Block of the filesystem, counted without gaps between AGs. */
  readonly fsBlock: number
  /** Inode, or AG. */
  readonly owner: number
}

/**
 * Hold `bytes[start, start + length)` to its checksum and to what it says of itself.
 * @throws CorruptError
 */
export function requireDescribed(
  superblock: Superblock,
  description: Description,
  { fsBlock, owner }: Identity,
  view: DataView,
  bytes: Uint8Array,
  start: number,
  length: number,
): void {
  const { structure, crc, blkno, uuid, ownerBytes } = description
  const fail = (problem: string): never => {
    throw new CorruptError(structure, `${problem} in block ${fsBlock}`)
  }
  if (!checksumFits(view, bytes, start, length, crc)) fail('checksum does not fit')
  if (!bearsUuid(superblock, bytes, start + uuid)) fail('another UUID')
  if (u64(view, start + blkno) !== fsBlock * (superblock.blockSize / SECTOR)) fail('another place')
  const ownerAt = start + description.owner
  const found = ownerBytes === 4 ? view.getUint32(ownerAt) : u64(view, ownerAt)
  if (found !== owner) fail(`owner ${found}`)
}

/** Whether metadata of this filesystem bears the UUID at `at`. */
export function bearsUuid({ metaUuid }: Superblock, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < metaUuid.length; i++) if (bytes[at + i] !== metaUuid[i]) return false
  return true
}
