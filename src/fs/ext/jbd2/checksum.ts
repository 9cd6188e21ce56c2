import { crc32c } from '../../crc32c.js'
import type { JournalSuperblock } from './superblock.js'

// Which bytes each checksum covers: docs.kernel.org/filesystems/ext4/journal.html
const H_CHKSUM_TYPE = 0xc
const H_CHKSUM_SIZE = 0xd
const H_CHKSUM = 0x10
/** With the padding that its alignment gives it. */
const COMMIT_HEADER_SIZE = 0x40
const JBD2_CRC32_CHKSUM = 1
const JBD2_CRC32_CHKSUM_SIZE = 4
/** Bytes of the checksum that ends descriptor and revoke blocks under v2 and v3. */
export const BLOCK_TAIL_SIZE = 4

const ZEROS = new Uint8Array(4)

/** CRC-32 by the polynomial 0x04C11DB7, highest bit first. */
const TABLE = new Int32Array(256)
for (let byte = 0; byte < 256; byte++) {
  let crc = byte << 24
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1
  TABLE[byte] = crc
}

/** The running checksum of v1 after `bytes`; it starts as `0xffffffff`. */
export function crc32Be(crc: number, bytes: Uint8Array): number {
  let c = crc | 0
  for (let i = 0; i < bytes.length; i++) c = (c << 8) ^ TABLE[(c >>> 24) ^ bytes[i]!]!
  return c >>> 0
}

/** Whether blocks carry checksums of their own. */
export function hasBlockChecksums({ checksums }: JournalSuperblock): boolean {
  return checksums === 'v2' || checksums === 'v3'
}

/** True where the tail of a descriptor or revoke block fits, or the journal has none. */
export function tailFits(journal: JournalSuperblock, bytes: Uint8Array, view: DataView): boolean {
  if (!hasBlockChecksums(journal)) return true
  const tail = bytes.length - BLOCK_TAIL_SIZE
  return crc32c(crc32c(journal.checksumSeed, bytes, 0, tail), ZEROS) === view.getUint32(tail)
}

/** True where the checksum of a block that a tag describes fits, as the block lies in the log. `stored`: the tag's, of 16 bits under v2. */
export function blockFits(journal: JournalSuperblock, sequence: number, bytes: Uint8Array, stored: number): boolean {
  const head = Uint8Array.of(sequence >>> 24, sequence >>> 16, sequence >>> 8, sequence)
  const crc = crc32c(crc32c(journal.checksumSeed, head), bytes)
  return stored === (journal.checksums === 'v3' ? crc : crc & 0xffff)
}

/** True where the checksum of a commit block fits, or the journal has none. `transaction`: the running checksum of v1. */
export function commitFits(journal: JournalSuperblock, bytes: Uint8Array, view: DataView, transaction: number): boolean {
  const stored = view.getUint32(H_CHKSUM)
  if (journal.checksums === 'v1') {
    const type = bytes[H_CHKSUM_TYPE]
    const size = bytes[H_CHKSUM_SIZE]
    const unused = type === 0 && size === 0 && stored === 0
    return unused || (type === JBD2_CRC32_CHKSUM && size === JBD2_CRC32_CHKSUM_SIZE && stored === transaction)
  }
  if (!hasBlockChecksums(journal)) return true
  const header = crc32c(crc32c(crc32c(journal.checksumSeed, bytes, 0, H_CHKSUM), ZEROS), bytes, H_CHKSUM + 4, COMMIT_HEADER_SIZE)
  if (crc32c(header, bytes, COMMIT_HEADER_SIZE) === stored) return true
  // A drive may have written only the sector with the header; the rest of the block was zeros when it was summed.
  return crc32c(header, new Uint8Array(bytes.length - COMMIT_HEADER_SIZE)) === stored
}
