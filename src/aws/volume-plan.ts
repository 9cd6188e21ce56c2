import { LimitError } from '../errors.js'
import type { StatusReason } from '../model.js'
import type { Attachment, InstanceDescription, Volume } from './ec2-types.js'
import type { Standing } from './eligibility.js'
import type { KeyExclusion } from './kms-exclusion.js'

/** EC2's bound for ExcludeDataVolumeIds. */
const MAX_EXCLUDED = 40

/** An attached volume and, where it is not to be read, why. */
export interface PlannedVolume extends Attachment {
  readonly volume?: Volume
  readonly leftOut?: { readonly status: 'excluded' | 'failed'; readonly reason: StatusReason; readonly detail: string }
}

/** Every attached volume, in the instance's order, with its description or the reason why it is left out. */
export function planVolumes(
  attachments: readonly Attachment[],
  volumes: readonly Volume[],
  excludedKeys: ReadonlyMap<string, KeyExclusion>,
): PlannedVolume[] {
  const described = new Map(volumes.map((volume) => [volume.volumeId, volume]))
  return attachments.map((attachment) => {
    const volume = described.get(attachment.volumeId)
    if (!volume) {
      return { ...attachment, leftOut: { status: 'failed', reason: 'RESOURCE_TERMINATED', detail: 'the volume no longer exists' } }
    }
    const exclusion = volume.kmsKeyId === undefined ? undefined : excludedKeys.get(volume.kmsKeyId)
    return { ...attachment, volume, ...(exclusion && { leftOut: { status: 'excluded', ...exclusion } }) }
  })
}

/** Where the instance stands if no volume of the plan is to be read: what holds for its first volume, the root as a rule, holds for all of it. */
export function allLeftOut(plan: readonly PlannedVolume[]): Standing | undefined {
  const [first] = plan
  if (!first?.leftOut || plan.some(({ leftOut }) => !leftOut)) return undefined
  const { reason, detail } = first.leftOut
  return { statusCode: 'INACTIVE', reason, detail }
}

/**
 * What CreateSnapshots must be told to leave out.
 * @throws LimitError where it cannot be told all of it in one request.
 */
export function exclusionsOf(
  plan: readonly PlannedVolume[],
  { info }: InstanceDescription,
): { excludeBootVolume: boolean; excludeDataVolumeIds: string[] } {
  const excluded = plan.filter(({ leftOut }) => leftOut?.status === 'excluded')
  const isRoot = ({ device }: Attachment): boolean => device === info.rootDeviceName
  const excludeDataVolumeIds = excluded.filter((volume) => !isRoot(volume)).map(({ volumeId }) => volumeId)
  if (excludeDataVolumeIds.length > MAX_EXCLUDED) {
    throw new LimitError('data volumes that one CreateSnapshots request must leave out', MAX_EXCLUDED)
  }
  return { excludeBootVolume: excluded.some(isRoot), excludeDataVolumeIds }
}
