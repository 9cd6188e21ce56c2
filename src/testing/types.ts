import type { BlockSource } from '../io/types.js'

export type LocalInstanceState = 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated'

/** An instance as the local endpoint shows it. */
export interface LocalInstance {
  readonly instanceId: string
  /** `running` by default. */
  readonly state?: LocalInstanceState
  readonly tags?: Readonly<Record<string, string>>
  readonly architecture?: 'x86_64' | 'arm64'
  readonly imageId?: string
  /** `t3.medium` by default, `t4g.medium` on arm64. */
  readonly instanceType?: string
  /** ISO 8601; the endpoint's start by default. */
  readonly launchTime?: string
  readonly platformDetails?: string
  /** `windows` where it is one. */
  readonly platform?: 'windows'
  /** `/dev/xvda` by default. */
  readonly rootDeviceName?: string
  /** `ebs` by default. */
  readonly rootDeviceType?: 'ebs' | 'instance-store'
  readonly volumes: readonly LocalVolume[]
}

/** An EBS volume. One id on several instances is one volume, attached to each of them (Multi-Attach); the first to name it defines it. */
export interface LocalVolume {
  readonly volumeId: string
  readonly deviceName: string
  /**
   * Contents: a path to an image file, of which a block of zeros counts as never written (the file must not change while it is
   * served), or a block source with blocks of 512 KiB, which says itself what was written.
   * A full listing reads an image file once, its holes too, at some GiB a second; on a file of many TiB list ranges, or pass a source.
   */
  readonly image: string | BlockSource
  /** Defaults to the image's size rounded up to GiB; never less. */
  readonly sizeGiB?: number
  readonly volumeType?: string
  readonly encrypted?: boolean
  /** ARN or key id; without one an encrypted volume is under the account's `aws/ebs` key. */
  readonly kmsKeyId?: string
  readonly tags?: Readonly<Record<string, string>>
}

/** A KMS key. One that only a volume names exists as well, without tags. */
export interface LocalKey {
  /** ARN or key id, as volumes name it. */
  readonly keyId: string
  readonly tags?: Readonly<Record<string, string>>
}

export type LocalAction =
  | 'DescribeInstances'
  | 'DescribeVolumes'
  | 'DescribeSnapshots'
  | 'CreateSnapshots'
  | 'CreateTags'
  | 'DeleteSnapshot'
  | 'ListSnapshotBlocks'
  | 'ListChangedBlocks'
  | 'GetSnapshotBlock'
  | 'ListResourceTags'
  | 'DescribeKey'

/** What goes wrong with a call. The first fault in the list that applies is injected. */
export interface Fault {
  readonly action: LocalAction | readonly LocalAction[]
  /**
   * - `throttle` RequestThrottledException / RequestLimitExceeded / ThrottlingException, as the service names it
   * - `error` a 500
   * - `denied` AccessDeniedException / UnauthorizedOperation
   * - `hang` the request is read, has no effect and is never answered
   * - `cut` the call takes effect; the connection is destroyed in the middle of the answer
   * - `lost-answer` the call takes effect; the connection is destroyed before any answer
   * - `code` any other error: see `code`, `status` and `reason`
   *
   * Of GetSnapshotBlock only:
   * - `short-body` the body ends early although X-Amz-Data-Length promises it whole
   * - `wrong-data` one byte of the body differs from what the checksum was made of
   * - `wrong-checksum` the checksum header does not fit the body
   * - `expired-token` ValidationException INVALID_BLOCK_TOKEN
   */
  readonly kind:
    | 'throttle'
    | 'error'
    | 'denied'
    | 'hang'
    | 'cut'
    | 'short-body'
    | 'wrong-data'
    | 'wrong-checksum'
    | 'lost-answer'
    | 'expired-token'
    | 'code'
  /** Probability 0..1, from the endpoint's seeded generator; 1 by default. */
  readonly rate?: number
  /** At most so often; without end by default. */
  readonly times?: number
  /** Skip the first so many calls. */
  readonly after?: number
  /** Only for calls that name this snapshot, volume, instance or key, or a snapshot of this volume or instance. */
  readonly resource?: string
  /** Only for this block of a snapshot. */
  readonly blockIndex?: number
  /** Error code of kind `code`, for example `SnapshotCreationPerVolumeRateExceeded`. */
  readonly code?: string
  /** HTTP status of kind `code`; 400 by default. */
  readonly status?: number
  /** `Reason` of kind `code` on the EBS direct APIs, for example `SNAPSHOT_NOT_FOUND`. */
  readonly reason?: string
}

export interface LocalAwsOptions {
  readonly instances: readonly LocalInstance[]
  readonly keys?: readonly LocalKey[]
  /** `eu-central-1` by default. */
  readonly region?: string
  /** `123456789012` by default. */
  readonly accountId?: string
  /** Delay of every answer in milliseconds. */
  readonly latencyMs?: number
  /** GetSnapshotBlock calls per second per account above which the endpoint throttles, as the service does; unlimited by default. */
  readonly requestsPerSecond?: number
  /** How long a snapshot stays `pending` in milliseconds; its progress rises meanwhile. 0 by default. */
  readonly snapshotMs?: number
  /** A snapshot of one of these volumes ends in state `error`, and with it all others of its CreateSnapshots call, as in EC2. */
  readonly failingVolumes?: readonly string[]
  /** Most blocks in one page of a listing, whatever the caller asks for. */
  readonly maxPageBlocks?: number
  /** Put an empty page with a NextToken between pages, as the service may. */
  readonly emptyPages?: boolean
  /** Milliseconds for which block tokens are accepted; 7 days by default. */
  readonly tokenMs?: number
  readonly faults?: readonly Fault[]
  /** Seed of the fault generator; 1 by default. */
  readonly seed?: number
}

export interface LocalCall {
  readonly action: LocalAction
  readonly resource?: string
  readonly blockIndex?: number
  /** HTTP status answered; 0 where none was. */
  readonly status: number
  /** The fault that was injected. */
  readonly fault?: Fault['kind']
}

export interface LocalSnapshot {
  readonly snapshotId: string
  readonly volumeId: string
  readonly state: 'pending' | 'completed' | 'error'
  readonly tags: Readonly<Record<string, string>>
}

/** Settings for an AWS SDK client. */
export interface LocalClientConfig {
  readonly region: string
  readonly endpoint: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** A running endpoint; see `startLocalAws`. */
export interface LocalAws {
  /** `http://127.0.0.1:port`; EC2, EBS direct APIs and KMS are all there. */
  readonly url: string
  readonly region: string
  /** Snapshots that exist now, deleted ones left out. */
  readonly snapshots: readonly LocalSnapshot[]
  /** Every call of a known action so far, in order of arrival. */
  readonly calls: readonly LocalCall[]
  /** Environment of a process that shall meet the endpoint instead of AWS: region, endpoint URLs, placeholder credentials. */
  env(): Record<string, string>
  /** Configuration of an SDK client: `new EC2Client(aws.clientConfig())`. */
  clientConfig(): LocalClientConfig
  /** Appended to the list of faults. */
  addFault(fault: Fault): void
  clearFaults(): void
  /** `terminated` takes the instance's volumes with it; the instance stays visible as it does in EC2. */
  setInstanceState(instanceId: string, state: LocalInstanceState): void
  /** The instance and its volumes are gone from every answer; their snapshots stay. */
  removeInstance(instanceId: string): void
  /** Another content for a volume, as if it had been written to; snapshots that exist keep theirs. */
  replaceImage(volumeId: string, image: string | BlockSource): Promise<void>
  /** Put the endpoint's clock forward: snapshots complete, tokens expire. */
  advance(milliseconds: number): void
  /** Ends every connection, hung ones too, and closes the image files. */
  close(): Promise<void>
}
