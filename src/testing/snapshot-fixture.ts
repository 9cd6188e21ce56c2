import { open, readFile, writeFile } from 'node:fs/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import { ConfigError } from '../errors.js'
import type { BlockSource } from '../io/types.js'

// A disk image in the shape of a snapshot: one line of JSON ({ size, blockSize, blocks: [index, …] }), then those blocks, all gzipped.

interface Header {
  size: number
  blockSize: number
  blocks: number[]
}

/** A `BlockSource` over a file that `packSnapshot` wrote. */
export class SnapshotFixture implements BlockSource {
  readonly size: number
  readonly blockSize: number
  /** Written blocks in ascending order. */
  readonly blocks: readonly number[]
  readonly #at = new Map<number, Uint8Array>()

  private constructor(header: Header, data: Uint8Array) {
    this.size = header.size
    this.blockSize = header.blockSize
    this.blocks = header.blocks
    header.blocks.forEach((blockIndex, i) => {
      this.#at.set(blockIndex, data.subarray(i * header.blockSize, (i + 1) * header.blockSize))
    })
  }

  static async load(path: string): Promise<SnapshotFixture> {
    const bytes = gunzipSync(await readFile(path))
    const newline = bytes.indexOf(0x0a)
    if (newline < 0) throw new ConfigError(`${path} is not a snapshot fixture`)
    return new SnapshotFixture(JSON.parse(bytes.subarray(0, newline).toString()) as Header, bytes.subarray(newline + 1))
  }

  hasBlock(blockIndex: number): boolean {
    return this.#at.has(blockIndex)
  }

  async readBlock(blockIndex: number): Promise<Uint8Array> {
    const length = Math.min(this.blockSize, this.size - blockIndex * this.blockSize)
    return this.#at.get(blockIndex)?.subarray(0, length) ?? new Uint8Array(length)
  }
}

/** Write the non-zero 512 KiB blocks of a disk image to a fixture file; returns how many there are. */
export async function packSnapshot(imagePath: string, fixturePath: string): Promise<number> {
  const blockSize = 512 * 1024
  const image = await open(imagePath, 'r')
  try {
    const { size } = await image.stat()
    const blocks: number[] = []
    const data: Buffer[] = []
    for (let blockIndex = 0; blockIndex * blockSize < size; blockIndex++) {
      const block = Buffer.alloc(blockSize)
      await image.read(block, 0, blockSize, blockIndex * blockSize)
      if (block.every((byte) => byte === 0)) continue
      blocks.push(blockIndex)
      data.push(block)
    }
    const header = Buffer.from(`${JSON.stringify({ size, blockSize, blocks } satisfies Header)}\n`)
    await writeFile(fixturePath, gzipSync(Buffer.concat([header, ...data]), { level: 9 }))
    return blocks.length
  } finally {
    await image.close()
  }
}
