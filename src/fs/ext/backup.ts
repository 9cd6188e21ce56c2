import { ScanError } from '../../errors.js'
import { streamRanges } from '../../io/stream-ranges.js'
import type { Reader } from '../../io/types.js'
import { groupStart } from './layout.js'
import { decodeSuperblock, hasSuperMagic, isCopyOf, SUPERBLOCK_SIZE, type Superblock, superblockChecksumFits } from './superblock.js'

/** Groups with a copy of the superblock under sparse_super; without it, and under sparse_super2, group 1 has one as well. */
const BACKUP_GROUPS = [1, 3, 5, 7, 9, 25, 27, 49]
/** Of those, the ones looked for where groups do not have the size that mke2fs gives them. */
const FEW_BACKUP_GROUPS = [1, 3]
const BLOCK_SIZES = [1024, 2048, 4096, 8192, 16384, 32768, 65536]
/** A count of clusters in a group has 16 bits, and is a multiple of 8. */
const MAX_CLUSTERS_PER_GROUP = 65528
const MIN_BLOCKS_PER_GROUP = 256
/** Blocks of a cluster with bigalloc, as mke2fs makes it and up to 1 MiB. */
const DEFAULT_CLUSTER_RATIO = 16
const MAX_CLUSTER_RATIO = 256

/** Bytes at which copies of the superblock may lie: the default group sizes of all block sizes first, then every power of two. */
function candidates(size: number): number[] {
  const offsets = new Set<number>()
  const addGroups = (blockSize: number, blocksPerGroup: number, firstDataBlock: number, groups: readonly number[]): void => {
    for (const group of groups) {
      const offset = (firstDataBlock + group * blocksPerGroup) * blockSize
      if (offset + SUPERBLOCK_SIZE <= size) offsets.add(offset)
    }
  }
  for (const blockSize of BLOCK_SIZES) {
    const clustersPerGroup = Math.min(blockSize * 8, MAX_CLUSTERS_PER_GROUP)
    addGroups(blockSize, clustersPerGroup, blockSize === 1024 ? 1 : 0, BACKUP_GROUPS)
    addGroups(blockSize, clustersPerGroup * DEFAULT_CLUSTER_RATIO, 0, BACKUP_GROUPS)
  }
  for (const blockSize of BLOCK_SIZES) {
    const clustersPerGroup = Math.min(blockSize * 8, MAX_CLUSTERS_PER_GROUP)
    for (let blocks = MIN_BLOCKS_PER_GROUP; blocks < blockSize * 8; blocks *= 2) {
      addGroups(blockSize, blocks, blockSize === 1024 ? 1 : 0, FEW_BACKUP_GROUPS)
    }
    for (let ratio = 2; ratio <= MAX_CLUSTER_RATIO; ratio *= 2) addGroups(blockSize, clustersPerGroup * ratio, 0, FEW_BACKUP_GROUPS)
  }
  return [...offsets]
}

/**
 * The copy that lies where it says it does and whose checksum fits; where copies of earlier filesystems are left over, one of the latest, and
 * of those the likeliest. `primary`: the damaged superblock, whose filesystem it must be a copy of.
 */
export async function findBackupSuperblock(reader: Reader, primary?: Uint8Array): Promise<Superblock | undefined> {
  const likeliest = candidates(reader.size)
  const offsets = likeliest.toSorted((a, b) => a - b)
  const found = new Map<number, Superblock>()
  const ranges = offsets.map((offset) => ({ offset, length: SUPERBLOCK_SIZE }))
  await streamRanges(reader, ranges, (index, bytes) => {
    if (bytes instanceof ScanError) return
    if (bytes instanceof Error) throw bytes
    const superblock = decodeBackup(bytes, offsets[index]!)
    if (superblock && (!primary || isCopyOf(primary, superblock))) found.set(offsets[index]!, superblock)
  })
  const latest = Math.max(...[...found.values()].map((superblock) => superblock.mkfsTime))
  const best = likeliest.find((offset) => found.get(offset)?.mkfsTime === latest)
  return best === undefined ? undefined : found.get(best)
}

function decodeBackup(bytes: Uint8Array, offset: number): Superblock | undefined {
  if (!hasSuperMagic(bytes) || !superblockChecksumFits(bytes)) return undefined
  try {
    const superblock = decodeSuperblock(bytes)
    const { blockGroupNr, blockSize } = superblock
    return blockGroupNr > 0 && groupStart(superblock, blockGroupNr) * blockSize === offset ? superblock : undefined
  } catch (error) {
    if (error instanceof ScanError) return undefined
    throw error
  }
}
