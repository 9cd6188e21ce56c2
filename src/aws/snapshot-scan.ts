import { AwsError, ConfigError } from '../errors.js'
import type { Issue, ProgressEvent, ScanResult, VolumeCoverage } from '../model.js'
import { type ClientOptions, openAws } from './clients.js'
import { openDeadline } from './deadline.js'
import { createEbsPool, type EbsPool } from './ebs-pool.js'
import type { Snapshot } from './ec2-types.js'
import { ebsPoolOptions, type ScanVolumes } from './instance-scan.js'
import { VolumeOpener } from './volumes.js'

/** CopySnapshot gives its snapshots this "arbitrary volume ID" (EC2 API reference), so it names nothing. */
const NO_VOLUME = 'vol-ffffffff'

export interface SnapshotScanOptions extends ClientOptions {
  /** `snap-…`: the volumes of one machine. They are read, and never deleted. */
  readonly snapshotIds: readonly string[]
  readonly signal?: AbortSignal
  readonly onProgress?: (event: ProgressEvent) => void
  /** Milliseconds after which the scan is given up; no limit by default. */
  readonly timeoutMs?: number
  /** Blocks read at once; 64 by default. */
  readonly concurrency?: number
  /** Shared by all scans of one account and region in a process. */
  readonly pool?: EbsPool
}

/**
 * Scan snapshots that exist, as the volumes of one machine. One that is not completed, or that cannot be opened, fails alone.
 * @throws ConfigError; AwsError where they cannot be described or one does not exist; LimitError on `timeoutMs`; else the reason of `signal`
 */
export async function runSnapshotScan(options: SnapshotScanOptions, scan: ScanVolumes): Promise<ScanResult> {
  const snapshotIds = [...new Set(options.snapshotIds)]
  const malformed = snapshotIds.find((id) => !/^snap-\w+$/.test(id))
  if (malformed !== undefined || snapshotIds.length === 0) {
    throw new ConfigError(
      malformed === undefined ? 'name at least one snapshot' : `${JSON.stringify(malformed)} is not a snapshot id (snap-…)`,
    )
  }
  const deadline = openDeadline(options.timeoutMs, options.signal)
  const { signal } = deadline
  const pool = options.pool ?? createEbsPool(ebsPoolOptions(options))
  try {
    const { ec2, region } = await openAws(options)
    const found = await ec2.findSnapshots({ name: 'snapshot-id', values: snapshotIds }, signal)
    const snapshots = snapshotIds.map((id) => found.find(({ snapshotId }) => snapshotId === id) ?? missing(id, region))
    const opener = new VolumeOpener(pool)
    const failures = new Map<string, string>()
    for (const snapshot of snapshots) {
      const { snapshotId, state, sizeBytes } = snapshot
      const id = volumeNameOf(snapshot, snapshots)
      if (state === 'completed') await opener.open({ id, snapshotId }, { sizeBytes, fresh: false, signal })
      const failure = state === 'completed' ? opener.failures.get(id)?.detail : `the snapshot is ${state}, only a completed one can be read`
      if (failure !== undefined) failures.set(snapshotId, failure)
    }
    const report = await scan(opener.volumes, { signal, ...(options.onProgress && { onProgress: options.onProgress }) })
    const { requests, listRequests, retries, usd } = opener.stats()
    const unread = snapshots.flatMap((snapshot): VolumeCoverage[] => {
      const reason = failures.get(snapshot.snapshotId)
      if (reason === undefined) return []
      const { snapshotId, sizeBytes } = snapshot
      return [{ volume: volumeNameOf(snapshot, snapshots), snapshot: snapshotId, sizeBytes, outcome: 'failed', reason, partitions: [] }]
    })
    return {
      ...report,
      status: unread.length === 0 ? report.status : 'incomplete',
      volumes: [...report.volumes, ...unread],
      issues: [...report.issues, ...unread.map(issueOf)],
      stats: { ...report.stats, requests, listRequests, retries, usd },
    }
  } finally {
    deadline.close()
    if (pool !== options.pool) await pool.close()
  }
}

/** The volume's id where it names this snapshot alone. */
function volumeNameOf({ snapshotId, volumeId }: Snapshot, all: readonly Snapshot[]): string {
  const isUnique = volumeId !== '' && volumeId !== NO_VOLUME && all.filter((other) => other.volumeId === volumeId).length === 1
  return isUnique ? volumeId : snapshotId
}

function missing(snapshotId: string, region: string): never {
  throw new AwsError(
    'ec2:DescribeSnapshots',
    'InvalidSnapshot.NotFound',
    `${snapshotId} does not exist in ${region}: check the id and the region`,
  )
}

function issueOf({ volume, reason }: VolumeCoverage): Issue {
  return { stage: 'volume', code: 'AWS', message: `the volume was not read: ${reason}`, where: { volume }, incomplete: true }
}
