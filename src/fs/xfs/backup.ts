import { ScanError } from '../../errors.js'
import { streamRanges } from '../../io/stream-ranges.js'
import type { ByteRange, Reader } from '../../io/types.js'
import { decodeSuperblock, hasSuperMagic, SUPERBLOCK_SIZE, type Superblock, sectorSizeOf, superblockChecksumFits } from './superblock.js'

const KIB = 1024
const MIB = 1024 ** 2
const TIB = 1024 ** 4
const SECTOR_SIZES = [512, 1024, 2048, 4096, 8192, 16384, 32768]
const BLOCK_SIZES = [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536]
/** AGs that mkfs.xfs makes: by size, and for disks of several spindles. */
const AG_COUNTS = [2, 4, 8, 16, 32]
/** AGs cannot be larger. */
const MAX_AG_BYTES = TIB
/** Where the size of AGs cannot be told, so much is searched for the start of the second one. */
const SEARCHED_BYTES = 256 * MIB
const SEARCH_STEP = 512 * KIB

// Headers of the first AG that tell its length: struct xfs_agf in the sector after the superblock, struct xfs_agi in the next.
const XFS_AGF_MAGIC = 0x58414746
const XFS_AGI_MAGIC = 0x58414749
const AG_LENGTH = 0xc // be32, in blocks

/**
 * A copy of the superblock, which every AG begins with: where the first AG's other headers, or the sizes that mkfs.xfs chooses by itself,
 * say that one lies; else the first that a search meets.
 */
export async function findBackupSuperblock(reader: Reader): Promise<Superblock | undefined> {
  const offsets = [...new Set([...(await offsetsByAgHeaders(reader)), ...defaultOffsets(reader.size)])]
  await reader.prefetch(offsets.map((offset) => ({ offset, length: SUPERBLOCK_SIZE })))
  for (const offset of offsets) {
    const superblock = await readCopy(reader, offset)
    if (superblock) return withRoot(reader, superblock)
  }
  for (const offset of await search(reader)) {
    const superblock = await readCopy(reader, offset)
    if (superblock) return withRoot(reader, superblock)
  }
  return undefined
}

async function offsetsByAgHeaders(reader: Reader): Promise<number[]> {
  const length = Math.min(reader.size, 3 * Math.max(...SECTOR_SIZES))
  const bytes = await readOrNothing(reader, length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const lengths = new Set<number>()
  for (const sectorSize of SECTOR_SIZES) {
    for (const [at, magic] of [
      [sectorSize, XFS_AGF_MAGIC],
      [2 * sectorSize, XFS_AGI_MAGIC],
    ] as const) {
      if (at + SUPERBLOCK_SIZE <= bytes.length && view.getUint32(at) === magic) lengths.add(view.getUint32(at + AG_LENGTH))
    }
  }
  return [...lengths].flatMap((agBlocks) => BLOCK_SIZES.map((blockSize) => agBlocks * blockSize))
}

async function readOrNothing(reader: Reader, length: number): Promise<Uint8Array> {
  try {
    return await reader.read(0, length)
  } catch (error) {
    if (error instanceof ScanError) return new Uint8Array(0)
    throw error
  }
}

function defaultOffsets(size: number): number[] {
  const offsets = [MAX_AG_BYTES]
  for (const blockSize of BLOCK_SIZES) {
    const blocks = Math.floor(size / blockSize)
    for (const count of AG_COUNTS) offsets.push(Math.ceil(blocks / count) * blockSize)
    // Aligned to a stripe unit, AGs of that count would not quite reach the end.
    for (const count of AG_COUNTS) offsets.push(Math.floor(blocks / count) * blockSize)
  }
  return offsets
}

/** Where the magic number stands in the part that is searched. */
async function search(reader: Reader): Promise<number[]> {
  const found: number[] = []
  const ranges: ByteRange[] = []
  const end = Math.min(reader.size, SEARCHED_BYTES)
  for (let offset = 0; offset < end; offset += SEARCH_STEP) ranges.push({ offset, length: Math.min(SEARCH_STEP, end - offset) })
  await streamRanges(reader, ranges, (index, bytes) => {
    if (bytes instanceof Error) return
    for (let at = 0; at + SUPERBLOCK_SIZE <= bytes.length; at += SUPERBLOCK_SIZE) {
      if (hasSuperMagic(bytes, at)) found.push(index * SEARCH_STEP + at)
    }
  })
  return found
}

/** The copy at `offset` where it lies where it says it does, and its checksum fits. */
async function readCopy(reader: Reader, offset: number): Promise<Superblock | undefined> {
  try {
    const start = await reader.read(offset, SUPERBLOCK_SIZE)
    if (offset === 0 || !hasSuperMagic(start)) return undefined
    const sector = await reader.read(offset, sectorSizeOf(start))
    if (!superblockChecksumFits(sector)) return undefined
    const superblock = decodeSuperblock(sector)
    const ag = offset / (superblock.agBlocks * superblock.blockSize)
    return Number.isInteger(ag) && ag < superblock.agCount ? superblock : undefined
  } catch (error) {
    if (error instanceof ScanError) return undefined
    throw error
  }
}

/** mkfs.xfs writes the root's number into the last copy and the middle one only. */
async function withRoot(reader: Reader, superblock: Superblock): Promise<Superblock> {
  const { agBlocks, agCount, blockSize } = superblock
  if (superblock.rootIno !== undefined) return superblock
  for (const ag of [agCount - 1, Math.floor((agCount - 1) / 2)]) {
    const copy = await readCopy(reader, ag * agBlocks * blockSize)
    if (copy?.rootIno !== undefined && copy.uuid === superblock.uuid) return copy
  }
  return superblock
}
