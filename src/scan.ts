import { matchPackages, type UnmatchedPackage } from './advisories/match.js'
import type { AdvisoryStore } from './advisories/types.js'
import { type InventoryTree, takeInventory } from './catalogers/inventory.js'
import { coverVolumes } from './coverage.js'
import type { FileSystem } from './fs/types.js'
import type { ReadStats } from './io/types.js'
import { locationOf } from './machine/located.js'
import { composeMachine, type LocatedFileSystem, type Machine } from './machine.js'
import type { Issue, Location, Outcome, Package, ProgressEvent, ScanResult } from './model.js'
import { markBootKernels } from './os/boot/kernel-package.js'
import { identifyOs } from './os/index.js'
import { describeSystems } from './systems.js'
import { VERSION } from './version.js'
import { type OpenVolume, openVolume, type VolumeInput } from './volume.js'

const CACHE_BYTES = 64 * 1024 * 1024
const PROGRESS_MS = 100

export interface OpenOptions {
  readonly signal?: AbortSignal | undefined
  /** Bound of the block caches of all volumes together in bytes; 64 MiB by default. */
  readonly cacheBytes?: number | undefined
  readonly onProgress?: ((event: ProgressEvent) => void) | undefined
}

export interface ScanOptions extends OpenOptions {
  /** Without a store the result has packages and no findings. */
  readonly advisories?: AdvisoryStore | undefined
}

/** The disks of one machine, mounted and composed into its systems. */
export interface OpenMachine {
  readonly volumes: readonly OpenVolume[]
  /** Every filesystem that was mounted. */
  readonly filesystems: readonly LocatedFileSystem[]
  readonly machine: Machine
  /** Of the disks, the filesystems and their composition, as far as they have been read. */
  readonly issues: readonly Issue[]
  /** What reading cost so far, over all volumes. */
  stats(): ReadStats
}

/**
 * Open the volumes of one machine, the root volume first, and compose their filesystems by fstab.
 * @throws only `signal.reason`: what cannot be read is told in `volumes` and `issues`
 */
export async function openMachine(inputs: readonly VolumeInput[], options: OpenOptions = {}): Promise<OpenMachine> {
  const cacheBytes = (options.cacheBytes ?? CACHE_BYTES) / Math.max(1, inputs.length)
  const volumes = await Promise.all(inputs.map((input) => openVolume(input, cacheBytes, options.signal)))
  const filesystems = volumes.flatMap(locate)
  const machine = await composeMachine(filesystems)
  options.signal?.throwIfAborted()
  return {
    volumes,
    filesystems,
    machine,
    get issues() {
      return [...volumes.flatMap((volume) => volume.issues), ...filesystems.flatMap(issuesOf), ...machine.issues]
    },
    stats: () => sumStats(volumes),
  }
}

/**
 * Scan the volumes of one machine, the root volume first: list every package, and match them against advisories.
 * @throws only `signal.reason`: the result says what could not be read
 */
export async function scanVolumes(inputs: readonly VolumeInput[], options: ScanOptions = {}): Promise<ScanResult> {
  const started = Date.now()
  const opened = await openMachine(inputs, options)
  const inventory = await reporting(opened, options, 'listing packages', () => takeInventory(treesOf(opened), { signal: options.signal }))
  const { systems, issues: systemIssues } = await describeSystems(opened.machine, new Date(started))
  const packages = markBootKernels(inventory.packages, systems)
  const { findings, unmatched } = options.advisories ? matchPackages(packages, options.advisories) : { findings: [], unmatched: [] }
  const volumes = coverVolumes(opened.volumes, opened.machine, inventory.entries)
  const issues = [
    ...opened.issues,
    ...systemIssues,
    ...inventory.issues,
    ...blankness(opened),
    ...bareSystems(opened.machine, inventory.packages),
    ...unmatchedIssues(unmatched),
  ]
  const finished = Date.now()
  return {
    schemaVersion: 1,
    scanner: { name: 'snapsight', version: VERSION },
    startedAt: new Date(started).toISOString(),
    finishedAt: new Date(finished).toISOString(),
    status: isComplete(volumes, issues) ? 'complete' : 'incomplete',
    systems,
    volumes,
    catalogers: inventory.catalogers,
    packages,
    findings,
    issues,
    ...(options.advisories && { database: options.advisories.info }),
    stats: { ...opened.stats(), requests: 0, listRequests: 0, retries: 0, usd: 0, milliseconds: finished - started },
  }
}

/** Runs one step while its progress is told. */
function reporting<T>(opened: OpenMachine, { onProgress }: ScanOptions, step: string, run: () => Promise<T>): Promise<T> {
  const tell = (): void => {
    const { blocks, bytes } = opened.stats()
    onProgress?.({ phase: 'scan', step, blocks, bytes })
  }
  tell()
  const timer = setInterval(tell, PROGRESS_MS)
  return run().finally(() => clearInterval(timer))
}

/** The trees to list: every system's, then every filesystem's that belongs to none. */
function treesOf({ machine: { systems, loose }, filesystems }: OpenMachine): InventoryTree[] {
  const places = new Map<FileSystem, Location>(filesystems.map((at) => [at.fs, locationOf(at)]))
  return [...systems, ...loose].map(
    (root): InventoryTree => ({
      tree: root.tree,
      ...('os' in root && { system: root.id }),
      locate: (fs) => places.get(fs) ?? {},
      osRelease: async (path) => ('os' in root && path === '/' ? root.os : identifyOs(await root.tree.chroot(path))),
    }),
  )
}

function locate(volume: OpenVolume, index: number): LocatedFileSystem[] {
  return volume.partitions.flatMap(({ fs, partition }) =>
    fs ? { fs, volume: volume.id, volumeIndex: index + 1, partition, ...(volume.device !== undefined && { device: volume.device }) } : [],
  )
}

/** A filesystem does not know on which volume it lies. */
function issuesOf(at: LocatedFileSystem): Issue[] {
  return at.fs.issues.map((issue) => ({ ...issue, where: { ...locationOf(at), ...issue.where } }))
}

/** Blank disks are more likely the wrong ones than a machine without packages. */
function blankness({ volumes, filesystems, issues }: OpenMachine): Issue[] {
  if (volumes.length === 0 || filesystems.length > 0 || issues.some((issue) => issue.incomplete)) return []
  const message = 'no filesystem that is read was found on any volume'
  return [{ stage: 'machine', code: 'UNSUPPORTED', message, where: {}, incomplete: true }]
}

/** A system without a single package of its own has a package database that was not found: what lists it lies elsewhere, or is damaged. */
function bareSystems({ systems }: Machine, packages: readonly Package[]): Issue[] {
  const listed = new Set(packages.filter(({ distro }) => distro).map(({ system }) => system))
  return systems
    .filter(({ id }) => !listed.has(id))
    .map(({ os, root }) => ({
      stage: 'catalog',
      code: 'UNSUPPORTED',
      message: `no package database that is read was found for ${os.prettyName ?? os.name}`,
      where: locationOf(root),
      incomplete: true,
    }))
}

/** One issue for each reason, as hundreds of packages share it. Nothing of the inventory is missing for it. */
function unmatchedIssues(unmatched: readonly UnmatchedPackage[]): Issue[] {
  const counts = new Map<string, number>()
  for (const { reason } of unmatched) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return [...counts].map(([reason, count]) => ({
    stage: 'match',
    code: 'UNSUPPORTED',
    message: `${count} packages were not matched against advisories: ${reason}`,
    where: {},
    incomplete: false,
  }))
}

/** Complete only where nothing that may hold packages stayed unread. */
function isComplete(volumes: ScanResult['volumes'], issues: readonly Issue[]): boolean {
  const isRead = (outcome: Outcome): boolean => outcome === 'read' || outcome === 'ignored'
  return (
    !issues.some((issue) => issue.incomplete) &&
    volumes.every((volume) => isRead(volume.outcome) && volume.partitions.every((partition) => isRead(partition.outcome)))
  )
}

function sumStats(volumes: readonly OpenVolume[]): ReadStats {
  const sum: ReadStats = { blocks: 0, bytes: 0, cacheHits: 0 }
  for (const { reader } of volumes) {
    sum.blocks += reader.stats.blocks
    sum.bytes += reader.stats.bytes
    sum.cacheHits += reader.stats.cacheHits
  }
  return sum
}
