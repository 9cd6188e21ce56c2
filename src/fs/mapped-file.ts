import { IoError, type ScanError } from '../errors.js'
import type { ByteRange, MaybePromise, Reader } from '../io/types.js'
import type { BlockMap } from './block-map.js'
import { runEnd } from './run.js'
import type { FileHandle, Stat } from './types.js'

/** Index blocks read when a file is opened; those of a larger file are read when a part they cover is. */
const EAGER_INDEX_BLOCKS = 64

/** A stretch of a file in bytes: of the reader, or zeros where there is no data, or what cannot be read. */
interface Span {
  readonly offset: number
  readonly length: number
  /** Byte of the filesystem's reader. */
  readonly start?: number
  readonly error?: ScanError
}

/** The contents of a file, mapped block by block. */
export class MappedFile implements FileHandle {
  readonly stat: Stat
  readonly size: number
  readonly #reader: Reader
  readonly #blockSize: number
  readonly #map: BlockMap

  private constructor(reader: Reader, blockSize: number, stat: Stat, map: BlockMap) {
    this.stat = stat
    this.size = stat.size
    this.#reader = reader
    this.#blockSize = blockSize
    this.#map = map
  }

  /** `blockSize` in bytes. */
  static async open(reader: Reader, blockSize: number, stat: Stat, map: BlockMap): Promise<MappedFile> {
    await map.resolve(reader, 0, Math.ceil(stat.size / blockSize), EAGER_INDEX_BLOCKS)
    return new MappedFile(reader, blockSize, stat, map)
  }

  get cacheBytes(): number {
    return this.#reader.cacheBytes
  }

  read(offset: number, length: number): MaybePromise<Uint8Array> {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.size)) {
      return Promise.reject(new IoError(`read of ${length} bytes at ${offset} leaves the ${this.size} bytes of inode ${this.stat.ino}`))
    }
    const block = Math.floor(offset / this.#blockSize)
    const run = this.#map.at(block)
    if (run && run.level === 0 && offset + length <= runEnd(run) * this.#blockSize) {
      return this.#reader.read(run.fsBlock * this.#blockSize + offset - run.fileBlock * this.#blockSize, length)
    }
    return this.#readSpans(offset, length)
  }

  async prefetch(ranges: readonly ByteRange[]): Promise<void> {
    const wanted: ByteRange[] = []
    for (const { offset, length } of ranges) {
      const end = Math.min(offset + length, this.size)
      if (offset < 0 || end <= offset) continue
      const spans = await this.#spans(offset, end - offset).catch(() => [])
      for (const span of spans) if (span.start !== undefined) wanted.push({ offset: span.start, length: span.length })
    }
    await this.#reader.prefetch(wanted)
  }

  async extents(): Promise<readonly ByteRange[]> {
    const spans = await this.#spans(0, this.size)
    return spans.flatMap(({ start, length }) => (start === undefined ? [] : [{ offset: start, length }]))
  }

  async #readSpans(offset: number, length: number): Promise<Uint8Array> {
    const spans = await this.#spans(offset, length)
    const out = new Uint8Array(length)
    await this.#reader.prefetch(spans.flatMap((span) => (span.start === undefined ? [] : [{ offset: span.start, length: span.length }])))
    for (const span of spans) {
      if (span.error) throw span.error
      if (span.start !== undefined) out.set(await this.#reader.read(span.start, span.length), span.offset - offset)
    }
    return out
  }

  /** What `[offset, offset + length)` is made of; stretches of zeros are left out. @throws LimitError */
  async #spans(offset: number, length: number): Promise<Span[]> {
    const blockSize = this.#blockSize
    const from = Math.floor(offset / blockSize)
    const to = Math.ceil((offset + length) / blockSize)
    await this.#map.resolve(this.#reader, from, to)
    const spans: Span[] = []
    for (const run of this.#map.within(from, to)) {
      const start = Math.max(offset, run.fileBlock * blockSize)
      const end = Math.min(offset + length, runEnd(run) * blockSize)
      const span = { offset: start, length: end - start }
      if (run.error) spans.push({ ...span, error: run.error })
      else spans.push({ ...span, start: run.fsBlock * blockSize + start - run.fileBlock * blockSize })
    }
    return spans
  }
}
