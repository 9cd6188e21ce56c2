import { constants, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { IoError } from '../errors.js'
import { BLOCK_SIZE, type BlockImage } from './image.js'

const ZEROS = Buffer.alloc(BLOCK_SIZE)
const SCAN_BYTES = 8 * BLOCK_SIZE

const UNKNOWN = 0
const WRITTEN = 1
const ZERO = 2

/** An image file. Which of its blocks hold anything is found out when it is asked for, and kept. */
export class FileImage implements BlockImage {
  readonly size: number
  readonly #path: string
  readonly #file: FileHandle
  readonly #direct: FileHandle | undefined
  readonly #known: Uint8Array
  #spare: Buffer | undefined
  #scanned = 0

  private constructor(path: string, file: FileHandle, direct: FileHandle | undefined, { size, blocks }: Stats) {
    this.#path = path
    this.#file = file
    this.#direct = direct
    this.size = size
    this.#known = new Uint8Array(Math.ceil(size / BLOCK_SIZE)).fill(blocks === 0 ? ZERO : UNKNOWN)
  }

  /** @throws IoError when the file cannot be opened or is not a regular file. */
  static async open(path: string): Promise<FileImage> {
    let file: FileHandle
    try {
      file = await open(path, 'r')
    } catch (error) {
      throw new IoError(`cannot open image ${JSON.stringify(path)}: ${(error as NodeJS.ErrnoException).code ?? error}`, { cause: error })
    }
    const stat = await file.stat()
    if (stat.isFile()) return new FileImage(path, file, await openDirect(path, stat), stat)
    await file.close()
    throw new IoError(`${JSON.stringify(path)} is not a disk image file`)
  }

  get scanned(): number {
    return this.#scanned
  }

  async isWritten(blockIndex: number): Promise<boolean> {
    if (this.#known[blockIndex] === UNKNOWN) await this.#scan(blockIndex)
    return this.#known[blockIndex] === WRITTEN
  }

  async readBlock(blockIndex: number): Promise<Uint8Array> {
    const block = Buffer.allocUnsafeSlow(BLOCK_SIZE)
    const length = Math.max(0, Math.min(BLOCK_SIZE, this.size - blockIndex * BLOCK_SIZE))
    await this.#readInto(block, length, blockIndex * BLOCK_SIZE)
    return block.fill(0, length)
  }

  async close(): Promise<void> {
    await this.#file.close()
    await this.#direct?.close()
  }

  async #scan(firstBlock: number): Promise<void> {
    const position = firstBlock * BLOCK_SIZE
    const length = Math.min(SCAN_BYTES, this.size - position)
    const window = this.#spare ?? Buffer.allocUnsafeSlow(SCAN_BYTES)
    this.#spare = undefined
    const direct = await this.#direct?.read(window, 0, SCAN_BYTES, position).catch(() => undefined)
    if (direct?.bytesRead !== length) await this.#readInto(window, length, position)
    for (let at = 0; at < length; at += BLOCK_SIZE) {
      const block = window.subarray(at, Math.min(at + BLOCK_SIZE, length))
      this.#known[firstBlock + at / BLOCK_SIZE] = block.equals(ZEROS.subarray(0, block.length)) ? ZERO : WRITTEN
    }
    this.#scanned += Math.ceil(length / BLOCK_SIZE)
    this.#spare = window
  }

  async #readInto(buffer: Buffer, length: number, position: number): Promise<void> {
    for (let done = 0; done < length; ) {
      const { bytesRead } = await this.#file.read(buffer, done, length - done, position + done)
      if (bytesRead === 0) throw new IoError(`image ${JSON.stringify(this.#path)} ended at byte ${position + done}`)
      done += bytesRead
    }
  }
}

/**
 * A second handle past the page cache, for files that are mostly holes: those are read many times faster so (Node has no SEEK_HOLE).
 * Platforms and filesystems that cannot do it, or want another alignment of memory, leave the ordinary handle.
 */
async function openDirect(path: string, { size, blocks }: Stats): Promise<FileHandle | undefined> {
  if (constants.O_DIRECT === undefined || blocks * 512 * 2 > size) return undefined
  return open(path, constants.O_RDONLY | constants.O_DIRECT).catch(() => undefined)
}
