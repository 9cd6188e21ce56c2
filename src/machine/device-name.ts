import type { LocatedFileSystem } from './located.js'

/** A disk or partition by a name of the kernel or of EC2. */
export interface DeviceName {
  /** 0-based position: 1 for `sdb`, `xvdb`, `nvme1n1`. */
  readonly position: number
  readonly nvme: boolean
  readonly partition?: number
}

// docs.aws.amazon.com/ebs/latest/userguide/nvme-ebs-volumes.html, docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html
const LETTERED = /^(?:\/dev\/)?(?:sd|xvd|vd|hd)([a-z]{1,2})(\d+)?$/
const NVME = /^(?:\/dev\/)?nvme(\d+)n1(?:p(\d+))?$/

/** `f`: docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html#available-ec2-device-names */
const FIRST_DATA_POSITION = 5

/** `/dev/sda1`, `xvdf`, `/dev/nvme1n1p2`; undefined for other names. */
export function parseDeviceName(name: string): DeviceName | undefined {
  const [, letters, number] = LETTERED.exec(name) ?? []
  if (letters !== undefined) {
    const position = [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 96, 0) - 1
    return { position, nvme: false, ...(number ? { partition: Number(number) } : {}) }
  }
  const [, controller, part] = NVME.exec(name) ?? []
  if (controller === undefined) return undefined
  return { position: Number(controller), nvme: true, ...(part ? { partition: Number(part) } : {}) }
}

/** What a device name stands for, and how sure that is. */
export interface NamedDevice {
  readonly matches: readonly LocatedFileSystem[]
  /** Set where the volume was taken by its order. */
  readonly guess?: string
}

/**
 * The filesystems on the volume that a device name means:
 * - a lettered name by the letters of the attachment, so that `/dev/sdf`, `/dev/xvdf` and the link that udev makes for NVMe are one;
 * - `nvme0n1` is the root volume, and `nvmeNn1` the volume attached N-th after it: a guess where there are several, as the kernel numbers
 *   them in the order in which they answer;
 * - without attachment names (image files) letters count the volumes, `a` being the first; letters that lead beyond the last one count
 *   from `f`, where EC2 recommends data volumes to begin.
 */
export function findByDeviceName(name: DeviceName, all: readonly LocatedFileSystem[]): NamedDevice {
  const named = name.nvme ? [] : all.filter((at) => at.device !== undefined && parseDeviceName(at.device)?.position === name.position)
  if (named.length > 0) return { matches: named.filter((at) => isPartition(at, name)) }
  if (!name.nvme && all.some((at) => at.device !== undefined)) return { matches: [] }
  const volumes = Math.max(0, ...all.map((at) => at.volumeIndex))
  const volumeIndex = volumeIndexOf(name, volumes)
  const matches = all.filter((at) => at.volumeIndex === volumeIndex && isPartition(at, name))
  const isSure = volumeIndex === 1 || (name.nvme ? volumes === 2 : name.position < volumes)
  return isSure || matches.length === 0 ? { matches } : { matches, guess: 'volumes taken in their order of attachment' }
}

function volumeIndexOf({ nvme, position }: DeviceName, volumes: number): number | undefined {
  if (nvme || position < volumes) return position + 1
  return position < FIRST_DATA_POSITION ? undefined : position - FIRST_DATA_POSITION + 2
}

/** A volume attached as `/dev/sdf1` is itself that device, without a table. */
function isPartition({ device, partition }: LocatedFileSystem, name: DeviceName): boolean {
  if (partition.index !== undefined || name.partition === undefined) return partition.index === name.partition
  return device !== undefined && parseDeviceName(device)?.partition === name.partition
}
