import type { ScanResult } from './result.js'

/**
 * Why an instance or a volume is where it is, in the words of Amazon Inspector's coverage API
 * (docs.aws.amazon.com/inspector/v2/APIReference/API_ScanStatus.html), as far as they concern an agentless scan.
 */
export type StatusReason =
  | 'SUCCESSFUL'
  | 'PENDING_INITIAL_SCAN'
  | 'EXCLUDED_BY_TAG'
  | 'UNMANAGED_EC2_INSTANCE'
  | 'UNSUPPORTED_OS'
  | 'EC2_INSTANCE_STOPPED'
  | 'RESOURCE_TERMINATED'
  | 'AGENTLESS_INSTANCE_STORAGE_LIMIT_EXCEEDED'
  | 'AGENTLESS_INSTANCE_COLLECTION_TIME_LIMIT_EXCEEDED'
  | 'ACCESS_DENIED'
  | 'ACCESS_DENIED_TO_ENCRYPTION_KEY'
  | 'INTERNAL_ERROR'

/** `ACTIVE`: the instance is scanned, or will be without anyone changing it. */
export type StatusCode = 'ACTIVE' | 'INACTIVE'

/** An EC2 instance as DescribeInstances shows it. */
export interface InstanceInfo {
  readonly instanceId: string
  /** 12 digits. */
  readonly accountId: string
  readonly region: string
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  readonly partition: string
  readonly state: string
  /** `t3.micro`. */
  readonly type?: string
  readonly imageId?: string
  /** `x86_64`, `arm64`, `x86_64_mac`, … */
  readonly architecture?: string
  readonly platform: 'LINUX' | 'WINDOWS' | 'MACOS' | 'UNKNOWN'
  readonly platformDetails?: string
  readonly rootDeviceName?: string
  readonly rootDeviceType?: string
  /** ISO 8601. */
  readonly launchedAt?: string
  readonly keyName?: string
  readonly iamInstanceProfileArn?: string
  readonly vpcId?: string
  readonly subnetId?: string
  readonly ipV4Addresses: readonly string[]
  readonly ipV6Addresses: readonly string[]
  readonly tags: Readonly<Record<string, string>>
}

/** How one attached volume ended. */
export interface VolumeStatus {
  readonly volumeId: string
  readonly device: string
  readonly sizeBytes?: number
  readonly encrypted?: boolean
  readonly kmsKeyId?: string
  readonly snapshotId?: string
  /** `excluded`: no snapshot of it was made. `failed`: none could be made or opened. */
  readonly status: 'scanned' | 'excluded' | 'failed'
  readonly reason: StatusReason
  /** One line for a person, where the reason alone does not tell. */
  readonly detail?: string
}

/** A snapshot of this scan that is still in the account. */
export interface LeftoverSnapshot {
  readonly snapshotId: string
  readonly reason: string
}

/** What a scan made in the account, and what became of it. */
export interface SnapshotsOutcome {
  /** Value of the tag `InspectorScan` on every snapshot of the scan. */
  readonly scanId: string
  readonly created: readonly string[]
  readonly deleted: readonly string[]
  readonly leftover: readonly LeftoverSnapshot[]
  /** Set where the last look for snapshots with this scan's tag failed, so that one more may be left: why. */
  readonly unverified?: string
}

/** The scanned instance and how its scan ended. */
export interface InstanceStatus extends InstanceInfo {
  readonly statusCode: StatusCode
  readonly reason: StatusReason
  /** One line for a person, where the reason alone does not tell. */
  readonly detail?: string
  readonly volumes: readonly VolumeStatus[]
}

export interface InstanceScanResult extends ScanResult {
  readonly instance: InstanceStatus
  readonly snapshots: SnapshotsOutcome
}

/** What a scan is doing; for a progress line. */
export type ProgressEvent =
  | { readonly phase: 'describe'; readonly instanceId: string }
  | { readonly phase: 'snapshot'; readonly volumes: number; readonly scanId: string }
  /** `percent` of all snapshots together, 0..100, as EC2 reports it. */
  | { readonly phase: 'wait'; readonly completed: number; readonly total: number; readonly percent: number }
  /** `step` is what is being done; blocks and bytes read so far. */
  | { readonly phase: 'scan'; readonly step: string; readonly blocks: number; readonly bytes: number }
  | { readonly phase: 'delete'; readonly deleted: number; readonly total: number }
