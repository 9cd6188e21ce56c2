import { ScanError } from '../../errors.js'
import type { BlockOwner } from '../block-claims.js'
import type { BlockMap } from '../block-map.js'
import type { EntryList, Segment } from '../entry-list.js'
import { type Run, runEnd } from '../run.js'
import { xfsBlockMap } from './bmap-btree.js'
import { type DirEntrySink, decodeDirBlock } from './dir-block.js'
import type { Inode } from './inode.js'
import { decodeShortForm } from './short-form.js'
import type { Volume } from './volume.js'

/** XFS_DIR2_LEAF_OFFSET: blocks with entries lie below, those of the hash index from here on. */
const LEAF_OFFSET = 2 ** 35

/** A directory whose entries are being read. */
export class Directory implements BlockOwner {
  readonly ino: number
  readonly encrypted = false
  /** In order of the directory once it is read. */
  segments: Segment[] = []
  /** Why not all of its entries are known, or not for sure. */
  error: string | undefined
  readonly #volume: Volume
  readonly #size: number
  #inline: Uint8Array | undefined
  /** All of it is one directory block. */
  #isBlock = false
  #map: BlockMap | undefined

  constructor(volume: Volume, inode: Inode) {
    this.ino = inode.ino
    this.#volume = volume
    this.#size = inode.stat.size
    this.#inline = inode.inline
    if (!inode.inline) this.#map = xfsBlockMap(volume, inode.ino, inode.runs)
  }

  pending(): readonly Run[] {
    return this.#map?.pending(0, LEAF_OFFSET / this.#volume.superblock.blockSize) ?? []
  }

  supply(run: Run, bytes: Uint8Array | ScanError): void {
    this.#map?.supply(run, bytes)
  }

  /** Runs with entries, as far as they are known. */
  dataRuns(): Run[] {
    const end = LEAF_OFFSET / this.#volume.superblock.blockSize
    const runs = this.#map?.within(0, end) ?? []
    return runs.map((run) => ({ ...run, blockCount: Math.min(runEnd(run), end) - run.fileBlock }))
  }

  /** The same without those that cannot be read, which is noted as its error; gives the map up. Asked once nothing is pending. */
  takeRuns(): Run[] {
    const { blockSize, dirBlockSize } = this.#volume.superblock
    const last = this.#map?.within(0, Number.MAX_SAFE_INTEGER).at(-1)
    this.#isBlock = last !== undefined && runEnd(last) === dirBlockSize / blockSize
    const runs = this.dataRuns()
    for (const run of runs) if (run.error) this.fail(run.error.message)
    // Blocks between may be gone: not the first one, which names its parent; and the size is where the last one ends.
    const end = runs.length === 0 ? 0 : runEnd(runs.at(-1)!) * blockSize
    if (this.#map && (runs[0]?.fileBlock !== 0 || end !== this.#size)) this.fail(`blocks up to byte ${end} of ${this.#size}`)
    this.#map = undefined
    return runs.filter((run) => !run.error)
  }

  fail(problem: string): void {
    this.error ??= problem
  }

  /** Entries that lie in the inode itself. */
  decodeInline(entries: EntryList): void {
    const inline = this.#inline
    // It would hold in memory the whole block of the source that it is a part of.
    this.#inline = undefined
    if (inline) this.#collect(0, inline, entries, (sink) => decodeShortForm(this.#volume.superblock.features.ftype, inline, sink))
  }

  /** Entries of the directory block `bytes[at, at + dirBlockSize)`, of which the first block is `fileBlock`, at `fsBlock`. */
  decodeBlock(fileBlock: number, fsBlock: number, bytes: Uint8Array, view: DataView, at: number, entries: EntryList): void {
    const place = { ino: this.ino, fsBlock, only: this.#isBlock }
    this.#collect(fileBlock, bytes, entries, (sink) => decodeDirBlock(this.#volume.superblock, place, view, bytes, at, sink))
  }

  /** Put in order what was decoded. */
  finish(entries: EntryList): void {
    this.segments.sort((a, b) => a.fileBlock - b.fileBlock)
    if (entries.dropRepeated(this.segments)) this.fail('the same name twice')
  }

  #collect(fileBlock: number, bytes: Uint8Array, entries: EntryList, decode: (sink: DirEntrySink) => void): void {
    const start = entries.length
    try {
      decode((ino, type, nameAt, length) => entries.add(ino, type, bytes, nameAt, length))
    } catch (error) {
      if (!(error instanceof ScanError && error.code === 'CORRUPT')) throw error
      this.fail(error.message)
    }
    if (entries.length > start) this.segments.push({ fileBlock, start, end: entries.length })
  }
}
