import { BlockReader } from '../../src/io/block-reader.js'
import { MemorySource } from '../../src/io/memory-source.js'

/** A reader over bytes; `reader.stats` counts the blocks that were fetched. */
export function readerOver(bytes: Uint8Array, blockSize?: number): BlockReader {
  return new BlockReader(new MemorySource(bytes, blockSize))
}
