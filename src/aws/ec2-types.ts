import type { InstanceInfo } from '../model.js'

/** The EC2 calls of a scan, in its own terms. Every one throws AwsError, or the reason of its signal. */
export interface Ec2 {
  describeInstance(instanceId: string, signal?: AbortSignal): Promise<InstanceDescription>
  /** Volumes that do not exist are absent from the answer. */
  describeVolumes(volumeIds: readonly string[], signal?: AbortSignal): Promise<Volume[]>
  /** Snapshots that do not exist are absent from the answer. */
  findSnapshots(filter: SnapshotFilter, signal?: AbortSignal): Promise<Snapshot[]>
  /** One attempt, never repeated or aborted: CreateSnapshots is not idempotent, and an answer that nobody awaits leaks snapshots. */
  createSnapshots(request: SnapshotRequest): Promise<Snapshot[]>
  /** One attempt. */
  deleteSnapshot(snapshotId: string, signal?: AbortSignal): Promise<void>
}

export interface InstanceDescription {
  readonly info: InstanceInfo
  /** EBS volumes only; instance store never shows here. */
  readonly attachments: readonly Attachment[]
}

export interface Attachment {
  readonly volumeId: string
  /** `/dev/xvda` */
  readonly device: string
}

export interface Volume {
  readonly volumeId: string
  readonly sizeBytes: number
  readonly encrypted: boolean
  /** ARN of the key of an encrypted volume. */
  readonly kmsKeyId?: string
}

export interface SnapshotFilter {
  readonly name: 'snapshot-id' | 'tag-key' | 'tag:InspectorScan'
  readonly values: readonly string[]
}

export interface Snapshot {
  readonly snapshotId: string
  readonly volumeId: string
  /** `pending`, `completed`, `error`, `recoverable`, `recovering` */
  readonly state: string
  readonly stateMessage?: string
  /** 0..100 */
  readonly progress: number
  /** Size of its volume. */
  readonly sizeBytes: number
  readonly encrypted: boolean
  /** Milliseconds since the epoch. */
  readonly startedAt?: number
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
}

export interface SnapshotRequest {
  readonly instanceId: string
  readonly excludeBootVolume: boolean
  readonly excludeDataVolumeIds: readonly string[]
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
}
