import { readDisk } from './disk/index.js'
import type { Disk, Partition } from './disk/types.js'
import { messageOf, ScanError, UnsupportedError } from './errors.js'
import { type Contents, drivers, probeContents } from './fs/index.js'
import type { FileSystem } from './fs/types.js'
import { BlockReader } from './io/block-reader.js'
import { SliceReader } from './io/slice-reader.js'
import type { BlockSource, Reader } from './io/types.js'
import type { Issue, Location, Outcome, Stage } from './model.js'

/** One disk of the machine to scan. */
export interface VolumeInput {
  /** EBS volume id, or the image file's name; names the volume in every result. */
  readonly id: string
  /** Device name of the EC2 attachment: `/dev/xvda`. */
  readonly device?: string
  readonly snapshotId?: string
  readonly source: BlockSource
}

/** A disk with its partitions probed and its filesystems mounted. */
export interface OpenVolume {
  readonly id: string
  readonly device?: string
  readonly snapshotId?: string
  readonly reader: BlockReader
  /** Absent where the partition table could not be read; see `reason`. */
  readonly disk?: Disk
  readonly outcome: Outcome
  readonly reason?: string
  readonly partitions: readonly OpenPartition[]
  readonly issues: readonly Issue[]
}

export interface OpenPartition {
  readonly partition: Partition
  /** What it holds: `ext`, `swap`, `lvm2`, `empty`, `unknown`, … */
  readonly contents: string
  readonly outcome: Outcome
  /** Why it was not read, for a person. */
  readonly reason?: string
  readonly fs?: FileSystem
}

/**
 * Read a disk's partition table and mount what its partitions hold. Whatever goes wrong costs only its disk or its partition.
 * @throws only `signal.reason`
 */
export async function openVolume(input: VolumeInput, cacheBytes: number, signal?: AbortSignal): Promise<OpenVolume> {
  const reader = new BlockReader(input.source, { cacheBytes, ...(signal ? { signal } : {}) })
  const { id, device, snapshotId } = input
  const named = { id, reader, ...(device === undefined ? {} : { device }), ...(snapshotId === undefined ? {} : { snapshotId }) }
  try {
    const disk = await readDisk(reader)
    const issues = disk.issues.map((issue) => ({ ...issue, where: { ...issue.where, volume: id } }))
    const partitions: OpenPartition[] = []
    for (const partition of disk.partitions) partitions.push(await openPartition(id, reader, partition, issues, signal))
    return { ...named, disk, outcome: 'read', partitions, issues }
  } catch (error) {
    signal?.throwIfAborted()
    return { ...named, outcome: 'failed', reason: messageOf(error), partitions: [], issues: [issueOf('disk', error, { volume: id })] }
  }
}

async function openPartition(
  volume: string,
  disk: Reader,
  partition: Partition,
  issues: Issue[],
  signal: AbortSignal | undefined,
): Promise<OpenPartition> {
  const where: Location = { volume, ...(partition.index === undefined ? {} : { partition: partition.index }) }
  const reader = new SliceReader(disk, partition.startByte, partition.sizeBytes)
  let contents: Contents | undefined
  try {
    contents = await probeContents(reader, drivers, partition)
    if (contents.driver) {
      const fs = await contents.driver.mount(reader, signal ? { signal } : {})
      return { partition, contents: fs.kind, outcome: 'read', fs }
    }
    const reason = contents.reason ?? `${contents.kind} is not read`
    if (contents.outcome === 'ignored') return { partition, contents: contents.kind, outcome: 'ignored', reason }
    throw new UnsupportedError(contents.kind, reason)
  } catch (error) {
    signal?.throwIfAborted()
    issues.push(issueOf('filesystem', error, where))
    const outcome = error instanceof UnsupportedError ? 'unsupported' : 'failed'
    return { partition, contents: contents?.kind ?? 'unknown', outcome, reason: messageOf(error) }
  }
}

/** An error as an issue that leaves the inventory incomplete. */
export function issueOf(stage: Stage, error: unknown, where: Location): Issue {
  return { stage, code: error instanceof ScanError ? error.code : 'IO', message: messageOf(error), where, incomplete: true }
}
