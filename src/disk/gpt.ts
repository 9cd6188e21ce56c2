import { crc32 } from 'node:zlib'
import { CorruptError, messageOf, ScanError } from '../errors.js'
import type { Reader } from '../io/types.js'
import type { Issue } from '../model.js'
import { decodeGuid, utf16 } from './identity.js'
import { gptTypeName } from './partition-types.js'
import { diskIssue, type Partition } from './types.js'

// uefi.org/specs/UEFI/2.10/05_GUID_Partition_Table_Format.html#gpt-header
const SIGNATURE = 0x0 // "EFI PART"
const HEADER_SIZE = 0xc // le32
const HEADER_CRC32 = 0x10 // le32, over HeaderSize bytes with this field zero
const MY_LBA = 0x18 // le64
const ALTERNATE_LBA = 0x20 // le64
const PARTITION_ENTRY_LBA = 0x48 // le64
const NUMBER_OF_PARTITION_ENTRIES = 0x50 // le32
const SIZE_OF_PARTITION_ENTRY = 0x54 // le32
const PARTITION_ENTRY_ARRAY_CRC32 = 0x58 // le32

const EFI_PART = 'EFI PART'
const MIN_HEADER_SIZE = 92

// uefi.org/specs/UEFI/2.10/05_GUID_Partition_Table_Format.html#gpt-partition-entry-array
const PARTITION_TYPE_GUID = 0x0 // all zeros: not in use
const UNIQUE_PARTITION_GUID = 0x10
const STARTING_LBA = 0x20 // le64
const ENDING_LBA = 0x28 // le64, inclusive
const PARTITION_NAME = 0x38 // 36 UTF-16LE code units
const PARTITION_NAME_BYTES = 72

const MIN_ENTRY_SIZE = 128
/** What Linux allocates at most for the entry array (KMALLOC_MAX_SIZE). */
const MAX_ARRAY_BYTES = 4 * 1024 * 1024
/** Linux makes no device for a partition above this number (DISK_MAX_PARTS). */
const MAX_PARTITION_INDEX = 255

interface Header {
  readonly entryLba: number
  readonly entryCount: number
  readonly entrySize: number
  readonly entriesCrc: number
}

export interface Gpt {
  readonly sectorSize: number
  readonly partitions: readonly Partition[]
  readonly issues: readonly Issue[]
}

/**
 * The GUID partition table, by its primary header or, where that or its entries are damaged, by the backup.
 * `protectiveSectors` is the end of the protective MBR's entry in sectors, which hints at the backup of a disk that has grown since.
 * @throws CorruptError where neither copy is whole, IoError
 */
export async function readGpt(reader: Reader, protectiveSectors?: number): Promise<Gpt> {
  let problem: unknown
  for (const sectorSize of [512, 4096]) {
    try {
      return await readCopy(reader, sectorSize, 1)
    } catch (error) {
      if (!(error instanceof ScanError)) throw error
      if (problem === undefined || !(error instanceof NoHeaderError)) problem = error
    }
  }
  for (const sectorSize of [512, 4096]) {
    for (const lba of await backupCandidates(reader, sectorSize, protectiveSectors)) {
      try {
        const copy = await readCopy(reader, sectorSize, lba)
        const note = diskIssue(`primary GPT: ${messageOf(problem)}; its backup at LBA ${lba} was used`, { incomplete: false })
        return { ...copy, issues: [note, ...copy.issues] }
      } catch (error) {
        if (!(error instanceof ScanError)) throw error
      }
    }
  }
  throw problem
}

/** Nothing that looks like a GPT header: says less than a header that is damaged. */
class NoHeaderError extends CorruptError {}

/** Where the backup header may be: the last sector, where the damaged primary says, and where the disk ended when it was partitioned. */
async function backupCandidates(reader: Reader, sectorSize: number, protectiveSectors: number | undefined): Promise<readonly number[]> {
  const lastLba = Math.floor(reader.size / sectorSize) - 1
  const candidates = new Set([lastLba])
  if (lastLba > 1) {
    const primary = viewOf(await reader.read(sectorSize, sectorSize))
    if (hasSignature(primary)) candidates.add(u64(primary, ALTERNATE_LBA))
  }
  if (protectiveSectors !== undefined) candidates.add(protectiveSectors - 1)
  return [...candidates].filter((lba) => lba > 1 && lba <= lastLba)
}

async function readCopy(reader: Reader, sectorSize: number, lba: number): Promise<Gpt> {
  if ((lba + 1) * sectorSize > reader.size) throw new NoHeaderError('GPT header', 'lies outside the disk')
  const header = decodeHeader(await reader.read(lba * sectorSize, sectorSize), lba)
  const arrayStart = header.entryLba * sectorSize
  const arrayBytes = header.entryCount * header.entrySize
  if (arrayStart + arrayBytes > reader.size) throw new CorruptError('GPT entries', 'lie outside the disk', lba * sectorSize)
  const array = await reader.read(arrayStart, arrayBytes)
  if (crc32(array) !== header.entriesCrc) throw new CorruptError('GPT entries', 'wrong CRC', arrayStart)
  return { sectorSize, ...decodeEntries(array, header, sectorSize, reader.size) }
}

function decodeHeader(sector: Uint8Array, lba: number): Header {
  const view = viewOf(sector)
  if (!hasSignature(view)) throw new NoHeaderError('GPT header', 'no signature')
  const headerSize = view.getUint32(HEADER_SIZE, true)
  if (headerSize < MIN_HEADER_SIZE || headerSize > sector.length) throw new CorruptError('GPT header', `HeaderSize is ${headerSize}`)
  const covered = Uint8Array.from(sector.subarray(0, headerSize)).fill(0, HEADER_CRC32, HEADER_CRC32 + 4)
  if (crc32(covered) !== view.getUint32(HEADER_CRC32, true)) throw new CorruptError('GPT header', 'wrong CRC')
  if (u64(view, MY_LBA) !== lba) throw new CorruptError('GPT header', `is at LBA ${lba}, but says ${u64(view, MY_LBA)}`)
  const entryCount = view.getUint32(NUMBER_OF_PARTITION_ENTRIES, true)
  const entrySize = view.getUint32(SIZE_OF_PARTITION_ENTRY, true)
  if (entrySize < MIN_ENTRY_SIZE || entrySize % 8 !== 0 || entryCount * entrySize > MAX_ARRAY_BYTES) {
    throw new CorruptError('GPT header', `${entryCount} entries of ${entrySize} bytes`)
  }
  return {
    entryLba: u64(view, PARTITION_ENTRY_LBA),
    entryCount,
    entrySize,
    entriesCrc: view.getUint32(PARTITION_ENTRY_ARRAY_CRC32, true),
  }
}

function decodeEntries(
  array: Uint8Array,
  { entryCount, entrySize }: Header,
  sectorSize: number,
  diskBytes: number,
): Pick<Gpt, 'partitions' | 'issues'> {
  const view = viewOf(array)
  const partitions: Partition[] = []
  const issues: Issue[] = []
  for (let i = 0; i < entryCount; i++) {
    const at = i * entrySize
    if (isUnused(view, at)) continue
    const index = i + 1
    if (index > MAX_PARTITION_INDEX) {
      issues.push(diskIssue(`partitions above number ${MAX_PARTITION_INDEX} are left out, as Linux leaves them`, { code: 'LIMIT' }))
      break
    }
    const startByte = u64(view, at + STARTING_LBA) * sectorSize
    const endByte = (u64(view, at + ENDING_LBA) + 1) * sectorSize
    if (endByte <= startByte || startByte >= diskBytes) {
      issues.push(diskIssue(`GPT entry of bytes ${startByte} to ${endByte} on a disk of ${diskBytes}`, { partition: index }))
      continue
    }
    const typeId = decodeGuid(view, at + PARTITION_TYPE_GUID)
    const typeName = gptTypeName(typeId)
    const name = utf16(PARTITION_NAME, PARTITION_NAME_BYTES)(array, at)
    partitions.push({
      index,
      scheme: 'gpt',
      typeId,
      ...(typeName ? { typeName } : {}),
      ...(name ? { name } : {}),
      uuid: decodeGuid(view, at + UNIQUE_PARTITION_GUID),
      startByte,
      sizeBytes: endByte - startByte,
    })
  }
  return { partitions, issues }
}

function isUnused(view: DataView, at: number): boolean {
  for (let i = 0; i < 16; i += 4) if (view.getUint32(at + PARTITION_TYPE_GUID + i) !== 0) return false
  return true
}

function hasSignature(view: DataView): boolean {
  for (let i = 0; i < EFI_PART.length; i++) if (view.getUint8(SIGNATURE + i) !== EFI_PART.charCodeAt(i)) return false
  return true
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Exact up to 2^53; what is larger only has to fail the comparison with the disk's size. */
function u64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true)
}
