import { CorruptError, UnsupportedError } from '../../../errors.js'
import { crc32c } from '../../crc32c.js'

// journal_superblock_s and block headers, big-endian: docs.kernel.org/filesystems/ext4/journal.html
const H_MAGIC = 0x0
const H_BLOCKTYPE = 0x4
const S_BLOCKSIZE = 0xc
const S_MAXLEN = 0x10
const S_FIRST = 0x14
const S_SEQUENCE = 0x18
const S_START = 0x1c
const S_FEATURE_COMPAT = 0x24
const S_FEATURE_INCOMPAT = 0x28
const S_FEATURE_RO_COMPAT = 0x2c
const S_UUID = 0x30
const S_CHECKSUM_TYPE = 0x50
const S_NUM_FC_BLKS = 0x54
const S_CHECKSUM = 0xfc

export const JBD2_MAGIC_NUMBER = 0xc03b3998
export const JOURNAL_SUPERBLOCK_SIZE = 1024
const JBD2_SUPERBLOCK_V1 = 3
const JBD2_SUPERBLOCK_V2 = 4
const JBD2_CRC32C_CHKSUM = 4
const JBD2_MIN_JOURNAL_BLOCKS = 1024
const JBD2_DEFAULT_FAST_COMMIT_BLOCKS = 256

const JBD2_FEATURE_COMPAT_CHECKSUM = 0x1
const JBD2_FEATURE_INCOMPAT_64BIT = 0x2
const JBD2_FEATURE_INCOMPAT_ASYNC_COMMIT = 0x4
const JBD2_FEATURE_INCOMPAT_CSUM_V2 = 0x8
const JBD2_FEATURE_INCOMPAT_CSUM_V3 = 0x10
const JBD2_FEATURE_INCOMPAT_FAST_COMMIT = 0x20
/** Revoke records and those above. */
const INCOMPAT_READ = 0x3f

/** `v1`: one checksum over all of a transaction in its commit block. `v2`, `v3`: one for each block, of 16 and of 32 bits. */
export type JournalChecksums = 'none' | 'v1' | 'v2' | 'v3'

export interface JournalSuperblock {
  /** First block of the log, and one past its last. */
  readonly first: number
  readonly end: number
  /** Blocks `[fastCommitFirst, fastCommitEnd)` hold fast commits; empty without that feature. */
  readonly fastCommitFirst: number
  readonly fastCommitEnd: number
  /** Sequence number of the first transaction in the log. */
  readonly sequence: number
  /** Block at which the log starts; 0 where there is nothing to replay. */
  readonly start: number
  readonly is64Bit: boolean
  readonly hasAsyncCommit: boolean
  readonly checksums: JournalChecksums
  /** Start value of the checksums of v2 and v3. */
  readonly checksumSeed: number
}

/**
 * Decode the first block of a journal of `blockCount` blocks of `blockSize` bytes; the checks are those of the kernel.
 * @throws CorruptError; UnsupportedError naming the features
 */
export function decodeJournalSuperblock(bytes: Uint8Array, blockSize: number, blockCount: number): JournalSuperblock {
  const view = new DataView(bytes.buffer, bytes.byteOffset, JOURNAL_SUPERBLOCK_SIZE)
  const check = (good: boolean, problem: string, at?: number): void => {
    if (!good) throw new CorruptError('journal_superblock_s', problem, at)
  }
  check(view.getUint32(H_MAGIC) === JBD2_MAGIC_NUMBER, 'bad h_magic', H_MAGIC)
  const type = view.getUint32(H_BLOCKTYPE)
  check(type === JBD2_SUPERBLOCK_V1 || type === JBD2_SUPERBLOCK_V2, `h_blocktype ${type}`, H_BLOCKTYPE)
  check(view.getUint32(S_BLOCKSIZE) === blockSize, `s_blocksize ${view.getUint32(S_BLOCKSIZE)}`, S_BLOCKSIZE)
  const maxlen = view.getUint32(S_MAXLEN)
  const first = view.getUint32(S_FIRST)
  check(maxlen <= blockCount, `s_maxlen ${maxlen} of ${blockCount} blocks`, S_MAXLEN)
  check(first > 0 && first < maxlen, `s_first ${first}`, S_FIRST)

  const hasFeatures = type === JBD2_SUPERBLOCK_V2
  const compat = hasFeatures ? view.getUint32(S_FEATURE_COMPAT) : 0
  const incompat = hasFeatures ? view.getUint32(S_FEATURE_INCOMPAT) : 0
  const roCompat = hasFeatures ? view.getUint32(S_FEATURE_RO_COMPAT) : 0
  requireKnown(incompat, roCompat)
  const checksums = decodeChecksums(bytes, view, compat, incompat)
  const fastCommitBlocks =
    incompat & JBD2_FEATURE_INCOMPAT_FAST_COMMIT ? view.getUint32(S_NUM_FC_BLKS) || JBD2_DEFAULT_FAST_COMMIT_BLOCKS : 0
  // Where the area would leave too little for the log, the kernel takes the whole journal as log.
  const end = maxlen - fastCommitBlocks >= JBD2_MIN_JOURNAL_BLOCKS ? maxlen - fastCommitBlocks : maxlen
  const start = view.getUint32(S_START)
  check(start === 0 || (start >= first && start < end), `s_start ${start}`, S_START)
  return {
    first,
    end,
    fastCommitFirst: Math.min(end + 1, maxlen),
    fastCommitEnd: maxlen,
    sequence: view.getUint32(S_SEQUENCE),
    start,
    is64Bit: (incompat & JBD2_FEATURE_INCOMPAT_64BIT) !== 0,
    hasAsyncCommit: (incompat & JBD2_FEATURE_INCOMPAT_ASYNC_COMMIT) !== 0,
    checksums,
    checksumSeed: crc32c(0xffffffff, bytes, S_UUID, S_UUID + 16),
  }
}

function requireKnown(incompat: number, roCompat: number): void {
  const unknown: string[] = []
  for (let bit = 0; bit < 32; bit++) {
    const mask = (1 << bit) >>> 0
    if (incompat & mask & ~INCOMPAT_READ) unknown.push(`journal incompat 0x${mask.toString(16)}`)
    if (roCompat & mask) unknown.push(`journal ro_compat 0x${mask.toString(16)}`)
  }
  if (unknown.length > 0) throw new UnsupportedError(unknown.join(', '), `unsupported journal feature: ${unknown.join(', ')}`)
}

function decodeChecksums(bytes: Uint8Array, view: DataView, compat: number, incompat: number): JournalChecksums {
  const v1 = (compat & JBD2_FEATURE_COMPAT_CHECKSUM) !== 0
  const v2 = (incompat & JBD2_FEATURE_INCOMPAT_CSUM_V2) !== 0
  const v3 = (incompat & JBD2_FEATURE_INCOMPAT_CSUM_V3) !== 0
  if (Number(v1) + Number(v2) + Number(v3) > 1) throw new CorruptError('journal_superblock_s', 'several kinds of checksums at once')
  if (!v2 && !v3) return v1 ? 'v1' : 'none'
  if (bytes[S_CHECKSUM_TYPE] !== JBD2_CRC32C_CHKSUM) throw new UnsupportedError(`journal checksum algorithm ${bytes[S_CHECKSUM_TYPE]}`)
  let crc = crc32c(0xffffffff, bytes, 0, S_CHECKSUM)
  crc = crc32c(crc, new Uint8Array(4))
  crc = crc32c(crc, bytes, S_CHECKSUM + 4, JOURNAL_SUPERBLOCK_SIZE)
  if (crc !== view.getUint32(S_CHECKSUM)) throw new CorruptError('journal_superblock_s', 'checksum does not fit', S_CHECKSUM)
  return v3 ? 'v3' : 'v2'
}
