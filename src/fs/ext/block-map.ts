import { LimitError, ScanError } from '../../errors.js'
import type { Reader } from '../../io/types.js'
import { decodeExtentBlock } from './extent.js'
import { decodeIndirectBlock } from './indirect.js'
import { type BlockSpace, findRun, type Run, runEnd } from './run.js'

/** Runs kept of one file; beyond it those of earlier reads are given up, and one request that needs more fails. */
const MAX_RUNS = 1_000_000

/** Which block of the filesystem holds each block of a file. Index blocks are read when a stretch they cover is asked for. */
export class BlockMap {
  readonly #space: BlockSpace
  readonly #root: readonly Run[]
  readonly #extentSeed: number | undefined
  /** Ascending, never overlapping. */
  #runs: readonly Run[]

  /** `root`: runs of `i_block`. `extentSeed`: the inode's checksum seed, undefined where it has no extent tree but indirect blocks. */
  constructor(space: BlockSpace, root: readonly Run[], extentSeed: number | undefined) {
    this.#space = space
    this.#root = root
    this.#runs = root
    this.#extentSeed = extentSeed
  }

  /** All that is known, in file order. */
  get runs(): readonly Run[] {
    return this.#runs
  }

  /** Index blocks to read before `[from, to)` is known; after `supply` of each there may be more, one level down. */
  pending(from: number, to: number): Run[] {
    const out: Run[] = []
    for (let i = findRun(this.#runs, from); i < this.#runs.length && this.#runs[i]!.fileBlock < to; i++) {
      if (this.#runs[i]!.level > 0 && !this.#runs[i]!.error) out.push(this.#runs[i]!)
    }
    return out
  }

  /** What the index block of a pending run says, or the run with the error that kept it from being read. */
  decode(run: Run, bytes: Uint8Array | Error): readonly Run[] {
    try {
      if (bytes instanceof Error) throw bytes
      return this.#extentSeed === undefined
        ? decodeIndirectBlock(this.#space, bytes, run)
        : decodeExtentBlock(this.#space, bytes, run, this.#extentSeed)
    } catch (error) {
      if (error instanceof ScanError) return [{ ...run, error }]
      throw error
    }
  }

  /** Put what was decoded in place of the pending runs. */
  supply(decoded: ReadonlyMap<Run, readonly Run[]>): void {
    this.#runs = this.#runs.flatMap((run) => decoded.get(run) ?? run)
  }

  /** Read index blocks, level by level, until `[from, to)` is known, or until `maxBlocks` of them would be exceeded. @throws LimitError */
  async resolve(reader: Reader, from: number, to: number, maxBlocks: number = Number.POSITIVE_INFINITY): Promise<void> {
    if (this.#runs.length > MAX_RUNS) this.#runs = this.#root
    const { blockSize } = this.#space.superblock
    let budget = maxBlocks
    for (let pending = this.pending(from, to); pending.length > 0; pending = this.pending(from, to)) {
      budget -= pending.length
      if (budget < 0) return
      if (this.#runs.length > MAX_RUNS) throw new LimitError('stretches of one file', MAX_RUNS)
      await reader.prefetch(pending.map((run) => ({ offset: run.fsBlock * blockSize, length: blockSize })))
      const decoded = new Map<Run, readonly Run[]>()
      for (const run of pending) decoded.set(run, this.decode(run, await readOrError(reader, run.fsBlock * blockSize, blockSize)))
      this.supply(decoded)
    }
  }
}

/** Why part of `[from, to)` cannot be read; undefined where all of it can. */
export function errorWithin(runs: readonly Run[], from: number, to: number): ScanError | undefined {
  for (let i = findRun(runs, from); i < runs.length && runs[i]!.fileBlock < to; i++) {
    if (runEnd(runs[i]!) > from && runs[i]!.error) return runs[i]!.error
  }
  return undefined
}

async function readOrError(reader: Reader, offset: number, length: number): Promise<Uint8Array | ScanError> {
  try {
    return await reader.read(offset, length)
  } catch (error) {
    if (error instanceof ScanError) return error
    throw error
  }
}
