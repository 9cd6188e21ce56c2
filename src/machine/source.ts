import { parseSourceTag, type SourceTag } from '../formats/fstab.js'
import { findByDeviceName, type NamedDevice, parseDeviceName } from './device-name.js'
import type { LocatedFileSystem } from './located.js'

/** What an fstab source stands for among the filesystems at hand. */
export interface FoundSource extends NamedDevice {
  /** Why nothing was found, where that is not simply its absence. */
  readonly reason?: string
}

const BY_TAG: Readonly<Record<string, SourceTag['tag']>> = {
  'by-uuid': 'UUID',
  'by-label': 'LABEL',
  'by-partuuid': 'PARTUUID',
  'by-partlabel': 'PARTLABEL',
  'by-id': 'ID',
}

/** Whether a source names a block device at all, rather than a share or a filesystem of the kernel's own. */
export function namesDevice(source: string): boolean {
  return source.startsWith('/dev/') || parseSourceTag(source) !== undefined
}

/** Every filesystem that a source of fstab(5) may mean; several where UUIDs or labels are not unique. */
export function findSource(source: string, all: readonly LocatedFileSystem[]): FoundSource {
  const tag = parseSourceTag(source)
  if (tag) return findByTag(tag, all)
  const [, directory, encoded] = /^\/dev\/disk\/(by-[a-z-]+)\/(.+)$/.exec(source) ?? []
  if (directory !== undefined && encoded !== undefined) {
    const value = decodeUdev(encoded)
    const linked = BY_TAG[directory]
    if (linked) return findByTag({ tag: linked, value }, all)
    if (directory === 'by-ebs-volumeid') return { matches: onVolume(value, undefined, all) }
    return { matches: [], reason: `${directory} links depend on the hardware and cannot be followed` }
  }
  const name = parseDeviceName(source)
  if (name) return findByDeviceName(name, all)
  if (/^\/dev\/(mapper\/[^/]+|[^/]+\/[^/]+)$/.test(source)) return { matches: [], reason: 'logical volumes are not read' }
  if (/^\/dev\/md/.test(source)) return { matches: [], reason: 'mdraid is not read' }
  return source.startsWith('/dev/') ? { matches: [] } : { matches: [], reason: 'a filesystem inside a file is not read' }
}

function findByTag({ tag, value }: SourceTag, all: readonly LocatedFileSystem[]): FoundSource {
  const same = value.toLowerCase()
  switch (tag) {
    case 'UUID':
      return { matches: all.filter(({ fs }) => fs.uuid === same) }
    case 'PARTUUID':
      return { matches: all.filter(({ partition }) => partition.uuid === same) }
    case 'LABEL':
      return { matches: all.filter(({ fs }) => fs.label !== '' && fs.label === value) }
    case 'PARTLABEL':
      return { matches: all.filter(({ partition }) => partition.name === value) }
    case 'ID':
      return findById(value, all)
  }
}

/** udev names an EBS volume by the serial number its NVMe controller reports, which is the volume id without its hyphen. */
function findById(id: string, all: readonly LocatedFileSystem[]): FoundSource {
  const [, hex, part] = /^nvme-(?:Amazon_Elastic_Block_Store_vol|nvme\.1d0f-766f6c)([0-9a-f]+)(?:.*-part(\d+))?/.exec(id) ?? []
  if (hex === undefined) return { matches: [], reason: 'this by-id link names no EBS volume' }
  const digits = id.startsWith('nvme-nvme.') ? Buffer.from(hex, 'hex').toString('latin1') : hex
  return { matches: onVolume(`vol-${digits}`, part, all) }
}

function onVolume(volume: string, part: string | undefined, all: readonly LocatedFileSystem[]): readonly LocatedFileSystem[] {
  const partition = part === undefined ? undefined : Number(part)
  return all.filter((at) => at.volume === volume && at.partition.index === partition)
}

/** udev writes what may not stand in a link's name as `\x20`. */
function decodeUdev(value: string): string {
  return value.replace(/(?:\\x[0-9a-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll('\\x', ''), 'hex').toString('utf8'))
}
