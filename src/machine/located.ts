import type { Partition } from '../disk/types.js'
import type { Location } from '../errors.js'
import type { FileSystem } from '../fs/types.js'

/** A mounted filesystem and where it lies. */
export interface LocatedFileSystem {
  readonly fs: FileSystem
  /** EBS volume id, or the image file's name. */
  readonly volume: string
  /** 1-based: the order of attachment, the root volume first. */
  readonly volumeIndex: number
  /** The attachment's device name as EC2 gives it: `/dev/xvda`, `/dev/sdf`. */
  readonly device?: string
  readonly partition: Partition
}

/** `vol-1:2`, or `vol-1` for a volume without a partition table. */
export function locationId({ volume, partition }: LocatedFileSystem): string {
  return partition.index === undefined ? volume : `${volume}:${partition.index}`
}

/** The same as an issue or a package has it. */
export function locationOf({ volume, partition, fs }: LocatedFileSystem): Location {
  return { volume, ...(partition.index !== undefined && { partition: partition.index }), filesystem: fs.uuid }
}
