import { AwsError, ConfigError } from '../errors.js'
import type { InstanceScanResult, ProgressEvent, ScanResult, SnapshotsOutcome } from '../model.js'
import { type Aws, type ClientOptions, openAws } from './clients.js'
import { type Clock, systemClock } from './clock.js'
import { type Deadline, openDeadline } from './deadline.js'
import { createEbsPool, type EbsPool, type EbsPoolOptions } from './ebs-pool.js'
import type { InstanceDescription, SnapshotRequest } from './ec2-types.js'
import { excess, type InstanceLimits, ineligibility, type Standing } from './eligibility.js'
import { hasCode } from './failure.js'
import { concludeScan, type Reading, skipScan } from './instance-result.js'
import { excludedKeys } from './kms-exclusion.js'
import { LeftoverError } from './leftover-error.js'
import { checkScanId, createScanId, describeScan } from './scan-id.js'
import { SnapshotSet } from './snapshot-set.js'
import { snapshotTags } from './snapshot-tags.js'
import { exclusionsOf, type PlannedVolume, planVolumes } from './volume-plan.js'
import { type SnapshotVolume, VolumeOpener } from './volumes.js'
import { waitForSnapshots } from './wait-snapshots.js'

export interface InstanceScanOptions extends ClientOptions {
  /** `i-…` */
  readonly instanceId: string
  readonly signal?: AbortSignal
  readonly onProgress?: (event: ProgressEvent) => void
  /** Milliseconds after which the scan is given up; its snapshots are deleted after that. No limit by default. */
  readonly timeoutMs?: number
  /** Milliseconds that deleting the snapshots may take; 120,000 by default. */
  readonly cleanupTimeoutMs?: number
  /** Blocks read at once; 64 by default. */
  readonly concurrency?: number
  /** Shared by all scans of one account and region in a process, so that together they stay below its quotas. */
  readonly pool?: EbsPool
  /** Further tags of the snapshots; `InspectorScan` is the scan's own. */
  readonly tags?: Readonly<Record<string, string>>
  /** Added to the description of the snapshots. */
  readonly description?: string
  /** Instances above these are not scanned, as with `INSPECTOR_LIMITS`; no limits by default. */
  readonly limits?: InstanceLimits
  /** Scan stopped instances as well, which Amazon Inspector does not. */
  readonly includeStopped?: boolean
  /** From `scanIdFor`: a repeated request then takes up the snapshots that an earlier, killed one left, instead of making others. */
  readonly scanId?: string
  readonly clock?: Clock
}

/** The scan of the opened volumes: `scanVolumes`, with all but these two options bound. */
export type ScanVolumes = (
  volumes: readonly SnapshotVolume[],
  options: { readonly signal?: AbortSignal; readonly onProgress?: (event: ProgressEvent) => void },
) => Promise<ScanResult>

/**
 * The life cycle around the scan of an instance: describe, judge, snapshot, wait, scan, delete. Whatever happens once a snapshot was asked for, all of
 * this scan's are deleted before it returns or throws.
 *
 * An instance that is not scanned gives a result that says why.
 * @throws ConfigError; AwsError where a call is refused or fails for good; LeftoverError where snapshots could not be deleted after such a
 *   failure; else the reason of `signal`
 */
export async function runInstanceScan(options: InstanceScanOptions, scan: ScanVolumes): Promise<InstanceScanResult> {
  if (!/^i-\w+$/.test(options.instanceId)) throw new ConfigError(`${JSON.stringify(options.instanceId)} is not an instance id (i-…)`)
  const clock = options.clock ?? systemClock
  const scanId = options.scanId === undefined ? createScanId(clock.now()) : checkScanId(options.scanId)
  const request = { description: describeScan(scanId, options.description), tags: snapshotTags(scanId, options.tags) }
  const deadline = openDeadline(options.timeoutMs, options.signal)
  const pool = options.pool ?? createEbsPool(ebsPoolOptions(options))
  try {
    const run: Run = { options, scan, clock, scanId, deadline, pool, aws: await openAws(options) }
    options.onProgress?.({ phase: 'describe', instanceId: options.instanceId })
    const described = await run.aws.ec2.describeInstance(options.instanceId, deadline.signal)
    const standing = ineligibility(described.info, described.attachments, options.includeStopped ?? false)
    if (standing) return await skip(run, described, [], standing)

    const plan = await planOf(run, described)
    const volumes = plan.flatMap(({ volume }) => volume ?? [])
    const tooMuch = excess(volumes, options.limits ?? {})
    if (tooMuch) return await skip(run, described, plan, tooMuch)
    const firstLeftOut = plan.find(({ leftOut }) => leftOut)?.leftOut
    if (firstLeftOut && plan.every(({ leftOut }) => leftOut)) {
      return await skip(run, described, plan, { statusCode: 'INACTIVE', reason: firstLeftOut.reason, detail: firstLeftOut.detail })
    }
    return await scanPlanned(run, described, plan, { instanceId: options.instanceId, ...exclusionsOf(plan, described), ...request })
  } finally {
    deadline.close()
    if (pool !== options.pool) await pool.close()
  }
}

interface Run {
  readonly options: InstanceScanOptions
  readonly scan: ScanVolumes
  readonly clock: Clock
  readonly scanId: string
  readonly deadline: Deadline
  readonly pool: EbsPool
  readonly aws: Aws
}

/** Options of the pool that a scan without a shared one makes for itself. */
export function ebsPoolOptions({ clients, region, concurrency }: ClientOptions & { readonly concurrency?: number }): EbsPoolOptions {
  return {
    ...(clients?.ebs && { client: clients.ebs }),
    ...(region !== undefined && { region }),
    ...(concurrency !== undefined && { concurrency }),
  }
}

async function planOf({ aws, deadline }: Run, { attachments }: InstanceDescription): Promise<PlannedVolume[]> {
  const ids = attachments.map(({ volumeId }) => volumeId)
  const volumes = await aws.ec2.describeVolumes(ids, deadline.signal)
  const keyIds = volumes.flatMap(({ kmsKeyId }) => kmsKeyId ?? [])
  return planVolumes(attachments, volumes, await excludedKeys(keyIds, aws.kms, deadline.signal))
}

/** The result for an instance of which nothing is read: a scan of no volumes. */
async function skip(
  run: Run,
  { info }: InstanceDescription,
  plan: readonly PlannedVolume[],
  standing: Standing,
): Promise<InstanceScanResult> {
  return skipScan({ report: await run.scan([], {}), info, plan, standing, scanId: run.scanId })
}

async function scanPlanned(
  run: Run,
  described: InstanceDescription,
  plan: readonly PlannedVolume[],
  request: SnapshotRequest,
): Promise<InstanceScanResult> {
  const { options, scanId, clock, aws } = run
  const set = new SnapshotSet({
    ec2: aws.ec2,
    clock,
    scanId,
    mayExist: options.scanId !== undefined,
    cleanupTimeoutMs: options.cleanupTimeoutMs ?? 120_000,
  })
  const remove = (): Promise<SnapshotsOutcome> => set.remove(options.onProgress)
  let reading: Reading
  try {
    reading = await readVolumes(run, plan, request, set)
  } catch (error) {
    const snapshots = await remove()
    if (snapshots.leftover.length > 0 || snapshots.unverified !== undefined) throw new LeftoverError(error, snapshots)
    throw error
  }
  const snapshots = await remove()
  return concludeScan({ report: reading.report, info: described.info, plan, reading, snapshots })
}

async function readVolumes(run: Run, plan: readonly PlannedVolume[], request: SnapshotRequest, set: SnapshotSet): Promise<Reading> {
  const { options, deadline, clock, aws, pool, scan } = run
  const { signal } = deadline
  const wanted = plan.filter(({ leftOut }) => !leftOut)
  const opener = new VolumeOpener(pool)
  try {
    options.onProgress?.({ phase: 'snapshot', volumes: wanted.length, scanId: run.scanId })
    const ids = wanted.map(({ volumeId }) => volumeId)
    const created = await set.create(request, ids, signal)
    const onProgress = options.onProgress && { onProgress: options.onProgress }
    const snapshotIds = created.map(({ snapshotId }) => snapshotId)
    const incomplete = await waitForSnapshots(snapshotIds, { ec2: aws.ec2, clock, signal, ...onProgress })
    for (const { volumeId, device } of wanted) {
      const snapshot = created.find((candidate) => candidate.volumeId === volumeId)
      if (!snapshot || incomplete.has(snapshot.snapshotId)) continue
      const { snapshotId, sizeBytes } = snapshot
      await opener.open({ id: volumeId, device, snapshotId }, { sizeBytes, fresh: true, signal })
    }
    const report = await scan(opener.volumes, { signal, ...onProgress })
    return { report, created, incomplete, refused: opener.failures, ebs: opener.stats() }
  } catch (error) {
    const standing = standingAfter(error, deadline)
    if (!standing) throw error
    return { report: await scan([], {}), standing, created: [], incomplete: new Map(), refused: opener.failures, ebs: opener.stats() }
  }
}

// The instance, or one of its volumes, went away between its description and its snapshot.
const GONE = ['InvalidInstanceID.NotFound', 'InvalidVolume.NotFound', 'IncorrectState', 'IncorrectInstanceState']

/** Failures that are an answer: they say where the instance stands. */
function standingAfter(error: unknown, deadline: Deadline): Standing | undefined {
  if (deadline.expired) {
    return {
      statusCode: 'ACTIVE',
      reason: 'AGENTLESS_INSTANCE_COLLECTION_TIME_LIMIT_EXCEEDED',
      detail: 'the scan did not end within its time limit',
    }
  }
  if (!(error instanceof AwsError) || !hasCode(error, ...GONE)) return undefined
  return { statusCode: 'INACTIVE', reason: 'RESOURCE_TERMINATED', detail: error.message }
}
