import type { Disk } from '../../src/disk/types.js'

/** What `sfdisk --json` prints of a disk, as far as it is compared. */
export interface SfdiskTable {
  readonly label: 'gpt' | 'dos'
  readonly id: string
  readonly sectorsize: number
  readonly partitions: readonly {
    readonly node: string
    readonly start: number
    readonly size: number
    readonly type: string
    readonly uuid?: string
    readonly name?: string
  }[]
}

/** The same from our reading, in its spelling. MBR partitions have no UUID in that output. */
export function asSfdisk(disk: Disk): unknown {
  return {
    label: disk.scheme === 'mbr' ? 'dos' : disk.scheme,
    sectorsize: disk.sectorSize,
    partitions: disk.partitions.map((partition) => ({
      number: partition.index,
      start: partition.startByte / disk.sectorSize,
      size: partition.sizeBytes / disk.sectorSize,
      type: partition.typeId?.replace(/^0x0?/, '').toUpperCase(),
      ...(partition.scheme === 'gpt' ? { uuid: partition.uuid?.toUpperCase() } : {}),
      ...(partition.name === undefined ? {} : { name: partition.name }),
    })),
  }
}

/** What `asSfdisk` must give for a table. */
export function expectedTable({ label, sectorsize, partitions }: SfdiskTable): unknown {
  return {
    label,
    sectorsize,
    partitions: partitions.map(({ node, start, size, type, uuid, name }) => ({
      number: Number(/(\d+)$/.exec(node)![1]),
      start,
      size,
      type: type.toUpperCase(),
      ...(uuid === undefined ? {} : { uuid }),
      ...(name === undefined ? {} : { name }),
    })),
  }
}
