import type { EntryCounts } from './catalogers/inventory.js'
import type { FileSystem } from './fs/types.js'
import type { Machine } from './machine.js'
import type { FileSystemCoverage, PartitionCoverage, VolumeCoverage } from './model.js'
import type { OpenPartition, OpenVolume } from './volume.js'

/** How far every volume, partition and filesystem was read, after the inventory was taken. */
export function coverVolumes(
  volumes: readonly OpenVolume[],
  machine: Machine,
  entries: ReadonlyMap<FileSystem, EntryCounts>,
): readonly VolumeCoverage[] {
  return volumes.map((volume) => ({
    volume: volume.id,
    ...(volume.device === undefined ? {} : { device: volume.device }),
    ...(volume.snapshotId === undefined ? {} : { snapshot: volume.snapshotId }),
    sizeBytes: volume.reader.size,
    outcome: volume.outcome,
    ...(volume.reason === undefined ? {} : { reason: volume.reason }),
    partitions: volume.partitions.map((partition) => coverPartition(partition, machine, entries)),
  }))
}

function coverPartition(open: OpenPartition, machine: Machine, entries: ReadonlyMap<FileSystem, EntryCounts>): PartitionCoverage {
  const { partition, contents, outcome, reason, fs } = open
  const type = partition.typeName ?? partition.typeId
  return {
    ...(partition.index === undefined ? {} : { partition: partition.index }),
    scheme: partition.scheme,
    ...(partition.name === undefined ? {} : { name: partition.name }),
    ...(type === undefined ? {} : { type }),
    startByte: partition.startByte,
    sizeBytes: partition.sizeBytes,
    contents,
    outcome,
    ...(reason === undefined ? {} : { reason }),
    ...(fs ? { filesystem: coverFileSystem(fs, machine, entries.get(fs)) } : {}),
  }
}

function coverFileSystem(fs: FileSystem, machine: Machine, counts: EntryCounts | undefined): FileSystemCoverage {
  const system = machine.systems.find(({ tree }) => tree.mounts.some((mount) => mount.fs === fs))
  const mountedAt = system?.tree.mounts.find((mount) => mount.fs === fs)?.path
  return {
    kind: fs.kind,
    uuid: fs.uuid,
    label: fs.label,
    ...(mountedAt === undefined ? {} : { mountedAt }),
    ...(system ? { system: system.id } : {}),
    journal: fs.journal.state,
    ...(fs.journal.detail === undefined ? {} : { journalDetail: fs.journal.detail }),
    entries: counts?.entries ?? 0,
    unreadableEntries: counts?.unreadable ?? 0,
  }
}
