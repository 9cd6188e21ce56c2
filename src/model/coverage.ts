import type { Outcome } from './issue.js'

export interface PartitionCoverage {
  /** Absent for a disk without a partition table. */
  readonly partition?: number
  readonly scheme: 'gpt' | 'mbr' | 'none'
  readonly name?: string
  /** Partition type by name where it is known, else its id. */
  readonly type?: string
  readonly startByte: number
  readonly sizeBytes: number
  /** `ext4`, `xfs`, `swap`, `lvm2`, `luks`, `efi`, `empty`, `unknown`, … */
  readonly contents: string
  readonly outcome: Outcome
  readonly reason?: string
  readonly filesystem?: FileSystemCoverage
}

export interface FileSystemCoverage {
  readonly kind: string
  readonly uuid: string
  readonly label: string
  readonly mountedAt?: string
  readonly system?: string
  readonly journal: 'none' | 'clean' | 'dirty' | 'replayed'
  readonly journalDetail?: string
  /** Entries the walk met. */
  readonly entries: number
  readonly unreadableEntries: number
}

export interface VolumeCoverage {
  readonly volume: string
  readonly device?: string
  readonly snapshot?: string
  readonly sizeBytes: number
  readonly outcome: Outcome
  readonly reason?: string
  readonly partitions: readonly PartitionCoverage[]
}

export interface CatalogerCoverage {
  readonly cataloger: string
  readonly filesRead: number
  readonly filesFailed: number
  readonly packages: number
}
