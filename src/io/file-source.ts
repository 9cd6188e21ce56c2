import { type FileHandle, open, stat } from 'node:fs/promises'
import { IoError, messageOf } from '../errors.js'
import { type BlockSource, EBS_BLOCK_SIZE } from './types.js'

/** A source over a local disk image. Opened for reading only; Node cannot ask for its holes, so every block counts as written. */
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

  /** @throws IoError when the file cannot be opened or is not a regular file. */
  static async open(path: string, blockSize: number = EBS_BLOCK_SIZE): Promise<FileSource> {
    try {
      // Looked at first: opening a pipe would wait for its other end.
      if (!(await stat(path)).isFile()) throw new IoError(`${JSON.stringify(path)} is not a regular file; of a device, make an image first`)
      const file = await open(path, 'r')
      return new FileSource(path, file, (await file.stat()).size, blockSize)
    } catch (error) {
      if (error instanceof IoError) throw error
      throw new IoError(`cannot open image ${JSON.stringify(path)}: ${(error as NodeJS.ErrnoException).code ?? messageOf(error)}`, {
        cause: error,
      })
    }
  }

  hasBlock(blockIndex: number): boolean {
    return blockIndex >= 0 && blockIndex * this.blockSize < this.size
  }

  /** @throws IoError when the file has become shorter or cannot be read; `signal.reason` on abort */
  async readBlock(blockIndex: number, signal?: AbortSignal): Promise<Uint8Array> {
    const position = blockIndex * this.blockSize
    if (!this.hasBlock(blockIndex)) throw new IoError(`image ${JSON.stringify(this.#path)} has no block ${blockIndex}`)
    const block = Buffer.allocUnsafeSlow(Math.min(this.blockSize, this.size - position))
    for (let done = 0; done < block.length; ) {
      signal?.throwIfAborted()
      const bytesRead = await this.#readAt(block, done, position + done)
      if (bytesRead === 0)
        throw new IoError(`image ${JSON.stringify(this.#path)} ends at byte ${position + done}, before its ${this.size} bytes`)
      done += bytesRead
    }
    return block
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #readAt(block: Buffer, at: number, position: number): Promise<number> {
    try {
      return (await this.#file.read(block, at, block.length - at, position)).bytesRead
    } catch (error) {
      throw new IoError(`image ${JSON.stringify(this.#path)}: ${messageOf(error)}`, { cause: error })
    }
  }
}
