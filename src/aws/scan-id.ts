import { createHash, randomBytes } from 'node:crypto'
import { ConfigError } from '../errors.js'

/** Tag key of every snapshot a scan makes; Amazon Inspector uses the same one, so the key alone never proves that a snapshot is ours. */
export const SCAN_TAG = 'InspectorScan'

/** An instance, or the KMS key of a volume, that carries this tag key (with whatever value) is left alone. */
export const EXCLUSION_TAG = 'InspectorEc2Exclusion'

export const SCAN_ID_PREFIX = 'snapsight-'

// snapsight-<start in base 36, or 0 where it is derived>-<64 random or hashed bits>
const SCAN_ID = /^snapsight-[0-9a-z]{1,9}-[0-9a-f]{16}$/

/** EC2's bound for the description of a snapshot, in characters. */
const MAX_DESCRIPTION = 255

/** A scan id that no other scan has. `now` in milliseconds since the epoch. */
export function createScanId(now: number = Date.now()): string {
  return `${SCAN_ID_PREFIX}${Math.floor(now / 1000).toString(36)}-${randomBytes(8).toString('hex')}`
}

/** The same scan id for the same request, so that a repeated request finds the snapshots of the first. */
export function scanIdFor(request: string): string {
  return `${SCAN_ID_PREFIX}0-${createHash('sha256').update(request).digest('hex').slice(0, 16)}`
}

/** @throws ConfigError where a scan id given from outside has not the shape that `sweepOrphans` recognises. */
export function checkScanId(scanId: string): string {
  if (!SCAN_ID.test(scanId))
    throw new ConfigError(`${JSON.stringify(scanId)} is not a scan id: make one with createScanId() or scanIdFor()`)
  return scanId
}

/** Description of a snapshot of this scan: names the program and the scan, then the caller's own words. */
export function describeScan(scanId: string, note?: string): string {
  const description = note ? `${ourDescription(scanId)}: ${note}` : ourDescription(scanId)
  if (description.length > MAX_DESCRIPTION) {
    throw new ConfigError(`the description is ${description.length - MAX_DESCRIPTION} characters too long for a snapshot`)
  }
  return description
}

/** True only for a snapshot that carries both a scan id of ours and the description that goes with it. */
export function isOwnSnapshot(snapshot: { readonly tags: Readonly<Record<string, string>>; readonly description: string }): boolean {
  const scanId = snapshot.tags[SCAN_TAG]
  return scanId !== undefined && SCAN_ID.test(scanId) && snapshot.description.startsWith(ourDescription(scanId))
}

function ourDescription(scanId: string): string {
  return `snapsight scan ${scanId}`
}
