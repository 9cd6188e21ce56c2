import { ConfigError } from '../errors.js'
import type { BlockSource } from '../io/types.js'
import type { BlockImage } from './image.js'
import { openImage } from './open-image.js'
import { seededRandom } from './random.js'
import type { Attachment, Instance, Key, Snapshot, Volume } from './resources.js'
import type { LocalAwsOptions, LocalInstance, LocalInstanceState, LocalKey, LocalSnapshot, LocalVolume } from './types.js'

const GIB = 2 ** 30
const DEFAULT_KEY_ID = '00000000-0000-4000-8000-0000000000eb'

/** The account behind the endpoint, in one Region. */
export class Account {
  readonly region: string
  readonly accountId: string
  readonly instances: Map<string, Instance> = new Map()
  readonly volumes: Map<string, Volume> = new Map()
  readonly snapshots: Map<string, Snapshot> = new Map()
  /** By ARN. */
  readonly keys: Map<string, Key> = new Map()
  readonly #options: LocalAwsOptions
  readonly #images = new Map<string | BlockSource, BlockImage>()
  readonly #random: () => number
  #sequence = 0
  #skippedMs = 0

  private constructor(options: LocalAwsOptions) {
    this.#options = options
    this.region = options.region ?? 'eu-central-1'
    this.accountId = options.accountId ?? '123456789012'
    this.#random = seededRandom(~(options.seed ?? 1))
  }

  /** @throws IoError when an image cannot be read, ConfigError for an instance named twice. */
  static async create(options: LocalAwsOptions): Promise<Account> {
    const account = new Account(options)
    try {
      for (const key of options.keys ?? []) account.#addKey(key)
      for (const instance of options.instances) await account.#addInstance(instance)
    } catch (error) {
      await account.close()
      throw error
    }
    return account
  }

  /** Milliseconds since 1970 on the endpoint's clock. */
  now(): number {
    return Date.now() + this.#skippedMs
  }

  advance(milliseconds: number): void {
    this.#skippedMs += milliseconds
  }

  nextSequence(): number {
    return ++this.#sequence
  }

  newSnapshotId(): string {
    let digits = ''
    while (digits.length < 17) digits += Math.floor(this.#random() * 16).toString(16)
    return `snap-${digits}`
  }

  arnOfKey(keyId: string): string {
    return keyId.startsWith('arn:') ? keyId : `arn:aws:kms:${this.region}:${this.accountId}:key/${keyId}`
  }

  volumesOf(instanceId: string): Volume[] {
    return [...this.volumes.values()].filter((volume) => volume.attachments.some((attachment) => attachment.instanceId === instanceId))
  }

  /** `progress` in percent. A set that fails does so when it would have completed. */
  statusOf(snapshot: Snapshot): { state: LocalSnapshot['state']; progress: number } {
    const duration = this.#options.snapshotMs ?? 0
    const elapsed = this.now() - snapshot.startedAt
    if (elapsed < duration) return { state: 'pending', progress: Math.floor((99 * elapsed) / duration) }
    return snapshot.fails ? { state: 'error', progress: 0 } : { state: 'completed', progress: 100 }
  }

  /** The ids a call concerns: those it names, the volume of a snapshot among them, and what that is attached to. */
  concerned(named: readonly string[]): Set<string> {
    const ids = new Set(named)
    for (const id of named) {
      const volume = this.snapshots.get(id)?.volume ?? this.volumes.get(id)
      if (volume) ids.add(volume.volumeId)
      for (const attachment of volume?.attachments ?? []) ids.add(attachment.instanceId)
    }
    return ids
  }

  setInstanceState(instanceId: string, state: LocalInstanceState): void {
    this.#instance(instanceId).state = state
    if (state === 'terminated') this.#dropVolumes(instanceId)
  }

  removeInstance(instanceId: string): void {
    this.#instance(instanceId)
    this.instances.delete(instanceId)
    this.#dropVolumes(instanceId)
  }

  async replaceImage(volumeId: string, image: string | BlockSource): Promise<void> {
    const volume = this.volumes.get(volumeId)
    if (!volume) throw new ConfigError(`the local endpoint has no volume ${JSON.stringify(volumeId)}`)
    const opened = await this.#openImage(image)
    if (opened.size > volume.sizeGiB * GIB) throw new ConfigError(`the image is larger than ${volumeId}: ${opened.size} bytes`)
    volume.image = opened
  }

  async close(): Promise<void> {
    await Promise.all([...this.#images.values()].map((image) => image.close()))
  }

  #instance(instanceId: string): Instance {
    const instance = this.instances.get(instanceId)
    if (!instance) throw new ConfigError(`the local endpoint has no instance ${JSON.stringify(instanceId)}`)
    return instance
  }

  #dropVolumes(instanceId: string): void {
    for (const volume of this.volumesOf(instanceId)) {
      const rest = volume.attachments.filter((attachment) => attachment.instanceId !== instanceId)
      volume.attachments.splice(0, volume.attachments.length, ...rest)
      if (rest.length === 0) this.volumes.delete(volume.volumeId)
    }
  }

  async #addInstance(description: LocalInstance): Promise<void> {
    const { instanceId, launchTime, state = 'running', tags = {} } = description
    if (!/^i-[0-9a-f]{1,17}$/.test(instanceId))
      throw new ConfigError(`not an instance id, i- and hex digits: ${JSON.stringify(instanceId)}`)
    if (this.instances.has(instanceId)) throw new ConfigError(`instance ${instanceId} is given twice`)
    const launchedAt = launchTime === undefined ? this.now() : Date.parse(launchTime)
    if (Number.isNaN(launchedAt)) throw new ConfigError(`launchTime of ${instanceId} is no date: ${launchTime}`)
    this.instances.set(instanceId, {
      description,
      launchedAt,
      state,
      tags: new Map(Object.entries(tags)),
      sequence: this.nextSequence(),
    })
    if (state === 'terminated') return
    for (const volume of description.volumes) await this.#attach(volume, { instanceId, device: volume.deviceName }, launchedAt)
  }

  async #attach(volume: LocalVolume, attachment: Attachment, createdAt: number): Promise<void> {
    const { volumeId, volumeType = 'gp3', tags = {} } = volume
    if (!/^vol-[0-9a-f]{1,17}$/.test(volumeId)) throw new ConfigError(`not a volume id, vol- and hex digits: ${JSON.stringify(volumeId)}`)
    const known = this.volumes.get(volumeId)
    if (known) {
      known.attachments.push(attachment)
      return
    }
    const image = await this.#openImage(volume.image)
    const sizeGiB = Math.max(1, Math.ceil(image.size / GIB), volume.sizeGiB ?? 0)
    this.volumes.set(volumeId, {
      volumeId,
      sizeGiB,
      volumeType,
      createdAt,
      tags: new Map(Object.entries(tags)),
      kmsKeyArn: volume.encrypted || volume.kmsKeyId !== undefined ? this.#keyOf(volume) : undefined,
      attachments: [attachment],
      image,
      sequence: this.nextSequence(),
    })
  }

  #keyOf(volume: LocalVolume): string {
    const arn = this.arnOfKey(volume.kmsKeyId ?? DEFAULT_KEY_ID)
    if (!this.keys.has(arn)) this.#addKey({ keyId: arn }, volume.kmsKeyId === undefined ? 'AWS' : 'CUSTOMER')
    return arn
  }

  #addKey({ keyId, tags = {} }: LocalKey, managedBy: Key['managedBy'] = 'CUSTOMER'): void {
    const arn = this.arnOfKey(keyId)
    this.keys.set(arn, { arn, keyId: arn.slice(arn.lastIndexOf('/') + 1), managedBy, tags: new Map(Object.entries(tags)) })
  }

  async #openImage(image: string | BlockSource): Promise<BlockImage> {
    const opened = this.#images.get(image) ?? (await openImage(image))
    this.#images.set(image, opened)
    return opened
  }
}
