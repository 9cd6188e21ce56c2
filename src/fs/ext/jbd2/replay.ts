import { OverlayReader, type Patch } from '../../../io/overlay-reader.js'
import type { Reader } from '../../../io/types.js'
import { decodeRevokes } from './blocks.js'
import type { JournalLog } from './log.js'
import type { LoggedBlock, ScannedLog, Transaction } from './scan.js'
import { JBD2_MAGIC_NUMBER } from './superblock.js'

/** What applying the log came to. */
export interface Replay {
  /** The filesystem with the log applied. */
  readonly reader: Reader
  /** Blocks that have other contents for it. */
  readonly blocks: number
  /** Blocks that the log wrote, but revoked. */
  readonly revoked: number
  /** What could not be applied. */
  readonly problems: readonly string[]
}

/** Apply the transactions in order: of each block the last contents count, and none from before it was revoked. */
export async function replayLog(log: JournalLog, { transactions }: ScannedLog): Promise<Replay> {
  const applied = new AppliedBlocks(log)
  for (const transaction of transactions) await applied.add(transaction)
  return applied.finish()
}

class AppliedBlocks {
  readonly #log: JournalLog
  readonly #newest = new Map<number, LoggedBlock>()
  readonly #damaged = new Set<number>()
  #revoked = 0
  #misplaced = 0

  constructor(log: JournalLog) {
    this.#log = log
  }

  async add({ blocks, revokes }: Transaction): Promise<void> {
    for (const block of blocks) {
      if (!this.#mayBeWritten(block.fsBlock)) this.#misplaced++
      else if (!block.intact) this.#damaged.add(block.fsBlock)
      else {
        this.#newest.set(block.fsBlock, block)
        this.#damaged.delete(block.fsBlock)
      }
    }
    // A record revokes what its own transaction and those before it wrote.
    const { reader, blockSize, superblock } = this.#log
    for (const start of revokes) {
      const bytes = await reader.read(start, blockSize)
      for (const fsBlock of decodeRevokes(superblock, new DataView(bytes.buffer, bytes.byteOffset, bytes.length))) {
        if (this.#newest.delete(fsBlock)) this.#revoked++
        this.#damaged.delete(fsBlock)
      }
    }
  }

  finish(): Replay {
    const { reader, blockSize } = this.#log
    const moved = new Map<number, number>()
    const patches: Patch[] = []
    for (const { fsBlock, start, escaped } of this.#newest.values()) {
      moved.set(fsBlock, start)
      if (escaped) patches.push({ offset: fsBlock * blockSize, bytes: MAGIC })
    }
    const problems: string[] = []
    if (this.#damaged.size > 0) problems.push(`${this.#damaged.size} of its blocks do not verify`)
    if (this.#misplaced > 0) problems.push(`${this.#misplaced} of its blocks have no place that may be written`)
    const overlay = moved.size === 0 ? reader : new OverlayReader(reader, blockSize, moved, patches)
    return { reader: overlay, blocks: moved.size, revoked: this.#revoked, problems }
  }

  #mayBeWritten(fsBlock: number): boolean {
    const { reader, blockSize } = this.#log
    return (fsBlock + 1) * blockSize <= reader.size && !this.#log.owns(fsBlock)
  }
}

const MAGIC = new Uint8Array(4)
new DataView(MAGIC.buffer).setUint32(0, JBD2_MAGIC_NUMBER)
