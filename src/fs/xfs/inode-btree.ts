import { CorruptError, ScanError } from '../../errors.js'
import { streamRanges } from '../../io/stream-ranges.js'
import { bearsUuid, checksumFits, type Description, requireDescribed } from './checksum.js'
import type { Volume } from './volume.js'

// struct xfs_agi: XFS Algorithms & Data Structures, "AG Inode Management"; libxfs/xfs_format.h. It is the third sector of an AG.
const AGI_SECTOR = 2
const AGI_MAGICNUM = 0x0
const AGI_SEQNO = 0x8
const AGI_ROOT = 0x14
const AGI_LEVEL = 0x18
const AGI_UUID = 0x128
const AGI_CRC = 0x138
const XFS_AGI_MAGIC = 0x58414749
// struct xfs_btree_block, short form: "Inode B+trees"
const BB_MAGIC = 0x0
const BB_LEVEL = 0x4 // be16
const BB_NUMRECS = 0x6 // be16
const BB_SIZE = 16
const BB_SIZE_CRC = 56
const XFS_IBT_MAGIC = 0x49414254
const XFS_IBT_CRC_MAGIC = 0x49414233
const KEY_SIZE = 4
const POINTER_SIZE = 4
// struct xfs_inobt_rec
const IR_STARTINO = 0x0
const IR_HOLEMASK = 0x4 // be16, with sparse inodes
const IR_FREE = 0x8 // be64
const RECORD_SIZE = 16
/** Deeper than 2^32 inodes in half full blocks of 512 bytes. */
const MAX_LEVELS = 12

export const XFS_INODES_PER_CHUNK = 64
/** Inodes for which one bit of ir_holemask stands. */
export const XFS_INODES_PER_HOLEMASK_BIT = 4

const DESCRIPTION: Description = { structure: 'inobt block', crc: 52, blkno: 16, uuid: 32, owner: 48, ownerBytes: 4 }

/** 64 inodes side by side. */
export interface InodeChunk {
  readonly firstIno: number
  /** Bit by inode, those from the 32nd on in `freeHigh`: 1 is free. */
  readonly freeLow: number
  readonly freeHigh: number
  /** Bit by four inodes: 1 has no place on disk. */
  readonly holes: number
}

/** A block of an inode B+tree yet to be read. */
interface Node {
  readonly ag: number
  readonly fsBlock: number
  readonly level: number
}

/**
 * Every chunk of inodes, ascending, which is the order on disk. What cannot be read is logged: the inodes that it would lead to are found
 * by the directories that name them.
 */
export async function readInodeChunks(volume: Volume, signal?: AbortSignal): Promise<InodeChunk[]> {
  const { blockSize } = volume.superblock
  const chunks: InodeChunk[] = []
  const seen = new Set<number>()
  for (let nodes = await readRoots(volume, signal); nodes.length > 0; ) {
    const level = nodes.filter(({ fsBlock }) => !seen.has(fsBlock)).sort((a, b) => a.fsBlock - b.fsBlock)
    const children: Node[] = []
    const visit = (index: number, bytes: Uint8Array | Error): void =>
      attempt(volume, () => {
        if (bytes instanceof Error) throw bytes
        const node = level[index]!
        if (!seen.has(node.fsBlock)) decodeNode(volume, node, bytes, chunks, children)
        seen.add(node.fsBlock)
      })
    const ranges = level.map(({ fsBlock }) => ({ offset: fsBlock * blockSize, length: blockSize }))
    await streamRanges(volume.reader, ranges, visit, signal)
    nodes = children
  }
  chunks.sort((a, b) => a.firstIno - b.firstIno)
  let next = 0
  return chunks.filter(({ firstIno }) => {
    const good = firstIno >= next
    if (good) next = firstIno + XFS_INODES_PER_CHUNK
    else volume.log.add(new CorruptError('xfs_inobt_rec', `inode ${firstIno} is in two chunks`), false)
    return good
  })
}

async function readRoots(volume: Volume, signal?: AbortSignal): Promise<Node[]> {
  const { agBlocks, agCount, blockSize, sectorSize } = volume.superblock
  const roots: Node[] = []
  const ags = Math.min(agCount, Math.ceil(volume.reader.size / (agBlocks * blockSize)))
  const ranges = Array.from({ length: ags }, (_, ag) => ({
    offset: ag * agBlocks * blockSize + AGI_SECTOR * sectorSize,
    length: sectorSize,
  }))
  const visit = (ag: number, bytes: Uint8Array | Error): void =>
    attempt(volume, () => {
      if (bytes instanceof Error) throw bytes
      roots.push(decodeAgi(volume, ag, bytes))
    })
  await streamRanges(volume.reader, ranges, visit, signal)
  return roots
}

function attempt(volume: Volume, step: () => void): void {
  try {
    step()
  } catch (error) {
    if (!(error instanceof ScanError)) throw error
    volume.log.add(error, false)
  }
}

/** The root of the AG's inode B+tree. @throws CorruptError */
function decodeAgi(volume: Volume, ag: number, bytes: Uint8Array): Node {
  const { superblock } = volume
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const fail = (problem: string): never => {
    throw new CorruptError('xfs_agi', `${problem} in AG ${ag}`)
  }
  if (view.getUint32(AGI_MAGICNUM) !== XFS_AGI_MAGIC) fail('bad agi_magicnum')
  if (superblock.features.crc) {
    if (!checksumFits(view, bytes, 0, bytes.length, AGI_CRC)) fail('checksum does not fit')
    if (!bearsUuid(superblock, bytes, AGI_UUID)) fail('another UUID')
  }
  if (view.getUint32(AGI_SEQNO) !== ag) fail(`agi_seqno ${view.getUint32(AGI_SEQNO)}`)
  const level = view.getUint32(AGI_LEVEL)
  if (level === 0 || level > MAX_LEVELS) fail(`agi_level ${level}`)
  return childNode(volume, ag, view.getUint32(AGI_ROOT), level - 1) ?? fail(`agi_root ${view.getUint32(AGI_ROOT)}`)
}

function childNode(volume: Volume, ag: number, agBlock: number, level: number): Node | undefined {
  const { agBlocks } = volume.superblock
  const fsBlock = ag * agBlocks + agBlock
  return agBlock < agBlocks && volume.isFileSpace(fsBlock, 1) ? { ag, fsBlock, level } : undefined
}

/** Append the chunks of a leaf to `chunks`, or the children of another node to `children`. @throws CorruptError */
function decodeNode(volume: Volume, node: Node, bytes: Uint8Array, chunks: InodeChunk[], children: Node[]): void {
  const { superblock } = volume
  const { crc } = superblock.features
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const fail = (problem: string): never => {
    throw new CorruptError('inobt block', `${problem} in block ${node.fsBlock}`)
  }
  if (view.getUint32(BB_MAGIC) !== (crc ? XFS_IBT_CRC_MAGIC : XFS_IBT_MAGIC)) fail('bad bb_magic')
  if (crc) requireDescribed(superblock, DESCRIPTION, { fsBlock: node.fsBlock, owner: node.ag }, view, bytes, 0, bytes.length)
  if (view.getUint16(BB_LEVEL) !== node.level) fail(`bb_level ${view.getUint16(BB_LEVEL)} instead of ${node.level}`)
  const start = crc ? BB_SIZE_CRC : BB_SIZE
  const capacity = Math.floor((bytes.length - start) / (node.level === 0 ? RECORD_SIZE : KEY_SIZE + POINTER_SIZE))
  const count = view.getUint16(BB_NUMRECS)
  if (count > capacity) fail(`bb_numrecs ${count} of ${capacity}`)
  for (let i = 0; i < count; i++) {
    if (node.level === 0) {
      const at = start + i * RECORD_SIZE
      chunks.push({
        firstIno: volume.inodeNumber(node.ag, view.getUint32(at + IR_STARTINO)),
        freeHigh: view.getUint32(at + IR_FREE),
        freeLow: view.getUint32(at + IR_FREE + 4),
        holes: superblock.features.sparseInodes ? view.getUint16(at + IR_HOLEMASK) : 0,
      })
      continue
    }
    const agBlock = view.getUint32(start + capacity * KEY_SIZE + i * POINTER_SIZE)
    children.push(childNode(volume, node.ag, agBlock, node.level - 1) ?? fail(`pointer to block ${agBlock} of AG ${node.ag}`))
  }
}
