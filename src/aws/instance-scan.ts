import { AwsError, ConfigError } from '../errors.js'
import type { InstanceScanResult, ProgressEvent, ScanResult } from '../model.js'
import { type Aws, type ClientOptions, openAws } from './clients.js'
import { type Clock, systemClock } from './clock.js'
import { type Deadline, openDeadline } from './deadline.js'
import type { Attachment, SnapshotRequest } from './ec2-types.js'
import { excess, type InstanceLimits, ineligibility, type Standing } from './eligibility.js'
import { hasCode } from './failure.js'
import { concludeScan, type NothingRead, type Reading } from './instance-result.js'
import { excludedKeys } from './kms-exclusion.js'
import { LeftoverError } from './leftover-error.js'
import { checkScanId, createScanId, describeScan } from './scan-id.js'
import { SnapshotSet } from './snapshot-set.js'
import { snapshotTags } from './snapshot-tags.js'
import { allLeftOut, exclusionsOf, type PlannedVolume, planVolumes } from './volume-plan.js'
import { type PoolOptions, type SnapshotVolume, withVolumeOpener } from './volumes.js'
import { waitForSnapshots } from './wait-snapshots.js'

export interface InstanceScanOptions extends ClientOptions, PoolOptions {
  /** `i-…` */
  readonly instanceId: string
  readonly signal?: AbortSignal
  readonly onProgress?: (event: ProgressEvent) => void
  /** Milliseconds after which the scan is given up; its snapshots are deleted after that. No limit by default. */
  readonly timeoutMs?: number
  /** Milliseconds that deleting the snapshots may take; 120,000 by default. */
  readonly cleanupTimeoutMs?: number
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
  const labels = { description: describeScan(scanId, options.description), tags: snapshotTags(scanId, options.tags) }
  const deadline = openDeadline(options.timeoutMs, options.signal)
  try {
    deadline.signal.throwIfAborted()
    const aws = await openAws(options)
    const { cleanupTimeoutMs = 120_000 } = options
    const set = new SnapshotSet({ ec2: aws.ec2, clock, scanId, mayExist: options.scanId !== undefined, cleanupTimeoutMs })
    const run: Run = { options, scan, clock, scanId, labels, deadline, aws, set }
    let reading: Reading
    try {
      reading = await readInstance(run)
    } catch (error) {
      const snapshots = await set.remove(options.onProgress)
      if (snapshots.leftover.length > 0 || snapshots.unverified !== undefined) throw new LeftoverError(error, snapshots)
      throw error
    }
    return concludeScan(reading, await set.remove(options.onProgress))
  } finally {
    deadline.close()
  }
}

interface Run {
  readonly options: InstanceScanOptions
  readonly scan: ScanVolumes
  readonly clock: Clock
  readonly scanId: string
  readonly labels: Pick<SnapshotRequest, 'description' | 'tags'>
  readonly deadline: Deadline
  readonly aws: Aws
  readonly set: SnapshotSet
}

/** Everything but the deletion of the snapshots. */
async function readInstance(run: Run): Promise<Reading> {
  const { options, deadline, aws, scan, labels } = run
  options.onProgress?.({ phase: 'describe', instanceId: options.instanceId })
  const described = await aws.ec2.describeInstance(options.instanceId, deadline.signal)
  const { info, attachments } = described
  // An instance of which nothing is read is a scan of no volumes.
  const skip = async (
    standing: Standing,
    plan: readonly PlannedVolume[] = [],
    volumes: NothingRead['volumes'] = 'excluded',
  ): Promise<Reading> => {
    return { report: await scan([], {}), info, plan, outcome: { ...standing, volumes } }
  }
  const standing = ineligibility(info, attachments, options.includeStopped ?? false)
  if (standing) return skip(standing)
  const plan = await planOf(run, attachments)
  const tooMuch = excess(
    plan.flatMap(({ volume }) => volume ?? []),
    options.limits ?? {},
  )
  if (tooMuch) return skip(tooMuch, plan)
  const nothingLeft = allLeftOut(plan)
  if (nothingLeft) return skip(nothingLeft, plan)

  const request = { instanceId: options.instanceId, ...exclusionsOf(plan, described), ...labels }
  try {
    return { info, plan, ...(await readVolumes(run, plan, request)) }
  } catch (error) {
    const ended = standingAfter(error, deadline)
    if (!ended) throw error
    return skip(ended, plan, 'failed')
  }
}

async function planOf({ aws, deadline }: Run, attachments: readonly Attachment[]): Promise<PlannedVolume[]> {
  const ids = attachments.map(({ volumeId }) => volumeId)
  const volumes = await aws.ec2.describeVolumes(ids, deadline.signal)
  const keyIds = volumes.flatMap(({ kmsKeyId }) => kmsKeyId ?? [])
  return planVolumes(attachments, volumes, await excludedKeys(keyIds, aws.kms, deadline.signal))
}

async function readVolumes(
  { options, deadline, clock, aws, scan, scanId, set }: Run,
  plan: readonly PlannedVolume[],
  request: SnapshotRequest,
): Promise<Pick<Reading, 'report' | 'outcome'>> {
  const { signal } = deadline
  const onProgress = options.onProgress && { onProgress: options.onProgress }
  const wanted = plan.filter(({ leftOut }) => !leftOut)
  const ids = wanted.map(({ volumeId }) => volumeId)
  options.onProgress?.({ phase: 'snapshot', volumes: wanted.length, scanId })
  const created = await set.create(request, ids, signal)
  const snapshotIds = created.map(({ snapshotId }) => snapshotId)
  const incomplete = await waitForSnapshots(snapshotIds, { ec2: aws.ec2, clock, signal, ...onProgress })
  return withVolumeOpener({ ...options, region: aws.region }, async (opener) => {
    const opened = wanted.map(async ({ volumeId, device }) => {
      const snapshot = created.find((candidate) => candidate.volumeId === volumeId)
      if (!snapshot || incomplete.has(snapshot.snapshotId)) return undefined
      const { snapshotId, sizeBytes } = snapshot
      return opener.open({ id: volumeId, device, snapshotId }, { sizeBytes, fresh: true, signal })
    })
    const volumes = (await Promise.all(opened)).filter((volume) => volume !== undefined)
    const report = await scan(volumes, { signal, ...onProgress })
    return { report: opener.withCosts(report), outcome: { created, incomplete, refused: opener.failures } }
  })
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
