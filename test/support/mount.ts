import { CorruptError } from '../../src/errors.js'
import type { FileSystem, FileSystemDriver } from '../../src/fs/types.js'
import { BlockReader, type BlockReaderOptions } from '../../src/io/block-reader.js'
import { FileSource } from '../../src/io/file-source.js'
import type { BlockSource, ReadStats } from '../../src/io/types.js'

const PROBE_BYTES = 64 * 1024

/** Mount what a source holds as one bare filesystem, by its backups where the primary superblock is gone. */
export async function mountSource(
  driver: FileSystemDriver,
  source: BlockSource,
  options: BlockReaderOptions = {},
): Promise<{ fs: FileSystem; stats: ReadStats }> {
  const reader = new BlockReader(source, options)
  const head = await reader.read(0, Math.min(PROBE_BYTES, reader.size))
  if (!driver.probe(head) && !(await driver.recover?.(reader))) throw new CorruptError('filesystem', `no ${driver.name} found`)
  return { fs: await driver.mount(reader), stats: reader.stats }
}

/** Mount an image file for the time of `body`. */
export async function withImage<T>(driver: FileSystemDriver, image: string, body: (fs: FileSystem) => Promise<T>): Promise<T> {
  const source = await FileSource.open(image)
  try {
    return await body((await mountSource(driver, source)).fs)
  } finally {
    await source.close()
  }
}
