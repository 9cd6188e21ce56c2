import { Tree } from '../fs/index.js'
import type { OpenMachine, OpenPartition, OpenVolume } from '../index.js'

/** A tree to list, and the path under which it is listed. */
export interface SelectedTree {
  /** Empty for the tree that is listed from `/`, else `/<volume>:<partition>`. */
  readonly prefix: string
  readonly tree: Tree
}

/** What of a machine is listed, and why the rest cannot be. */
export interface Selection {
  readonly trees: readonly SelectedTree[]
  readonly refused: readonly string[]
}

/**
 * The whole machine: its first system from `/`, every further system and every filesystem that none of them mounts under its own name.
 * A lone filesystem is listed from `/` as well.
 */
export function selectMachine({ machine, volumes }: OpenMachine): Selection {
  const all = [...machine.systems, ...machine.loose]
  const first = machine.systems.length > 0 || all.length === 1 ? all[0] : undefined
  const trees = all.map((root) => ({ prefix: root === first ? '' : `/${root.id}`, tree: root.tree }))
  const refused = volumes.flatMap(refusals)
  if (trees.length === 0 && refused.length === 0) refused.push('no filesystem was found')
  return { trees, refused }
}

/**
 * One filesystem alone, without what is mounted in it. `which` is a partition number (of the first volume), `volume:partition` (both counted from
 * 1; a disk without a partition table counts as its own partition 1), `vg/lv`, or a filesystem's UUID.
 */
export function selectFileSystem({ volumes }: OpenMachine, which: string): Selection {
  const found = find(volumes, which)
  if (typeof found === 'string') return { trees: [], refused: [found] }
  const { volume, partition } = found
  if (partition.fs) return { trees: [{ prefix: '', tree: new Tree(partition.fs) }], refused: [] }
  return { trees: [], refused: [describe(volume, partition)] }
}

function find(volumes: readonly OpenVolume[], which: string): { volume: OpenVolume; partition: OpenPartition } | string {
  const all = volumes.flatMap((volume) => volume.partitions.map((partition) => ({ volume, partition })))
  const [, volumeNumber = '1', partitionNumber] = /^(?:(\d+):)?(\d+)$/.exec(which) ?? []
  if (partitionNumber === undefined) {
    if (which.includes('/')) return `${which}: logical volumes are not read`
    return all.find(({ partition }) => partition.fs?.uuid === which.toLowerCase()) ?? `no filesystem has the UUID ${which}`
  }
  const volume = volumes[Number(volumeNumber) - 1]
  if (!volume) return `there is no volume ${volumeNumber}`
  if (!volume.disk) return `${volume.id}: ${volume.reason}`
  const number = Number(partitionNumber)
  return (
    all.find((entry) => entry.volume === volume && (entry.partition.partition.index ?? 1) === number) ??
    `${volume.id} has no partition ${partitionNumber}`
  )
}

/** What of a volume may hold files and was not read; a disk with nothing on it counts. */
function refusals(volume: OpenVolume): string[] {
  if (volume.outcome === 'failed' || volume.outcome === 'unsupported') return [`${volume.id}: ${volume.reason}`]
  const isBlank = ({ partition, contents }: OpenPartition): boolean => partition.scheme === 'none' && contents === 'empty'
  return volume.partitions
    .filter((partition) => (partition.outcome !== 'read' && partition.outcome !== 'ignored') || isBlank(partition))
    .map((partition) => describe(volume, partition))
}

function describe(volume: OpenVolume, { partition, contents, reason }: OpenPartition): string {
  const place = partition.index === undefined ? volume.id : `${volume.id} partition ${partition.index}`
  return `${place}: ${reason ?? `${contents} holds no files`}`
}
