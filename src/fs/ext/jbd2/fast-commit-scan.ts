import { LimitError, ScanError } from '../../../errors.js'
import { crc32c } from '../../crc32c.js'
import type { JournalLog } from './log.js'

// Fast commits, little-endian: docs.kernel.org/filesystems/ext4/journal.html#fast-commits
const FC_TAG = 0x0
const FC_LEN = 0x2
const TL_SIZE = 4
const HEAD_FC_FEATURES = 0x0
const HEAD_FC_TID = 0x4
const TAIL_FC_TID = 0x0
const TAIL_FC_CRC = 0x4
const TAIL_SIZE = 8

export const EXT4_FC_TAG_ADD_RANGE = 1
export const EXT4_FC_TAG_DEL_RANGE = 2
export const EXT4_FC_TAG_CREAT = 3
export const EXT4_FC_TAG_LINK = 4
export const EXT4_FC_TAG_UNLINK = 5
export const EXT4_FC_TAG_INODE = 6
const EXT4_FC_TAG_PAD = 7
const EXT4_FC_TAG_TAIL = 8
const EXT4_FC_TAG_HEAD = 9

/** Bytes of the area that are looked at; the kernel makes it 256 blocks. */
const MAX_AREA_BYTES = 16 * 1024 * 1024

/** One change; `value` is as long as its kind asks for. */
export interface FastCommitTag {
  readonly tag: number
  readonly value: Uint8Array
}

export interface ScannedFastCommits {
  /** The changes of all fast commits, in order. */
  readonly tags: readonly FastCommitTag[]
  readonly commits: number
  /** What of the area is not applied although it should. */
  readonly problem?: string
}

/** The part of a journal that holds them. */
export type FastCommitArea = Pick<JournalLog, 'superblock' | 'blockSize' | 'read'>

/** The changes up to the last tail that verifies; `tid` is the transaction that they belong to. The rules are those of ext4_fc_replay_scan. */
export async function scanFastCommits(log: FastCommitArea, tid: number, inodeSize: number): Promise<ScannedFastCommits> {
  const { fastCommitFirst, fastCommitEnd } = log.superblock
  const scan = new AreaScan(tid, inodeSize)
  const maxBlocks = MAX_AREA_BYTES / log.blockSize
  try {
    for (let i = 0; fastCommitFirst + i < fastCommitEnd; i++) {
      if (i === maxBlocks) throw new LimitError('blocks of fast commits', maxBlocks)
      const bytes = await log.read(fastCommitFirst + i, fastCommitEnd)
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      if (i === 0 && view.getUint16(FC_TAG, true) !== EXT4_FC_TAG_HEAD) break
      const end = scan.block(bytes, view)
      if (end) return scan.result(end.problem)
    }
  } catch (error) {
    if (!(error instanceof ScanError)) throw error
    return scan.result(error.message)
  }
  return scan.result(undefined)
}

class AreaScan {
  readonly #tid: number
  readonly #inodeSize: number
  readonly #tags: FastCommitTag[] = []
  readonly #open: FastCommitTag[] = []
  #commits = 0
  #crc = 0

  constructor(tid: number, inodeSize: number) {
    this.#tid = tid
    this.#inodeSize = inodeSize
  }

  /** After the first fast commit that is whole, anything may follow; without one it is damage. */
  result(problem: string | undefined): ScannedFastCommits {
    const found = { tags: this.#tags, commits: this.#commits }
    return problem === undefined || this.#commits > 0 ? found : { ...found, problem }
  }

  /** Undefined where the area goes on. */
  block(bytes: Uint8Array, view: DataView): { problem: string | undefined } | undefined {
    for (let at = 0; at + TL_SIZE <= bytes.length; ) {
      const tag = view.getUint16(at + FC_TAG, true)
      const length = view.getUint16(at + FC_LEN, true)
      const value = at + TL_SIZE
      if (length > bytes.length - value || !isLengthOf(tag, length, this.#inodeSize))
        return { problem: `fast commit: fc_len ${length} of tag ${tag}` }
      if (tag === EXT4_FC_TAG_HEAD) {
        const features = view.getUint32(value + HEAD_FC_FEATURES, true)
        if (features !== 0) return { problem: `fast commit: unsupported features 0x${features.toString(16)}` }
        if (view.getUint32(value + HEAD_FC_TID, true) !== this.#tid) return { problem: undefined }
      }
      if (tag === EXT4_FC_TAG_TAIL) {
        const crc = crc32c(this.#crc, bytes, at, value + TAIL_FC_CRC)
        const fits = view.getUint32(value + TAIL_FC_TID, true) === this.#tid && view.getUint32(value + TAIL_FC_CRC, true) === crc
        if (!fits) return { problem: 'fast commit: its checksum does not fit' }
        this.#commit()
      } else {
        this.#crc = crc32c(this.#crc, bytes, at, value + length)
        this.#open.push({ tag, value: bytes.subarray(value, value + length) })
      }
      at = value + length
    }
    return undefined
  }

  #commit(): void {
    for (const tag of this.#open) this.#tags.push(tag)
    this.#open.length = 0
    this.#commits++
    this.#crc = 0
  }
}

/** As ext4_fc_value_len_isvalid; false also for an unknown tag. */
function isLengthOf(tag: number, length: number, inodeSize: number): boolean {
  switch (tag) {
    case EXT4_FC_TAG_ADD_RANGE:
      return length === 16
    case EXT4_FC_TAG_DEL_RANGE:
      return length === 12
    case EXT4_FC_TAG_CREAT:
    case EXT4_FC_TAG_LINK:
    case EXT4_FC_TAG_UNLINK:
      return length > 8 && length <= 8 + 255
    case EXT4_FC_TAG_INODE:
      return length >= 4 + 128 && length <= 4 + inodeSize
    case EXT4_FC_TAG_PAD:
      return true
    case EXT4_FC_TAG_TAIL:
      return length >= TAIL_SIZE
    case EXT4_FC_TAG_HEAD:
      return length === 8
    default:
      return false
  }
}
