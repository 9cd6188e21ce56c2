import { CorruptError } from '../../../errors.js'
import type { Reader } from '../../../io/types.js'
import { findRun, type Run, runEnd } from '../../run.js'
import { decodeJournalSuperblock, JOURNAL_SUPERBLOCK_SIZE, type JournalSuperblock } from './superblock.js'

/** Bytes loaded ahead: little at first, as most logs are short, then twice as much each time. */
const FIRST_WINDOW_BYTES = 1024 * 1024
const MAX_WINDOW_BYTES = 16 * 1024 * 1024

/** The blocks of a journal, wherever they lie. */
export class JournalLog {
  readonly superblock: JournalSuperblock
  readonly blockSize: number
  readonly reader: Reader
  readonly #runs: readonly Run[]
  readonly #byPlace: readonly Run[]
  #windowStart = 0
  #windowEnd = 0
  #windowBytes = FIRST_WINDOW_BYTES

  private constructor(reader: Reader, blockSize: number, runs: readonly Run[], superblock: JournalSuperblock) {
    this.reader = reader
    this.blockSize = blockSize
    this.superblock = superblock
    this.#runs = runs
    this.#byPlace = runs.map((run) => ({ ...run, fileBlock: run.fsBlock })).sort((a, b) => a.fileBlock - b.fileBlock)
    // Every block of it is read once at most, so it is no longer than what there is to read.
    for (let i = 1; i < runs.length; i++) {
      if (runEnd(this.#byPlace[i - 1]!) > this.#byPlace[i]!.fileBlock) throw new CorruptError('journal', 'two of its blocks are one')
    }
  }

  /** `runs`: where the journal's `blockCount` blocks lie. @throws CorruptError, UnsupportedError, IoError */
  static async open(reader: Reader, blockSize: number, runs: readonly Run[], blockCount: number): Promise<JournalLog> {
    const first = runs[0]
    if (first?.fileBlock !== 0) throw new CorruptError('journal_superblock_s', 'the journal has no first block')
    const bytes = await reader.read(first.fsBlock * blockSize, JOURNAL_SUPERBLOCK_SIZE)
    return new JournalLog(reader, blockSize, runs, decodeJournalSuperblock(bytes, blockSize, blockCount))
  }

  get hasFastCommits(): boolean {
    return this.superblock.fastCommitFirst < this.superblock.fastCommitEnd
  }

  /** Byte of the reader at which a block lies. @throws CorruptError in a hole */
  offsetOf(logBlock: number): number {
    const run = this.#runs[findRun(this.#runs, logBlock)]
    if (!run || run.fileBlock > logBlock) throw new CorruptError('journal', `block ${logBlock} is a hole`)
    return (run.fsBlock + logBlock - run.fileBlock) * this.blockSize
  }

  /** Whether a block of the filesystem belongs to the journal. */
  owns(fsBlock: number): boolean {
    const run = this.#byPlace[findRun(this.#byPlace, fsBlock)]
    return run !== undefined && run.fileBlock <= fsBlock
  }

  /** The block after `logBlock`: the log goes round. */
  next(logBlock: number): number {
    return logBlock + 1 < this.superblock.end ? logBlock + 1 : this.superblock.first
  }

  /** A block, while those after it are loaded ahead up to `end`. @throws CorruptError in a hole; IoError */
  async read(logBlock: number, end: number = this.superblock.end): Promise<Uint8Array> {
    const offset = this.offsetOf(logBlock)
    if (logBlock < this.#windowStart || logBlock >= this.#windowEnd) await this.#load(logBlock, end)
    return this.reader.read(offset, this.blockSize)
  }

  async #load(from: number, end: number): Promise<void> {
    const to = Math.min(end, from + this.#windowBytes / this.blockSize)
    const ranges = []
    for (let i = findRun(this.#runs, from); i < this.#runs.length && this.#runs[i]!.fileBlock < to; i++) {
      const run = this.#runs[i]!
      const start = Math.max(from, run.fileBlock)
      const blockCount = Math.min(to, runEnd(run)) - start
      ranges.push({ offset: (run.fsBlock + start - run.fileBlock) * this.blockSize, length: blockCount * this.blockSize })
    }
    await this.reader.prefetch(ranges)
    this.#windowStart = from
    this.#windowEnd = to
    this.#windowBytes = Math.min(this.#windowBytes * 2, MAX_WINDOW_BYTES, Math.max(FIRST_WINDOW_BYTES, this.reader.cacheBytes / 4))
  }
}
