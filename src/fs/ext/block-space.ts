import type { Superblock } from './superblock.js'

/** What block pointers are held to. */
export interface BlockSpace {
  readonly superblock: Superblock
  /** Whether the blocks may belong to a file: inside the filesystem, and not of its own tables. */
  isFileSpace(fsBlock: number, blockCount: number): boolean
}
