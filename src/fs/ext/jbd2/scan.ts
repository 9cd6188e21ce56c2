import { LimitError, ScanError } from '../../../errors.js'
import {
  blockTypeOf,
  commitTime,
  decodeRevokes,
  decodeTags,
  JBD2_COMMIT_BLOCK,
  JBD2_DESCRIPTOR_BLOCK,
  JBD2_REVOKE_BLOCK,
} from './blocks.js'
import { blockFits, commitFits, crc32Be, hasBlockChecksums, tailFits } from './checksum.js'
import type { JournalLog } from './log.js'

/** Blocks of changes kept in memory as numbers; those of a log of 4 GiB. */
const MAX_TAGGED_BLOCKS = 2 ** 20
const CRC_START = 0xffffffff

/** A block that a transaction wrote. */
export interface LoggedBlock {
  readonly fsBlock: number
  /** Byte of the reader at which its contents begin. */
  readonly start: number
  readonly escaped: boolean
  /** Whether its checksum fits. */
  readonly intact: boolean
}

export interface Transaction {
  readonly blocks: LoggedBlock[]
  /** Bytes of the reader at which its revoke blocks begin. */
  readonly revokes: number[]
}

export interface ScannedLog {
  /** Those to be applied, in order. */
  readonly transactions: readonly Transaction[]
  /** Sequence number of the first transaction that is not there. */
  readonly endSequence: number
  /** What of the log cannot be applied although it should. */
  readonly problem?: string
}

/** Follow the log from its start to its end, which is where the kernel's do_one_pass finds it. */
export async function scanLog(log: JournalLog): Promise<ScannedLog> {
  const scan = new LogScan(log)
  let problem: string | undefined
  try {
    problem = await scan.run()
  } catch (error) {
    if (!(error instanceof ScanError)) throw error
    problem = error.message
  }
  return scan.result(problem)
}

class LogScan {
  readonly #log: JournalLog
  readonly #transactions: Transaction[] = []
  #open: Transaction = { blocks: [], revokes: [] }
  #sequence: number
  #next: number
  #crc = CRC_START
  /** A block of the open transaction does not verify. */
  #doubtful = false
  #lastCommit = 0
  /** How many transactions come before one whose commit block does not verify. */
  #goodTransactions: number | undefined
  #failedSequence: number | undefined
  #taggedBlocks = 0

  constructor(log: JournalLog) {
    this.#log = log
    this.#sequence = log.superblock.sequence
    this.#next = log.superblock.start
  }

  result(problem: string | undefined): ScannedLog {
    const good = this.#goodTransactions ?? this.#transactions.length
    const endSequence = (this.#log.superblock.sequence + good) >>> 0
    const failed = this.#failedSequence === undefined ? undefined : `the commit of transaction ${this.#failedSequence} does not verify`
    const told = problem ?? failed
    const transactions = this.#transactions.slice(0, good)
    return told === undefined ? { transactions, endSequence } : { transactions, endSequence, problem: told }
  }

  /** Returns what is wrong where it ends otherwise than a log ends. */
  async run(): Promise<string | undefined> {
    const { superblock } = this.#log
    // A log is never longer than its place, but blocks of one transaction could form a ring.
    for (let left = superblock.end - superblock.first; left > 0; left--) {
      const start = this.#log.offsetOf(this.#next)
      const bytes = await this.#take()
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      switch (blockTypeOf(view, this.#sequence)) {
        case JBD2_DESCRIPTOR_BLOCK:
          left -= await this.#descriptor(bytes, view)
          break
        case JBD2_REVOKE_BLOCK:
          this.#revoke(start, bytes, view)
          break
        case JBD2_COMMIT_BLOCK: {
          const end = this.#commit(bytes, view)
          if (end) return end.problem
          break
        }
        default:
          return undefined
      }
    }
    return 'the log has no end'
  }

  async #take(): Promise<Uint8Array> {
    const bytes = await this.#log.read(this.#next)
    this.#next = this.#log.next(this.#next)
    return bytes
  }

  /** Returns how many blocks it describes. */
  async #descriptor(bytes: Uint8Array, view: DataView): Promise<number> {
    const { superblock } = this.#log
    if (!tailFits(superblock, bytes, view)) this.#doubtful = true
    const tags = decodeTags(superblock, view)
    this.#taggedBlocks += tags.length
    if (this.#taggedBlocks > MAX_TAGGED_BLOCKS) throw new LimitError('blocks in the journal', MAX_TAGGED_BLOCKS)
    const isSummed = superblock.checksums === 'v1'
    if (isSummed) this.#crc = crc32Be(this.#crc, bytes)
    const isChecked = hasBlockChecksums(superblock) && !this.#doubtful
    for (const { fsBlock, escaped, checksum } of tags) {
      const start = this.#log.offsetOf(this.#next)
      let intact = true
      if (isSummed || isChecked) {
        const block = await this.#take()
        if (isSummed) this.#crc = crc32Be(this.#crc, block)
        else intact = blockFits(superblock, this.#sequence, block, checksum)
      } else this.#next = this.#log.next(this.#next)
      this.#open.blocks.push({ fsBlock, start, escaped, intact })
    }
    return tags.length
  }

  #revoke(start: number, bytes: Uint8Array, view: DataView): void {
    if (!tailFits(this.#log.superblock, bytes, view)) this.#doubtful = true
    else decodeRevokes(this.#log.superblock, view)
    this.#open.revokes.push(start)
  }

  /** Undefined where the log goes on. */
  #commit(bytes: Uint8Array, view: DataView): { problem: string | undefined } | undefined {
    const { superblock } = this.#log
    // What lies behind the end are transactions of an earlier round, with earlier times: they are no part of the log.
    const isStale = commitTime(view) < this.#lastCommit
    if (this.#doubtful) return { problem: isStale ? undefined : `a descriptor of transaction ${this.#sequence} does not verify` }
    const crc = this.#crc
    this.#crc = CRC_START
    if (superblock.checksums === 'v1' && this.#goodTransactions !== undefined) {
      // A commit that came before its blocks is the last of a log: one after it tells of damage.
      this.#failedSequence = (superblock.sequence + this.#goodTransactions) >>> 0
      return { problem: undefined }
    }
    if (!commitFits(superblock, bytes, view, crc)) {
      if (isStale) return { problem: undefined }
      this.#goodTransactions = this.#transactions.length
      if (!superblock.hasAsyncCommit) {
        this.#failedSequence = this.#sequence
        return { problem: undefined }
      }
    }
    this.#lastCommit = commitTime(view)
    this.#transactions.push(this.#open)
    this.#open = { blocks: [], revokes: [] }
    this.#sequence = (this.#sequence + 1) >>> 0
    return undefined
  }
}
