import type { BlockImage } from './image.js'
import type { LocalInstance, LocalInstanceState } from './types.js'

/** What sorts and pages a listing: rises with every resource that is made. */
interface Numbered {
  readonly sequence: number
}

export interface Instance extends Numbered {
  readonly description: LocalInstance
  readonly launchedAt: number
  state: LocalInstanceState
  readonly tags: Map<string, string>
}

export interface Attachment {
  readonly instanceId: string
  readonly device: string
}

export interface Volume extends Numbered {
  readonly volumeId: string
  readonly sizeGiB: number
  readonly volumeType: string
  readonly createdAt: number
  readonly tags: Map<string, string>
  /** ARN; absent on a volume that is not encrypted. */
  readonly kmsKeyArn: string | undefined
  readonly attachments: Attachment[]
  image: BlockImage
}

export interface Snapshot extends Numbered {
  readonly snapshotId: string
  readonly volume: Volume
  readonly image: BlockImage
  readonly description: string
  readonly tags: Map<string, string>
  readonly startedAt: number
  readonly fails: boolean
}

export interface Key {
  readonly arn: string
  readonly keyId: string
  readonly managedBy: 'AWS' | 'CUSTOMER'
  readonly tags: ReadonlyMap<string, string>
}
