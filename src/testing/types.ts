import type { BlockSource } from '../io/types.js'

/** An instance as the local endpoint shows it. */
export interface LocalInstance {
  readonly instanceId: string
  /** `running` by default. */
  readonly state?: 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated'
  readonly tags?: Readonly<Record<string, string>>
  readonly architecture?: 'x86_64' | 'arm64'
  readonly imageId?: string
  readonly platformDetails?: string
  /** `windows` where it is one. */
  readonly platform?: 'windows'
  /** `/dev/xvda` by default. */
  readonly rootDeviceName?: string
  /** `ebs` by default. */
  readonly rootDeviceType?: 'ebs' | 'instance-store'
  readonly volumes: readonly LocalVolume[]
}

export interface LocalVolume {
  readonly volumeId: string
  readonly deviceName: string
  /** Contents: a path to an image file (sparse files are served sparse, block by block of zeros), or any block source. */
  readonly image: string | BlockSource
  /** Defaults to the image's size rounded up to GiB. */
  readonly sizeGiB?: number
  readonly volumeType?: string
  readonly encrypted?: boolean
  readonly kmsKeyId?: string
  readonly tags?: Readonly<Record<string, string>>
}

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
   * - `hang` the request is read and never answered; `cut` the connection is destroyed midway
   * - `short-body` the block's body ends early although its headers promise it whole; `wrong-data` one byte differs from the checksum
   * - `wrong-checksum` the checksum header does not fit the body
   * - `lost-answer` the call takes effect, the answer does not arrive
   * - `expired-token` ValidationException INVALID_BLOCK_TOKEN
   * - `code` any other error: see `code` and `status`
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
  /** Only for this snapshot, volume or instance. */
  readonly resource?: string
  /** Only for this block of a snapshot. */
  readonly blockIndex?: number
  readonly code?: string
  readonly status?: number
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
  /** Snapshots of these volumes end in state `error`. */
  readonly failingVolumes?: readonly string[]
  /** Most blocks in one page of a listing, whatever the caller asks for. */
  readonly maxPageBlocks?: number
  /** Put an empty page with a NextToken between pages, as the service may. */
  readonly emptyPages?: boolean
  /** Milliseconds for which block tokens are accepted. */
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
}

export interface LocalSnapshot {
  readonly snapshotId: string
  readonly volumeId: string
  readonly state: 'pending' | 'completed' | 'error'
  readonly tags: Readonly<Record<string, string>>
}
