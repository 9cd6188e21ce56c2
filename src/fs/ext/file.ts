import { IoError } from '../../errors.js'
import type { ByteRange, MaybePromise } from '../../io/types.js'
import { MappedFile } from '../mapped-file.js'
import type { FileHandle, Stat } from '../types.js'
import { extBlockMap } from './block-map.js'
import type { Inode } from './inode.js'
import type { Volume } from './volume.js'

/** The contents of a regular file or a symlink that lie in blocks. */
export function openMapped(volume: Volume, inode: Inode): Promise<FileHandle> {
  const map = extBlockMap(volume, inode.runs, inode.extents ? inode.seed : undefined)
  return MappedFile.open(volume.reader, volume.superblock.blockSize, inode.stat, map)
}

/** The contents of a file that lie in its inode; what they do not reach is zeros. */
export class InlineFile implements FileHandle {
  readonly stat: Stat
  readonly size: number
  readonly cacheBytes: number
  readonly #bytes: Uint8Array

  constructor(volume: Volume, bytes: Uint8Array, stat: Stat) {
    this.stat = stat
    this.size = stat.size
    this.cacheBytes = volume.reader.cacheBytes
    this.#bytes = bytes
  }

  read(offset: number, length: number): MaybePromise<Uint8Array> {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.size)) {
      return Promise.reject(new IoError(`read of ${length} bytes at ${offset} leaves the ${this.size} bytes of inode ${this.stat.ino}`))
    }
    if (offset + length <= this.#bytes.length) return this.#bytes.subarray(offset, offset + length)
    const out = new Uint8Array(length)
    out.set(this.#bytes.subarray(offset, offset + length))
    return out
  }

  async prefetch(): Promise<void> {}

  async extents(): Promise<readonly ByteRange[]> {
    return []
  }
}
