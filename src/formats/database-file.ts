import { IoError } from '../errors.js'

/** Random access to the file of a database; an opened file of a filesystem is one. */
export interface DatabaseFile {
  /** Bytes. */
  readonly size: number
  /** Bytes that can be prefetched before earlier ones are evicted. */
  readonly cacheBytes: number
  /** Exactly `length` bytes as a read-only view. @throws IoError where they cannot be had */
  read(offset: number, length: number): Uint8Array | Promise<Uint8Array>
  /** Never rejects. */
  prefetch(ranges: readonly { readonly offset: number; readonly length: number }[]): Promise<void>
}

/** A database that is in memory already. */
export function memoryFile(bytes: Uint8Array): DatabaseFile {
  return {
    size: bytes.length,
    cacheBytes: bytes.length,
    read: (offset, length) => {
      if (offset + length > bytes.length)
        throw new IoError(`read of ${length} bytes at ${offset} leaves the ${bytes.length} bytes of the file`)
      return bytes.subarray(offset, offset + length)
    },
    prefetch: async () => undefined,
  }
}

const WINDOW_BYTES = 4 * 1024 * 1024
/** However small the cache is. */
const MIN_WINDOW_BYTES = 64 * 1024

/** Reads a database window by window: the whole window around a read is fetched at once, so that a scan costs few waves. */
export class ReadAhead {
  readonly size: number
  readonly #file: DatabaseFile
  readonly #windowBytes: number
  readonly #maxWindows: number
  /** Windows that are likely still cached, the oldest first. */
  readonly #fetched = new Set<number>()

  constructor(file: DatabaseFile) {
    this.#file = file
    this.size = file.size
    this.#windowBytes = Math.max(MIN_WINDOW_BYTES, Math.min(WINDOW_BYTES, Math.floor(file.cacheBytes / 4)))
    this.#maxWindows = Math.max(1, Math.floor(file.cacheBytes / 2 / this.#windowBytes))
  }

  /** `offset + length` may not exceed `size`. @throws IoError */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const first = Math.floor(offset / this.#windowBytes)
    const last = Math.floor((offset + Math.max(1, length) - 1) / this.#windowBytes)
    for (let window = first; window <= last; window++) {
      if (this.#fetched.has(window)) continue
      if (this.#fetched.size === this.#maxWindows) this.#fetched.delete(this.#fetched.values().next().value!)
      this.#fetched.add(window)
      const start = window * this.#windowBytes
      await this.#file.prefetch([{ offset: start, length: Math.min(this.#windowBytes, this.size - start) }])
    }
    return this.#file.read(offset, length)
  }
}
