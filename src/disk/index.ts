import { ScanError } from '../errors.js'
import { SliceReader } from '../io/slice-reader.js'
import type { Reader } from '../io/types.js'
import type { Issue } from '../model.js'
import { readGpt } from './gpt.js'
import { decodeMbr, isExtended, type Mbr, protectiveEntry, readMbrPartitions } from './mbr.js'
import { PROBE_BYTES, recogniseSignature, type Signature } from './signatures.js'
import { type Disk, diskIssue, type Partition } from './types.js'

export { isExtended } from './mbr.js'
export { PROBE_BYTES, recogniseSignature, type Signature } from './signatures.js'
export type { Disk, Partition } from './types.js'

const MBR_BYTES = 512

/**
 * The partitions of a disk: by its GPT, its MBR, or as one partition that spans a disk without a table. Damage costs only what it
 * hits and is told in `issues`.
 * @throws IoError where the disk cannot be read, CorruptError where it has a GPT of which neither copy is whole
 */
export async function readDisk(reader: Reader): Promise<Disk> {
  const mbr = decodeMbr(await reader.read(0, Math.min(MBR_BYTES, reader.size)))
  const protective = mbr && protectiveEntry(mbr)
  if (protective) return checked(reader, await protectedGpt(reader, protective.start + protective.count))
  const whole = await recognise(reader, 0, reader.size)
  if (mbr && !isBootSector(whole)) {
    const disk = await readMbrDisk(reader, mbr)
    if (!whole || (await holdsAnything(reader, disk))) return checked(reader, disk)
  }
  if (!whole && !mbr) {
    const unprotected = await unprotectedGpt(reader)
    if (unprotected) return checked(reader, unprotected)
  }
  return bareDisk(reader)
}

function bareDisk(reader: Reader, issues: readonly Issue[] = []): Disk {
  return { scheme: 'none', sectorSize: 512, partitions: [{ scheme: 'none', startByte: 0, sizeBytes: reader.size }], issues }
}

/**
 * The GPT that a protective MBR promises. Where neither copy is left but a filesystem lies on the whole disk, that came later: its
 * superblock is where the table's entries would be.
 */
async function protectedGpt(reader: Reader, endSector: number): Promise<Disk> {
  try {
    return { scheme: 'gpt', ...(await readGpt(reader, endSector)) }
  } catch (error) {
    if (!(error instanceof ScanError && error.code === 'CORRUPT')) throw error
    const whole = await recognise(reader, 0, reader.size)
    if (!whole || isBootSector(whole)) throw error
    return bareDisk(reader, [diskIssue('the disk has a protective MBR, but a filesystem in place of its GPT', { incomplete: false })])
  }
}

/** FAT, exFAT and NTFS begin with a boot sector, whose signature is that of an MBR. */
function isBootSector(whole: Signature | undefined): boolean {
  return whole !== undefined && ['vfat', 'exfat', 'ntfs'].includes(whole.kind)
}

/** An MBR counts sectors of a size it does not record: that by which its partitions hold something is right, else 512 bytes. */
async function readMbrDisk(reader: Reader, mbr: Mbr): Promise<Disk> {
  const read = async (sectorSize: number): Promise<Disk> => ({
    scheme: 'mbr',
    sectorSize,
    ...(await readMbrPartitions(reader, mbr, sectorSize)),
  })
  const by512 = await read(512)
  if (await holdsAnything(reader, by512)) return by512
  const by4096 = await read(4096)
  return (await holdsAnything(reader, by4096)) ? by4096 : by512
}

async function holdsAnything(reader: Reader, disk: Disk): Promise<boolean> {
  for (const partition of disk.partitions) {
    if (!isExtended(partition) && (await recognise(reader, partition.startByte, partition.sizeBytes))) return true
  }
  return false
}

/** A GPT whose protective MBR was erased: no kernel would find it, but its checksums leave no doubt. */
async function unprotectedGpt(reader: Reader): Promise<Disk | undefined> {
  try {
    const gpt = await readGpt(reader)
    const note = diskIssue('the disk has a GPT but no protective MBR', { incomplete: false })
    return { scheme: 'gpt', ...gpt, issues: [note, ...gpt.issues] }
  } catch (error) {
    if (error instanceof ScanError && error.code === 'CORRUPT') return undefined
    throw error
  }
}

async function recognise(reader: Reader, start: number, size: number): Promise<Signature | undefined> {
  const partition = new SliceReader(reader, start, size)
  return recogniseSignature(await partition.read(0, Math.min(PROBE_BYTES, partition.size)))
}

/** The disk with issues for partitions that leave it or overlap; both are still offered. */
function checked(reader: Reader, disk: Disk): Disk {
  const issues: Issue[] = [...disk.issues]
  const inOrder = disk.partitions.filter((partition) => !isExtended(partition)).sort((a, b) => a.startByte - b.startByte)
  let reach: Partition | undefined
  for (const partition of inOrder) {
    const end = endOf(partition)
    if (end > reader.size) {
      issues.push(diskIssue(`ends at byte ${end} of a disk of ${reader.size}`, { partition: partition.index! }))
    }
    if (reach && partition.startByte < endOf(reach)) {
      issues.push(diskIssue(`overlaps partition ${reach.index}`, { partition: partition.index!, incomplete: false }))
    }
    if (!reach || end > endOf(reach)) reach = partition
  }
  return { ...disk, issues }
}

function endOf(partition: Partition): number {
  return partition.startByte + partition.sizeBytes
}
