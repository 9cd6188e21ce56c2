import { type FileHandle, open } from 'node:fs/promises'
import { IoError } from '../errors.js'
import type { BlockSource } from './types.js'

/** A source over a local disk image. Opened for reading only. */
export class FileSource implements BlockSource {
  readonly size: number
  readonly blockSize: number
  readonly #file: FileHandle
  readonly #path: string

  private constructor(path: string, file: FileHandle, size: number, blockSize: number) {
    this.#path = path
    this.#file = file
    this.size = size
    this.blockSize = blockSize
  }

  /** @throws IoError when the file cannot be opened or is not a regular file or block device. */
  static async open(path: string, blockSize: number = 512 * 1024): Promise<FileSource> {
    let file: FileHandle
    try {
      file = await open(path, 'r')
    } catch (error) {
      throw new IoError(`cannot open image ${JSON.stringify(path)}: ${(error as NodeJS.ErrnoException).code ?? error}`, { cause: error })
    }
    const stat = await file.stat()
    if (stat.isFile()) return new FileSource(path, file, stat.size, blockSize)
    await file.close()
    throw new IoError(`${JSON.stringify(path)} is not a disk image file`)
  }

  hasBlock(blockIndex: number): boolean {
    return blockIndex >= 0 && blockIndex * this.blockSize < this.size
  }

  async readBlock(blockIndex: number): Promise<Uint8Array> {
    const position = blockIndex * this.blockSize
    const length = Math.min(this.blockSize, this.size - position)
    const block = Buffer.allocUnsafeSlow(length)
    let done = 0
    while (done < length) {
      const { bytesRead } = await this.#file.read(block, done, length - done, position + done)
      if (bytesRead === 0) throw new IoError(`image ${JSON.stringify(this.#path)} ended at byte ${position + done}`)
      done += bytesRead
    }
    return block
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}
