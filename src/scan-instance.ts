import type { AdvisoryStore } from './advisories/types.js'
import { type InstanceScanOptions, runInstanceScan, type ScanVolumes } from './aws/instance-scan.js'
import { runSnapshotScan, type SnapshotScanOptions } from './aws/snapshot-scan.js'
import type { InstanceScanResult, ScanResult } from './model.js'
import { scanVolumes } from './scan.js'

/** What the scan itself can be told, besides how to get at the volumes. */
export interface ContentOptions {
  /** Without a store the result has packages and no findings. */
  readonly advisories?: AdvisoryStore
  /** Bound of the block caches of all volumes together in bytes; 64 MiB by default. */
  readonly cacheBytes?: number
}

export type ScanInstanceOptions = InstanceScanOptions & ContentOptions
export type ScanSnapshotsOptions = SnapshotScanOptions & ContentOptions

/**
 * Scan an EC2 instance: snapshot every volume, read what is needed, list packages, match advisories, delete the snapshots.
 * For what it throws and what an instance that is not scanned gives, see `runInstanceScan`.
 */
export function scanInstance(options: ScanInstanceOptions): Promise<InstanceScanResult> {
  return runInstanceScan(options, scanWith(options))
}

/** Scan snapshots that exist, as the volumes of one machine; they stay. For what it throws see `runSnapshotScan`. */
export function scanSnapshots(options: ScanSnapshotsOptions): Promise<ScanResult> {
  return runSnapshotScan(options, scanWith(options))
}

function scanWith({ advisories, cacheBytes }: ContentOptions): ScanVolumes {
  return (volumes, options) =>
    scanVolumes(volumes, { ...options, ...(advisories && { advisories }), ...(cacheBytes !== undefined && { cacheBytes }) })
}
