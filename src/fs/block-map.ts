import { LimitError, ScanError } from '../errors.js'
import type { Reader } from '../io/types.js'
import { findRun, type Run } from './run.js'

/** The runs that the index block of `parent` tells, one level down. @throws CorruptError */
export type IndexDecoder = (parent: Run, bytes: Uint8Array) => readonly Run[]

/** Runs kept of one file; beyond it those of earlier reads are given up, and one request that needs more fails. */
const MAX_RUNS = 1_000_000

/** Which block of the filesystem holds each block of a file. Index blocks are read when a stretch they cover is asked for. */
export class BlockMap {
  readonly #blockSize: number
  readonly #root: readonly Run[]
  readonly #decodeBlock: IndexDecoder
  /** What the index blocks read so far say, by the run that names each. */
  readonly #children = new Map<Run, readonly Run[]>()
  #runCount = 0

  /** `blockSize` in bytes. `root`: runs that the inode itself tells. */
  constructor(blockSize: number, root: readonly Run[], decodeBlock: IndexDecoder) {
    this.#blockSize = blockSize
    this.#root = root
    this.#decodeBlock = decodeBlock
  }

  /** The run that covers a block, as deep as is known; undefined in a hole. */
  at(fileBlock: number): Run | undefined {
    for (let runs = this.#root; ; ) {
      const run = runs[findRun(runs, fileBlock)]
      if (!run || run.fileBlock > fileBlock) return undefined
      const children = this.#children.get(run)
      if (!children) return run
      runs = children
    }
  }

  /** All that is known of `[from, to)`, in file order; runs at either end may reach beyond it. */
  within(from: number, to: number): Run[] {
    const out: Run[] = []
    const collect = (runs: readonly Run[]): void => {
      for (let i = findRun(runs, from); i < runs.length && runs[i]!.fileBlock < to; i++) {
        const children = this.#children.get(runs[i]!)
        if (children) collect(children)
        else out.push(runs[i]!)
      }
    }
    collect(this.#root)
    return out
  }

  /** Index blocks to read before `[from, to)` is known; after `supply` of each there may be more, one level down. */
  pending(from: number, to: number): Run[] {
    return this.within(from, to).filter((run) => run.level > 0 && !run.error)
  }

  /** The index block of a pending run, or why it cannot be had. What it covers cannot be read where it is bad. */
  supply(run: Run, bytes: Uint8Array | ScanError): void {
    const children = this.#decode(run, bytes)
    this.#children.set(run, children)
    this.#runCount += children.length
  }

  /**
   * Read index blocks, level by level, until `[from, to)` is known, or until there would be more than `maxBlocks` of them.
   * @throws LimitError
   */
  async resolve(reader: Reader, from: number, to: number, maxBlocks: number = Number.POSITIVE_INFINITY): Promise<void> {
    if (this.#runCount > MAX_RUNS) {
      this.#children.clear()
      this.#runCount = 0
    }
    const blockSize = this.#blockSize
    let budget = maxBlocks
    for (let pending = this.pending(from, to); pending.length > 0; pending = this.pending(from, to)) {
      budget -= pending.length
      if (budget < 0) return
      if (this.#runCount > MAX_RUNS) throw new LimitError('stretches of one file', MAX_RUNS)
      await reader.prefetch(pending.map((run) => ({ offset: run.fsBlock * blockSize, length: blockSize })))
      for (const run of pending) this.supply(run, await readOrError(reader, run.fsBlock * blockSize, blockSize))
    }
  }

  #decode(run: Run, bytes: Uint8Array | ScanError): readonly Run[] {
    try {
      if (bytes instanceof ScanError) throw bytes
      return this.#decodeBlock(run, bytes)
    } catch (error) {
      if (error instanceof ScanError) return [{ ...run, error }]
      throw error
    }
  }
}

async function readOrError(reader: Reader, offset: number, length: number): Promise<Uint8Array | ScanError> {
  try {
    return await reader.read(offset, length)
  } catch (error) {
    if (error instanceof ScanError) return error
    throw error
  }
}
