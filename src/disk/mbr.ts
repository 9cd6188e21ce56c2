import type { Reader } from '../io/types.js'
import type { Issue } from '../model.js'
import { mbrTypeName } from './partition-types.js'
import { diskIssue, type Partition } from './types.js'

// Master and extended boot records, read as block/partitions/msdos.c of Linux reads them.
// en.wikipedia.org/wiki/Master_boot_record#Sector_layout, en.wikipedia.org/wiki/Extended_boot_record
const DISK_SIGNATURE = 0x1b8 // le32
const PARTITION_TABLE = 0x1be // four entries
const BOOT_SIGNATURE = 0x1fe // le16

const ENTRY_SIZE = 16
const STATUS = 0x0 // 0x80: active
const SYSTEM_ID = 0x4
const START_LBA = 0x8 // le32; relative in an EBR
const SECTOR_COUNT = 0xc // le32

const EXTENDED = [0x05, 0x0f, 0x85]
const GPT_PROTECTIVE = 0xee

const RECORD_BYTES = 512
const FIRST_LOGICAL = 5
const MAX_PARTITION_INDEX = 255
/** Boot records followed without finding a partition before the chain counts as endless; Linux has the same bound. */
const MAX_EMPTY_RECORDS = 100

interface Entry {
  readonly type: number
  /** In sectors, of the disk or relative to its boot record. */
  readonly start: number
  readonly count: number
}

/** A master boot record with a plausible table. */
export interface Mbr {
  readonly signature: number
  /** Slots 1 to 4; an empty one has `count` 0. */
  readonly entries: readonly Entry[]
}

export interface MbrPartitions {
  readonly partitions: readonly Partition[]
  readonly issues: readonly Issue[]
}

/** The table in a disk's first sector; undefined where there is none, as in a boot sector of FAT or NTFS. */
export function decodeMbr(sector: Uint8Array): Mbr | undefined {
  const view = new DataView(sector.buffer, sector.byteOffset, sector.byteLength)
  if (sector.length < RECORD_BYTES || view.getUint16(BOOT_SIGNATURE, true) !== 0xaa55) return undefined
  for (let slot = 0; slot < 4; slot++) {
    const status = view.getUint8(PARTITION_TABLE + slot * ENTRY_SIZE + STATUS)
    if (status !== 0 && status !== 0x80) return undefined
  }
  const entries = decodeEntries(view)
  if (entries.every((entry) => entry.count === 0)) return undefined
  return { signature: view.getUint32(DISK_SIGNATURE, true), entries }
}

/** The entry that protects a GPT, alone or beside others (a hybrid table). */
export function protectiveEntry(mbr: Mbr): Entry | undefined {
  return mbr.entries.find((entry) => entry.type === GPT_PROTECTIVE && entry.count > 0)
}

/** Whether a partition only frames logical ones and holds nothing itself. */
export function isExtended(partition: Partition): boolean {
  return partition.scheme === 'mbr' && EXTENDED.includes(Number(partition.typeId))
}

/** Primary, extended and logical partitions in the kernel's numbering. An extended one is given with the bytes it spans. */
export async function readMbrPartitions(reader: Reader, mbr: Mbr, sectorSize: number): Promise<MbrPartitions> {
  const partitions: Partition[] = []
  const issues: Issue[] = []
  const add = (index: number, entry: Entry): void => {
    const startByte = entry.start * sectorSize
    if (startByte >= reader.size) {
      issues.push(diskIssue(`MBR entry starts at byte ${startByte} of a disk of ${reader.size}`, { partition: index }))
      return
    }
    const typeName = mbrTypeName(entry.type)
    const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')
    partitions.push({
      index,
      scheme: 'mbr',
      typeId: `0x${hex(entry.type, 2)}`,
      ...(typeName ? { typeName } : {}),
      uuid: `${hex(mbr.signature, 8)}-${hex(index, 2)}`,
      startByte,
      sizeBytes: entry.count * sectorSize,
    })
  }
  mbr.entries.forEach((entry, slot) => {
    if (entry.count > 0) add(slot + 1, entry)
  })
  let next = FIRST_LOGICAL
  for (const extended of mbr.entries.filter(isExtendedEntry)) {
    next = await followChain(reader, extended, sectorSize, next, add, issues)
  }
  return { partitions, issues }
}

/** Follow a chain of extended boot records; returns the number of the next logical partition. */
async function followChain(
  reader: Reader,
  extended: Entry,
  sectorSize: number,
  firstIndex: number,
  add: (index: number, entry: Entry) => void,
  issues: Issue[],
): Promise<number> {
  let next = firstIndex
  let record: Entry = extended
  const visited = new Set<number>()
  for (let empty = 0; ; empty++) {
    if (visited.has(record.start) || empty >= MAX_EMPTY_RECORDS) {
      issues.push(diskIssue(`extended boot records form a loop at sector ${record.start}`, {}))
      return next
    }
    visited.add(record.start)
    const at = record.start * sectorSize
    if (at + RECORD_BYTES > reader.size) {
      issues.push(diskIssue(`extended boot record at byte ${at} of a disk of ${reader.size}`, {}))
      return next
    }
    const sector = await reader.read(at, RECORD_BYTES)
    const view = new DataView(sector.buffer, sector.byteOffset, sector.byteLength)
    if (view.getUint16(BOOT_SIGNATURE, true) !== 0xaa55) {
      if (at !== extended.start * sectorSize) issues.push(diskIssue(`extended boot record at byte ${at} has no signature`, {}))
      return next
    }
    const entries = decodeEntries(view)
    for (const [slot, entry] of entries.entries()) {
      if (entry.count === 0 || isExtendedEntry(entry)) continue
      const start = record.start + entry.start
      if (slot >= 2 && !liesWithin(entry, start, record, extended)) continue
      if (next > MAX_PARTITION_INDEX) {
        issues.push(diskIssue(`partitions above number ${MAX_PARTITION_INDEX} are left out, as Linux leaves them`, { code: 'LIMIT' }))
        return next
      }
      add(next++, { ...entry, start })
      empty = -1
    }
    const link = entries.find(isExtendedEntry)
    if (!link) return next
    record = { ...link, start: extended.start + link.start }
  }
}

/** The third and fourth entry of an extended boot record may be garbage; they count only inside the record's own bounds. */
function liesWithin(entry: Entry, start: number, record: Entry, extended: Entry): boolean {
  return entry.start + entry.count <= record.count && start + entry.count <= extended.start + extended.count
}

function decodeEntries(view: DataView): readonly Entry[] {
  return [0, 1, 2, 3].map((slot) => {
    const at = PARTITION_TABLE + slot * ENTRY_SIZE
    return {
      type: view.getUint8(at + SYSTEM_ID),
      start: view.getUint32(at + START_LBA, true),
      count: view.getUint32(at + SECTOR_COUNT, true),
    }
  })
}

function isExtendedEntry(entry: Entry): boolean {
  return entry.count > 0 && EXTENDED.includes(entry.type)
}
