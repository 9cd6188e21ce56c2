import type { Issue } from '../model.js'

export interface Partition {
  /** As the kernel counts: 1-based; logical MBR partitions from 5. Absent for a disk without a partition table. */
  readonly index?: number
  readonly scheme: 'gpt' | 'mbr' | 'none'
  /** GPT type GUID, or MBR type as `0x83`. */
  readonly typeId?: string
  readonly typeName?: string
  /** GPT partition name. */
  readonly name?: string
  /** PARTUUID as `/dev/disk/by-partuuid` spells it: GUID in lower case, or `<disk signature>-<two hex digits>` for MBR. */
  readonly uuid?: string
  readonly startByte: number
  readonly sizeBytes: number
}

/** What one disk holds. */
export interface Disk {
  readonly scheme: 'gpt' | 'mbr' | 'none'
  /** 512 or 4096. */
  readonly sectorSize: number
  /** In table order. A disk without a table has one partition that spans it. */
  readonly partitions: readonly Partition[]
  readonly issues: readonly Issue[]
}

/** An issue of the disk stage; the caller adds which volume it is about. */
export function diskIssue(
  message: string,
  { partition, code = 'CORRUPT', incomplete = true }: { partition?: number; code?: Issue['code']; incomplete?: boolean },
): Issue {
  return { stage: 'disk', code, message, where: partition === undefined ? {} : { partition }, incomplete }
}
