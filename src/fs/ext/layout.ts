import type { Superblock } from './superblock.js'

// Where the copies of superblock and descriptors lie: docs.kernel.org/filesystems/ext4/blockgroup.html

/** Copies looked at before a descriptor is given up. */
const MAX_COPIES = 8

function isPowerOf(base: number, n: number): boolean {
  let power = base
  while (power < n) power *= base
  return power === n
}

/** Whether the group starts with a superblock. */
export function groupHasSuper(superblock: Superblock, group: number): boolean {
  if (group === 0) return true
  if (superblock.hasSparseSuper2) return superblock.backupBgs.includes(group)
  if (group === 1 || !superblock.hasSparseSuper) return true
  return isPowerOf(3, group) || isPowerOf(5, group) || isPowerOf(7, group)
}

/** First fsBlock of a group. */
export function groupStart(superblock: Superblock, group: number): number {
  return superblock.firstDataBlock + group * superblock.blocksPerGroup
}

/** Group descriptors in one block. */
export function descriptorsPerBlock(superblock: Superblock): number {
  return superblock.blockSize / superblock.descSize
}

/**
 * fsBlocks that hold block `index` of the descriptor table: the primary, then its copies, the nearest first. With meta_bg, each such
 * block lies in the group it describes first, and copies in the second and the last of them.
 */
export function descriptorBlocks(superblock: Superblock, index: number): number[] {
  const perBlock = descriptorsPerBlock(superblock)
  const inGroup = (group: number): number => {
    // A superblock at byte 1,024 takes block 1 where blocks have 1 KiB, even if the first group begins at block 0.
    const bootBlock = group === 0 && superblock.blockSize === 1024 && superblock.firstDataBlock === 0 ? 1 : 0
    return groupStart(superblock, group) + bootBlock + (groupHasSuper(superblock, group) ? 1 : 0)
  }
  if (superblock.hasMetaBg && index >= superblock.firstMetaBg) {
    const first = index * perBlock
    return [first, first + 1, first + perBlock - 1].filter((group, i) => i === 0 || group < superblock.groupCount).map(inGroup)
  }
  const blocks = [inGroup(0) + index]
  for (let group = 1; group < superblock.groupCount && blocks.length <= MAX_COPIES; group++) {
    if (groupHasSuper(superblock, group)) blocks.push(inGroup(group) + index)
  }
  return blocks
}

/** Stretches `[start, end)` that superblocks and descriptors take in all groups: the kernel's ext4_num_base_meta_blocks. */
export function superblockStretches(superblock: Superblock): [start: number, end: number][] {
  const perBlock = descriptorsPerBlock(superblock)
  const tableBlocks = Math.ceil(superblock.groupCount / perBlock)
  const plainBlocks = superblock.hasMetaBg ? Math.min(superblock.firstMetaBg, tableBlocks) : tableBlocks
  const stretches: [start: number, end: number][] = []
  for (let group = 0; group < superblock.groupCount; group++) {
    const hasSuper = groupHasSuper(superblock, group)
    const place = group % perBlock
    const isMetaCopy = place === 0 || place === 1 || place === perBlock - 1
    const descriptors = group < plainBlocks * perBlock ? (hasSuper ? plainBlocks : 0) : isMetaCopy ? 1 : 0
    const start = groupStart(superblock, group)
    if (hasSuper || descriptors > 0) stretches.push([start, start + (hasSuper ? 1 : 0) + descriptors])
  }
  return stretches
}
