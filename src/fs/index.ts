import { UnsupportedError } from '../errors.js'
import type { Reader } from '../io/types.js'
import { extDriver } from './ext/index.js'
import { type Contents, probeContents } from './probe.js'
import type { FileSystem, FileSystemDriver, MountOptions } from './types.js'
import { xfsDriver } from './xfs/index.js'

export { readDisk } from '../disk/index.js'
export type { Disk, Partition } from '../disk/types.js'
export { BlockReader, type BlockReaderOptions } from '../io/block-reader.js'
export { FileSource } from '../io/file-source.js'
export { SliceReader } from '../io/slice-reader.js'
export type { BlockSource, ByteRange, MaybePromise, Reader, ReadStats } from '../io/types.js'
export { decodeName, displayName, encodeName, isUtf8Name } from './name.js'
export { isWithin, underPath } from './path.js'
export { type Contents, probeContents } from './probe.js'
export { type FileRef, readFiles } from './read-files.js'
export { type Mount, type Place, Tree, type TreeEntry, TreeView, type TreeVisitor } from './tree.js'
export type * from './types.js'

/** The filesystems that are read, in the order in which they are tried. */
export const drivers: readonly FileSystemDriver[] = [extDriver, xfsDriver]

/**
 * Mount whatever filesystem a reader (a partition, say) holds.
 * @throws UnsupportedError naming what it holds, or the feature that is not read; CorruptError; IoError
 */
export async function mountFileSystem(reader: Reader, options?: MountOptions): Promise<FileSystem> {
  const contents: Contents = await probeContents(reader, drivers)
  if (!contents.driver) throw new UnsupportedError(contents.kind, contents.reason)
  return contents.driver.mount(reader, options)
}
