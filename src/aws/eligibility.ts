import type { InstanceInfo, StatusCode, StatusReason } from '../model.js'
import type { Attachment, Volume } from './ec2-types.js'
import { EXCLUSION_TAG } from './scan-id.js'

const GIB = 1024 ** 3

/** Where an instance stands, in Inspector's words, with a line for a person. */
export interface Standing {
  readonly statusCode: StatusCode
  readonly reason: StatusReason
  readonly detail: string
}

/** Bounds above which an instance is not scanned. */
export interface InstanceLimits {
  readonly volumes?: number
  readonly totalGiB?: number
}

/** The bounds of Amazon Inspector's agentless scan: 8 volumes, 1200 GB together. Not applied unless asked for. */
export const INSPECTOR_LIMITS: InstanceLimits = { volumes: 8, totalGiB: 1200 }

const inactive = (reason: StatusReason, detail: string): Standing => ({ statusCode: 'INACTIVE', reason, detail })

/** Why the instance is not scanned; undefined where it is. What cannot change comes before what can: gone, excluded, unsupported, stopped. */
export function ineligibility(info: InstanceInfo, attachments: readonly Attachment[], includeStopped: boolean): Standing | undefined {
  const { state } = info
  if (state === 'terminated' || state === 'shutting-down') return inactive('RESOURCE_TERMINATED', `the instance is ${state}`)
  // The key decides, with whatever value: `false` and an empty one exclude as well.
  if (Object.hasOwn(info.tags, EXCLUSION_TAG)) return inactive('EXCLUDED_BY_TAG', `the instance carries the tag ${EXCLUSION_TAG}`)
  if (info.platform === 'WINDOWS' || info.platform === 'MACOS') {
    return inactive('UNSUPPORTED_OS', `${info.platformDetails ?? info.platform} is not read without an agent`)
  }
  // Inspector has no reason of its own for these: to it they are instances that only an agent could scan.
  if (info.rootDeviceType === 'instance-store') {
    return inactive('UNMANAGED_EC2_INSTANCE', 'the root device is instance store, of which no snapshot can be made')
  }
  if (state === 'pending') {
    return { statusCode: 'ACTIVE', reason: 'PENDING_INITIAL_SCAN', detail: 'the instance is still starting: scan it once it runs' }
  }
  if (state !== 'running' && !(includeStopped && (state === 'stopped' || state === 'stopping'))) {
    return inactive('EC2_INSTANCE_STOPPED', `the instance is ${state}`)
  }
  if (attachments.length === 0) return inactive('UNMANAGED_EC2_INSTANCE', 'no EBS volume is attached to the instance')
  return undefined
}

/** The bound that the volumes exceed together, if any. */
export function excess(volumes: readonly Volume[], limits: InstanceLimits): Standing | undefined {
  const { volumes: maxVolumes = Number.POSITIVE_INFINITY, totalGiB: maxGiB = Number.POSITIVE_INFINITY } = limits
  const totalGiB = volumes.reduce((sum, volume) => sum + volume.sizeBytes, 0) / GIB
  if (volumes.length <= maxVolumes && totalGiB <= maxGiB) return undefined
  return inactive(
    'AGENTLESS_INSTANCE_STORAGE_LIMIT_EXCEEDED',
    `${volumes.length} volumes of ${totalGiB} GiB together; the limits are ${maxVolumes} volumes and ${maxGiB} GiB`,
  )
}
