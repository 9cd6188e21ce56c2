import { isExtended, type Partition, PROBE_BYTES, recogniseSignature, type Signature } from '../disk/index.js'
import { ScanError } from '../errors.js'
import type { Reader } from '../io/types.js'
import type { FileSystemDriver } from './types.js'

/** What a partition holds. */
export interface Contents {
  /** A driver's name, or `swap`, `efi`, `extended`, `lvm2`, `luks`, `mdraid`, `btrfs`, `vfat`, …, `empty`, `unknown`. */
  readonly kind: string
  readonly uuid?: string
  readonly label?: string
  /** What mounts it; absent where its files are not read. */
  readonly driver?: FileSystemDriver
  /** Without a driver: whether it holds no packages by its nature (`ignored`), or is not read by this library. */
  readonly outcome?: 'ignored' | 'unsupported'
  /** Why it is not read, for a person. */
  readonly reason?: string
}

// The metadata of md versions 1.0 and 0.90 lies behind the data, so what a member begins with looks like a filesystem of its own.
// raid.wiki.kernel.org/index.php/RAID_superblock_formats
const MD_MAGIC = 0xa92b4efc
const MD_0_90_RESERVED = 64 * 1024
const MD_1_0_TAIL = 8 * 1024
const MD_1_0_ALIGNMENT = 4 * 1024
const MD_MAJOR_VERSION = 0x4
const MD_SUPER_OFFSET = 0x90 // le64, in sectors; version 1
const SECTOR = 512

/**
 * Places looked at before a partition that starts with zeros counts as empty, so that one whose start was erased does not. Blocks of a
 * snapshot that were never written cost nothing.
 */
const EMPTY_SAMPLES = 64
const SAMPLE_BYTES = 64 * 1024
const ZEROS = Buffer.alloc(Math.max(SAMPLE_BYTES, PROBE_BYTES))

/** Partition types that hold nothing a package manager writes, whatever their bytes are. */
const BOOT_TYPES: Readonly<Record<string, string>> = {
  '21686148-6449-6e6f-744e-656564454649': 'bios-boot',
  '9e1a2d38-c612-4316-aa26-8b49521e5a8b': 'prep-boot',
  'e3c9e316-0b5c-4db8-817d-f92df00215ae': 'microsoft-reserved',
  '0x41': 'prep-boot',
}
const EFI_SYSTEM_TYPES = ['c12a7328-f81f-11d2-ba4b-00a0c93ec93b', '0xef']

/**
 * Say what a partition holds by its first bytes, its last ones, and (where those say nothing) backup superblocks and its type.
 * @throws IoError where they cannot be read
 */
export async function probeContents(reader: Reader, drivers: readonly FileSystemDriver[], partition?: Partition): Promise<Contents> {
  if (partition && isExtended(partition)) return ignored('extended', 'frames the logical partitions')
  await reader.prefetch([{ offset: 0, length: Math.min(PROBE_BYTES, reader.size) }, ...mdTailRanges(reader.size)])
  const head = await reader.read(0, Math.min(PROBE_BYTES, reader.size))
  const signature = recogniseSignature(head)
  if (await hasMdTail(reader)) return unsupported('mdraid')
  const driver = drivers.find((candidate) => candidate.probe(head))
  if (driver && (!signature || signature.kind === driver.name)) return { ...signature, kind: driver.name, driver }
  if (signature) return bySignature(signature, partition?.typeId)
  const boot = partition?.typeId && BOOT_TYPES[partition.typeId]
  if (boot) return ignored(boot, 'holds boot code')
  for (const candidate of drivers) {
    if (await candidate.recover?.(reader)) return { kind: candidate.name, driver: candidate }
  }
  if (isZero(head) && (await samplesAreZero(reader))) return ignored('empty', 'nothing was written to it')
  return { kind: 'unknown', outcome: 'unsupported', reason: 'contents not recognised' }
}

function bySignature(signature: Signature, typeId: string | undefined): Contents {
  if (signature.kind === 'swap') return { ...signature, ...ignored('swap', 'swap space') }
  if (signature.kind === 'verity') return { ...signature, ...ignored('verity', 'hash tree of another partition') }
  if (signature.kind === 'vfat' && typeId && EFI_SYSTEM_TYPES.includes(typeId)) {
    return { ...signature, ...ignored('efi', 'EFI system partition') }
  }
  return { ...signature, ...unsupported(signature.kind) }
}

function ignored(kind: string, reason: string): Contents {
  return { kind, outcome: 'ignored', reason }
}

function unsupported(kind: string): Contents {
  return { kind, outcome: 'unsupported', reason: `${kind} is not read` }
}

async function samplesAreZero(reader: Reader): Promise<boolean> {
  const step = SAMPLE_BYTES * Math.max(1, Math.floor(reader.size / EMPTY_SAMPLES / SAMPLE_BYTES))
  for (let offset = 0; offset < reader.size; offset += step) {
    if (!isZero(await reader.read(offset, Math.min(SAMPLE_BYTES, reader.size - offset)))) return false
  }
  return true
}

function isZero(bytes: Uint8Array): boolean {
  return ZEROS.subarray(0, bytes.length).equals(bytes)
}

function mdTailRanges(size: number): readonly { offset: number; length: number }[] {
  const at1_0 = Math.floor((size - MD_1_0_TAIL) / MD_1_0_ALIGNMENT) * MD_1_0_ALIGNMENT
  const at0_90 = Math.floor(size / MD_0_90_RESERVED) * MD_0_90_RESERVED - MD_0_90_RESERVED
  return [at0_90, at1_0].filter((offset) => offset > PROBE_BYTES).map((offset) => ({ offset, length: SECTOR }))
}

/** An end that cannot be read says nothing: it must not cost what the beginning holds. */
async function hasMdTail(reader: Reader): Promise<boolean> {
  for (const { offset } of mdTailRanges(reader.size)) {
    try {
      if (isMdSuperblock(await reader.read(offset, SECTOR), offset)) return true
    } catch (error) {
      if (!(error instanceof ScanError)) throw error
    }
  }
  return false
}

/** Version 1.0 tells where it lies; 0.90 is in the byte order of its host. */
function isMdSuperblock(sector: Uint8Array, offset: number): boolean {
  const view = new DataView(sector.buffer, sector.byteOffset, sector.byteLength)
  return [true, false].some((littleEndian) => {
    if (view.getUint32(0, littleEndian) !== MD_MAGIC) return false
    const major = view.getUint32(MD_MAJOR_VERSION, littleEndian)
    return major === 0 || (major === 1 && view.getUint32(MD_SUPER_OFFSET, littleEndian) === Math.floor(offset / SECTOR) % 2 ** 32)
  })
}
