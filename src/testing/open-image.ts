import { ConfigError } from '../errors.js'
import type { BlockSource } from '../io/types.js'
import { BLOCK_SIZE, type BlockImage } from './image.js'
import { FileImage } from './image-file.js'

/**
 * The contents of a volume: a file's, or a source's, which stays the caller's to close.
 * @throws IoError when a file cannot be read, ConfigError for a source of other blocks than EBS has.
 */
export async function openImage(image: string | BlockSource): Promise<BlockImage> {
  if (typeof image === 'string') return FileImage.open(image)
  const { size, blockSize } = image
  if (blockSize !== BLOCK_SIZE) throw new ConfigError(`a volume's block source needs blocks of ${BLOCK_SIZE} bytes, not ${blockSize}`)
  return {
    size,
    scanned: 0,
    isWritten: async (blockIndex) => blockIndex * BLOCK_SIZE < size && image.hasBlock(blockIndex),
    readBlock: async (blockIndex) =>
      blockIndex * BLOCK_SIZE < size ? padded(await image.readBlock(blockIndex)) : new Uint8Array(BLOCK_SIZE),
    close: async () => {},
  }
}

function padded(block: Uint8Array): Uint8Array {
  if (block.length === BLOCK_SIZE) return block
  const whole = new Uint8Array(BLOCK_SIZE)
  whole.set(block.subarray(0, BLOCK_SIZE))
  return whole
}
