import type { ScanErrorCode } from '../errors.js'
import type {
  InstanceInfo,
  InstanceScanResult,
  InstanceStatus,
  Issue,
  ScanResult,
  SnapshotsOutcome,
  StatusReason,
  VolumeCoverage,
  VolumeStatus,
} from '../model.js'
import type { Snapshot } from './ec2-types.js'
import type { Standing } from './eligibility.js'
import { describeLeftovers } from './leftover-error.js'
import type { PlannedVolume } from './volume-plan.js'
import type { VolumeFailure } from './volumes.js'

/** What was learnt of an instance, its snapshots not yet deleted. */
export interface Reading {
  /** Of a scan of no volumes where nothing was read. */
  readonly report: ScanResult
  readonly info: InstanceInfo
  readonly plan: readonly PlannedVolume[]
  readonly outcome: SnapshotsRead | NothingRead
}

/** Why nothing was read: the instance's standing, and what that makes of its volumes. */
export interface NothingRead extends Standing {
  readonly volumes: 'excluded' | 'failed'
}

export interface SnapshotsRead {
  readonly created: readonly Snapshot[]
  /** Why, for each snapshot that was not completed. */
  readonly incomplete: ReadonlyMap<string, string>
  /** Why, for each volume whose blocks AWS refused. */
  readonly refused: ReadonlyMap<string, VolumeFailure>
}

/** The result of a scan; `snapshots` is what became of those it made. */
export function concludeScan({ report, info, plan, outcome }: Reading, snapshots: SnapshotsOutcome): InstanceScanResult {
  if ('reason' in outcome) {
    const { statusCode, reason, detail, volumes: status } = outcome
    const volumes = plan.map((planned) => statusOf(planned, planned.leftOut ?? { status, reason, detail }))
    return assemble(report, { ...info, statusCode, reason, detail, volumes }, snapshots)
  }
  const planned = plan.map((volume) => (volume.leftOut ? statusOf(volume, volume.leftOut) : outcomeOf(volume, report, outcome)))
  const volumes = [...planned, ...unplanned(plan, outcome.created)]
  return assemble(report, { ...info, ...standingOf(report, info, volumes), volumes }, snapshots)
}

function assemble(report: ScanResult, instance: InstanceStatus, snapshots: SnapshotsOutcome): InstanceScanResult {
  const covered = new Set(report.volumes.map(({ volume }) => volume))
  const unseen = instance.volumes.filter(({ volumeId }) => !covered.has(volumeId))
  const leftovers = describeLeftovers(snapshots)
  const issues: Issue[] = [
    ...(instance.reason === 'SUCCESSFUL' ? [] : [issueOf(instance.reason, `${instance.instanceId}: ${instance.detail}`)]),
    ...unseen.map(({ volumeId, reason, detail }) => issueOf(reason, `the volume was not read: ${detail}`, volumeId)),
    ...(leftovers ? [{ stage: 'cleanup', code: 'AWS', message: leftovers, where: {}, incomplete: false } as const] : []),
  ]
  return {
    ...report,
    status: instance.reason === 'SUCCESSFUL' && unseen.length === 0 ? report.status : 'incomplete',
    volumes: [...report.volumes, ...unseen.map(coverageOf)],
    issues: [...report.issues, ...issues],
    instance,
    snapshots,
  }
}

function outcomeOf(planned: PlannedVolume, report: ScanResult, { created, incomplete, refused }: SnapshotsRead): VolumeStatus {
  const snapshot = created.find(({ volumeId }) => volumeId === planned.volumeId)
  if (!snapshot) return statusOf(planned, { status: 'failed', reason: 'INTERNAL_ERROR', detail: 'CreateSnapshots made no snapshot of it' })
  const { snapshotId } = snapshot
  const failure = incomplete.get(snapshotId)
  if (failure !== undefined) return statusOf(planned, { status: 'failed', reason: 'INTERNAL_ERROR', detail: failure }, snapshotId)
  const coverage = report.volumes.find(({ volume }) => volume === planned.volumeId)
  const refusal = refused.get(planned.volumeId)
  if (!coverage || coverage.outcome === 'failed') {
    const because = refusal ?? { reason: 'INTERNAL_ERROR', detail: coverage?.reason ?? 'the scan did not read it' }
    return statusOf(planned, { status: 'failed', ...because }, snapshotId)
  }
  return statusOf(planned, { status: 'scanned', reason: 'SUCCESSFUL' }, snapshotId)
}

/** Volumes that were attached between the description of the instance and its snapshot: whether their keys allow reading was never asked. */
function unplanned(plan: readonly PlannedVolume[], created: readonly Snapshot[]): VolumeStatus[] {
  const known = new Set(plan.map(({ volumeId }) => volumeId))
  return created
    .filter(({ volumeId }) => !known.has(volumeId))
    .map(({ volumeId, snapshotId, sizeBytes, encrypted }) => ({
      volumeId,
      device: '',
      sizeBytes,
      encrypted,
      snapshotId,
      status: 'failed',
      reason: 'PENDING_INITIAL_SCAN',
      detail: 'it was attached while the scan began: the next scan has it',
    }))
}

function statusOf(
  { volumeId, device, volume }: PlannedVolume,
  { status, reason, detail }: Pick<VolumeStatus, 'status' | 'reason' | 'detail'>,
  snapshotId?: string,
): VolumeStatus {
  return {
    volumeId,
    device,
    ...(volume && { sizeBytes: volume.sizeBytes, encrypted: volume.encrypted }),
    ...(volume?.kmsKeyId !== undefined && { kmsKeyId: volume.kmsKeyId }),
    ...(snapshotId !== undefined && { snapshotId }),
    status,
    reason,
    ...(detail !== undefined && { detail }),
  }
}

/** An instance is scanned where a system was found on it; else what kept its root volume, or any, from being read stands for the whole. */
function standingOf(
  report: ScanResult,
  info: InstanceInfo,
  volumes: readonly VolumeStatus[],
): Pick<InstanceStatus, 'statusCode' | 'reason' | 'detail'> {
  if (report.systems.length > 0) return { statusCode: 'ACTIVE', reason: 'SUCCESSFUL' }
  const root = volumes.find(({ device }) => device === info.rootDeviceName)
  const unread = root ? [root] : volumes
  const { reason, detail } = unread.find(({ status }) => status !== 'scanned') ?? {
    reason: 'UNSUPPORTED_OS',
    detail: 'no operating system that can be read was found on its volumes',
  }
  return { statusCode: 'INACTIVE', reason, ...(detail !== undefined && { detail }) }
}

const ISSUE_CODES: Partial<Record<StatusReason, ScanErrorCode>> = {
  UNSUPPORTED_OS: 'UNSUPPORTED',
  AGENTLESS_INSTANCE_STORAGE_LIMIT_EXCEEDED: 'LIMIT',
  AGENTLESS_INSTANCE_COLLECTION_TIME_LIMIT_EXCEEDED: 'LIMIT',
}

function issueOf(reason: StatusReason, text: string, volume?: string): Issue {
  const where = volume === undefined ? {} : { volume }
  return { stage: 'volume', code: ISSUE_CODES[reason] ?? 'AWS', message: `${reason}: ${text}`, where, incomplete: true }
}

function coverageOf({ volumeId, device, snapshotId, sizeBytes, reason, detail }: VolumeStatus): VolumeCoverage {
  return {
    volume: volumeId,
    ...(device && { device }),
    ...(snapshotId !== undefined && { snapshot: snapshotId }),
    sizeBytes: sizeBytes ?? 0,
    outcome: 'failed',
    reason: detail === undefined ? reason : `${reason}: ${detail}`,
    partitions: [],
  }
}
