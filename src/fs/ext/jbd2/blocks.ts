import { CorruptError } from '../../../errors.js'
import { BLOCK_TAIL_SIZE, hasBlockChecksums } from './checksum.js'
import { JBD2_MAGIC_NUMBER, type JournalSuperblock } from './superblock.js'

// Descriptor, commit and revoke blocks, big-endian: docs.kernel.org/filesystems/ext4/journal.html
const H_MAGIC = 0x0
const H_BLOCKTYPE = 0x4
const H_SEQUENCE = 0x8
const HEADER_SIZE = 0xc
const H_COMMIT_SEC = 0x30
const R_COUNT = 0xc
const REVOKE_HEADER_SIZE = 0x10

// journal_block_tag_s and journal_block_tag3_s: their flags lie at the same place
const T_BLOCKNR = 0x0
const T_CHECKSUM = 0x4
const T_FLAGS = 0x6
const T_BLOCKNR_HIGH = 0x8
const T3_CHECKSUM = 0xc
const UUID_SIZE = 16
const JBD2_FLAG_ESCAPE = 0x1
const JBD2_FLAG_SAME_UUID = 0x2
const JBD2_FLAG_LAST_TAG = 0x8

export const JBD2_DESCRIPTOR_BLOCK = 1
export const JBD2_COMMIT_BLOCK = 2
export const JBD2_REVOKE_BLOCK = 5

/** Type of a block of transaction `sequence`; undefined where it is none. */
export function blockTypeOf(view: DataView, sequence: number): number | undefined {
  if (view.getUint32(H_MAGIC) !== JBD2_MAGIC_NUMBER || view.getUint32(H_SEQUENCE) !== sequence) return undefined
  return view.getUint32(H_BLOCKTYPE)
}

/** What a descriptor block says of one of the blocks that follow it in the log. */
export interface Tag {
  /** Where it belongs. */
  readonly fsBlock: number
  /** Its first four bytes are zeros in the log, and the journal's magic number in the filesystem. */
  readonly escaped: boolean
  /** 32 bits under v3, 16 under v2, else without meaning. */
  readonly checksum: number
}

function tagSize({ checksums, is64Bit }: JournalSuperblock): number {
  if (checksums === 'v3') return 16
  return (is64Bit ? 12 : 8) + (checksums === 'v2' ? 2 : 0)
}

/** The tags of a descriptor block, up to the last one or the end of the block. */
export function decodeTags(journal: JournalSuperblock, view: DataView): Tag[] {
  const size = tagSize(journal)
  const end = view.byteLength - (hasBlockChecksums(journal) ? BLOCK_TAIL_SIZE : 0)
  const tags: Tag[] = []
  for (let at = HEADER_SIZE; at + size <= end; ) {
    const flags = view.getUint16(at + T_FLAGS)
    const high = journal.is64Bit ? view.getUint32(at + T_BLOCKNR_HIGH) : 0
    tags.push({
      fsBlock: high * 2 ** 32 + view.getUint32(at + T_BLOCKNR),
      escaped: (flags & JBD2_FLAG_ESCAPE) !== 0,
      checksum: journal.checksums === 'v3' ? view.getUint32(at + T3_CHECKSUM) : view.getUint16(at + T_CHECKSUM),
    })
    if (flags & JBD2_FLAG_LAST_TAG) break
    at += size + (flags & JBD2_FLAG_SAME_UUID ? 0 : UUID_SIZE)
  }
  return tags
}

/** Seconds since the epoch at which a transaction was committed. */
export function commitTime(view: DataView): number {
  return view.getUint32(H_COMMIT_SEC) * 2 ** 32 + view.getUint32(H_COMMIT_SEC + 4)
}

/** The fsBlocks of a revoke block. @throws CorruptError */
export function decodeRevokes(journal: JournalSuperblock, view: DataView): number[] {
  const count = view.getUint32(R_COUNT)
  if (count > view.byteLength - (hasBlockChecksums(journal) ? BLOCK_TAIL_SIZE : 0)) {
    throw new CorruptError('jbd2_journal_revoke_header_s', `r_count ${count}`, R_COUNT)
  }
  const size = journal.is64Bit ? 8 : 4
  const blocks: number[] = []
  for (let at = REVOKE_HEADER_SIZE; at + size <= count; at += size) {
    const high = journal.is64Bit ? view.getUint32(at) : 0
    blocks.push(high * 2 ** 32 + view.getUint32(at + size - 4))
  }
  return blocks
}
