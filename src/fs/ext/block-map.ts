import { BlockMap } from '../block-map.js'
import type { Run } from '../run.js'
import type { BlockSpace } from './block-space.js'
import { decodeExtentBlock } from './extent.js'
import { decodeIndirectBlock } from './indirect.js'

/** `root`: runs of `i_block`. `extentSeed`: the inode's checksum seed, undefined where it has no extent tree but indirect blocks. */
export function extBlockMap(space: BlockSpace, root: readonly Run[], extentSeed: number | undefined): BlockMap {
  return new BlockMap(space.superblock.blockSize, root, (parent, bytes) =>
    extentSeed === undefined ? decodeIndirectBlock(space, bytes, parent) : decodeExtentBlock(space, bytes, parent, extentSeed),
  )
}
