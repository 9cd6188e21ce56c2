import { AwsError, ConfigError } from '../errors.js'
import type { Issue, ProgressEvent, ScanResult, VolumeCoverage } from '../model.js'
import { type ClientOptions, openAws } from './clients.js'
import { openDeadline } from './deadline.js'
import type { Snapshot } from './ec2-types.js'
import type { ScanVolumes } from './instance-scan.js'
import { type PoolOptions, withVolumeOpener } from './volumes.js'

/** CopySnapshot gives its snapshots this "arbitrary volume ID" (EC2 API reference), so it names nothing. */
const NO_VOLUME = 'vol-ffffffff'

export interface SnapshotScanOptions extends ClientOptions, PoolOptions {
  /** `snap-…`: the volumes of one machine. They are read, and never deleted. */
  readonly snapshotIds: readonly string[]
  readonly signal?: AbortSignal
  readonly onProgress?: (event: ProgressEvent) => void
  /** Milliseconds after which the scan is given up; no limit by default. */
  readonly timeoutMs?: number
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
  try {
    const { ec2, region } = await openAws(options)
    const found = await ec2.findSnapshots({ name: 'snapshot-id', values: snapshotIds }, signal)
    const snapshots = snapshotIds.map((id) => found.find(({ snapshotId }) => snapshotId === id) ?? missing(id, region))
    return await withVolumeOpener({ ...options, region }, async (opener) => {
      const opened = snapshots.map(async (snapshot) => {
        const { snapshotId, state, sizeBytes } = snapshot
        const id = volumeNameOf(snapshot, snapshots)
        if (state === 'completed') return opener.open({ id, snapshotId }, { sizeBytes, fresh: false, signal })
        opener.failures.set(id, { reason: 'INTERNAL_ERROR', detail: `the snapshot is ${state}, only a completed one can be read` })
        return undefined
      })
      const volumes = (await Promise.all(opened)).filter((volume) => volume !== undefined)
      const report = await scan(volumes, { signal, ...(options.onProgress && { onProgress: options.onProgress }) })
      const seen = new Set(report.volumes.map(({ volume }) => volume))
      const failures = snapshots.flatMap((snapshot): VolumeCoverage[] => {
        const { snapshotId, sizeBytes } = snapshot
        const volume = volumeNameOf(snapshot, snapshots)
        const reason = opener.failures.get(volume)?.detail ?? 'the scan did not read it'
        return seen.has(volume) ? [] : [{ volume, snapshot: snapshotId, sizeBytes, outcome: 'failed', reason, partitions: [] }]
      })
      return {
        ...opener.withCosts(report),
        status: failures.length === 0 ? report.status : 'incomplete',
        volumes: [...report.volumes, ...failures],
        issues: [...report.issues, ...failures.map(issueOf)],
      }
    })
  } finally {
    deadline.close()
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
