import { messageOf, ScanError } from '../../errors.js'
import type { JournalState } from '../types.js'
import type { Volume } from './volume.js'

// Journaling log, in sectors of 512 bytes, big-endian: XFS Algorithms & Data Structures, "Journaling Log"; libxfs/xfs_log_format.h.
// struct xlog_rec_header
const H_MAGICNO = 0x0
const H_CYCLE = 0x4
const H_VERSION = 0x8
const H_LEN = 0xc
const H_NUM_LOGOPS = 0x28
const H_SIZE = 0x140
const XLOG_HEADER_MAGIC_NUM = 0xfeedbabe
const XLOG_VERSION_2 = 2
/** Bytes of log for which one header sector has room. */
const XLOG_HEADER_CYCLE_SIZE = 32 * 1024
// struct xlog_op_header
const OH_FLAGS = 0x9
const XLOG_UNMOUNT_TRANS = 0x20

const SECTOR = 512
/** The largest record has 256 KiB and 8 header sectors; so many before the head hold at least its header. */
const MAX_RECORD_SECTORS = (256 * 1024) / SECTOR + 8

/**
 * Whether changes wait in the log. It ends with an unmount record where none do: what lies between its tail and its head has then been
 * written to its place.
 */
export async function readLogState(volume: Volume): Promise<JournalState> {
  const { log, blockSize } = volume.superblock
  if (log.start === 0) return { state: 'dirty', detail: 'external, on a device of its own: its state is not known' }
  const fsBlock = volume.linearBlock(log.start)
  if (fsBlock === undefined || !volume.isFileSpace(fsBlock, log.blockCount)) return { state: 'dirty', detail: 'it has no place' }
  try {
    const sectors = new LogSectors(volume, fsBlock * blockSize, (log.blockCount * blockSize) / SECTOR)
    return { state: (await endsWithUnmount(sectors)) ? 'clean' : 'dirty' }
  } catch (error) {
    if (!(error instanceof ScanError)) throw error
    return { state: 'dirty', detail: `cannot be read: ${messageOf(error)}` }
  }
}

/** The log as a ring of sectors. */
class LogSectors {
  readonly count: number
  readonly #volume: Volume
  readonly #start: number

  constructor(volume: Volume, start: number, count: number) {
    this.#volume = volume
    this.#start = start
    this.count = count
  }

  async read(sector: number): Promise<DataView> {
    const bytes = await this.#volume.reader.read(this.#start + (sector % this.count) * SECTOR, SECTOR)
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  /** Every sector begins with the number of the round in which it was written; a record's first with its magic number before that. */
  async cycle(sector: number): Promise<number> {
    const view = await this.read(sector)
    return view.getUint32(H_MAGICNO) === XLOG_HEADER_MAGIC_NUM ? view.getUint32(H_CYCLE) : view.getUint32(0)
  }
}

async function endsWithUnmount(sectors: LogSectors): Promise<boolean> {
  const head = await findHead(sectors)
  if (head === 0) return true
  for (let back = 1; back <= Math.min(MAX_RECORD_SECTORS, sectors.count); back++) {
    const at = (head - back + sectors.count) % sectors.count
    const header = await sectors.read(at)
    if (header.getUint32(H_MAGICNO) !== XLOG_HEADER_MAGIC_NUM) continue
    const isVersion2 = (header.getUint32(H_VERSION) & XLOG_VERSION_2) !== 0
    const headerSectors = isVersion2 ? Math.max(1, Math.ceil(header.getUint32(H_SIZE) / XLOG_HEADER_CYCLE_SIZE)) : 1
    const isLast = headerSectors + Math.ceil(header.getUint32(H_LEN) / SECTOR) === back
    if (!isLast || header.getUint32(H_NUM_LOGOPS) !== 1) return false
    const operation = await sectors.read(at + headerSectors)
    return (operation.getUint8(OH_FLAGS) & XLOG_UNMOUNT_TRANS) !== 0
  }
  return false
}

/**
 * The sector after the last one written: the first of an older round, or never written. From 1 up to the count of sectors; 0 where the
 * whole log is empty. A round is one more than that before, so the sectors before the head are of one round and those behind it of another.
 */
async function findHead(sectors: LogSectors): Promise<number> {
  const newest = await sectors.cycle(0)
  if (newest === 0) return 0
  let low = 1
  let high = sectors.count
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if ((await sectors.cycle(middle)) === newest) low = middle + 1
    else high = middle
  }
  return low
}
