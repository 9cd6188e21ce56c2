import type { Superblock } from './superblock.js'
import type { SystemZone } from './system-zone.js'

// Where the copies of superblock and descriptors lie: docs.kernel.org/filesystems/ext4/blockgroup.html

/** Groups whose copies are looked at before a descriptor is given up. */
const SPARSE_GROUPS = [1, 3, 5, 7, 9, 25, 27, 49]
const FIRST_GROUPS = [1, 2, 3, 4, 5, 6, 7, 8]

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

/** fsBlock behind the superblock of a group, or its first where it has none. */
function afterSuper(superblock: Superblock, group: number): number {
  // A superblock at byte 1,024 takes block 1 where blocks have 1 KiB, even if the first group begins at block 0.
  const bootBlock = group === 0 && superblock.blockSize === 1024 && superblock.firstDataBlock === 0 ? 1 : 0
  return groupStart(superblock, group) + bootBlock + (groupHasSuper(superblock, group) ? 1 : 0)
}

/** Whether block `index` of the descriptor table lies in the groups that it describes. */
function isMetaBlock(superblock: Superblock, index: number): boolean {
  return superblock.hasMetaBg && index >= superblock.firstMetaBg
}

/** fsBlock that holds block `index` of the descriptor table. With meta_bg it lies in the first of the groups that it describes. */
export function descriptorBlock(superblock: Superblock, index: number): number {
  if (isMetaBlock(superblock, index)) return afterSuper(superblock, index * descriptorsPerBlock(superblock))
  return afterSuper(superblock, 0) + index
}

/** fsBlocks of its copies, the nearest first. With meta_bg they lie in the second and the last of the groups that it describes. */
export function descriptorCopies(superblock: Superblock, index: number): number[] {
  const perBlock = descriptorsPerBlock(superblock)
  const inside = (group: number): boolean => group > 0 && group < superblock.groupCount
  if (isMetaBlock(superblock, index)) {
    const first = index * perBlock
    return [first + 1, first + perBlock - 1].filter(inside).map((group) => afterSuper(superblock, group))
  }
  const groups = superblock.hasSparseSuper2 ? superblock.backupBgs : superblock.hasSparseSuper ? SPARSE_GROUPS : FIRST_GROUPS
  return groups.filter(inside).map((group) => afterSuper(superblock, group) + index)
}

/** Add what superblocks and descriptors take in all groups: the kernel's ext4_num_base_meta_blocks. */
export function addSuperblocks(superblock: Superblock, zone: SystemZone): void {
  const perBlock = descriptorsPerBlock(superblock)
  const tableBlocks = Math.ceil(superblock.groupCount / perBlock)
  const plainBlocks = superblock.hasMetaBg ? Math.min(superblock.firstMetaBg, tableBlocks) : tableBlocks
  for (let group = 0; group < superblock.groupCount; group++) {
    const hasSuper = groupHasSuper(superblock, group)
    const place = group % perBlock
    const isMetaCopy = place === 0 || place === 1 || place === perBlock - 1
    const descriptors = group < plainBlocks * perBlock ? (hasSuper ? plainBlocks : 0) : isMetaCopy ? 1 : 0
    const start = groupStart(superblock, group)
    zone.add(start, start + (hasSuper ? 1 : 0) + descriptors)
  }
}
