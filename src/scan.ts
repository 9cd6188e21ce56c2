import { matchPackages } from './advisories/match.js'
import type { AdvisoryStore } from './advisories/types.js'
import { type InventoryTree, takeInventory } from './catalogers/inventory.js'
import { coverVolumes } from './coverage.js'
import type { ReadStats } from './io/types.js'
import { composeMachine, type LocatedFileSystem, type Machine } from './machine/index.js'
import type { Issue, ScanResult, ScanStats } from './model.js'
import type { ProgressEvent } from './model/instance.js'
import { identifyOs } from './os/index.js'
import { VERSION } from './version.js'
import { type OpenVolume, openVolume, type VolumeInput } from './volume.js'

export interface OpenOptions {
  readonly signal?: AbortSignal | undefined
  /** Bound of the block caches of all volumes together in bytes; 64 MiB by default. */
  readonly cacheBytes?: number
  readonly onProgress?: ((event: ProgressEvent) => void) | undefined
}

export interface ScanOptions extends OpenOptions {
  /** Without a store the result has packages and no findings. */
  readonly advisories?: AdvisoryStore | undefined
}

/** The disks of one machine, mounted and composed into its systems. */
export interface OpenMachine {
  readonly volumes: readonly OpenVolume[]
  readonly machine: Machine
  /** Of the disks, filesystems and the composition so far. */
  readonly issues: readonly Issue[]
  /** What reading cost so far, over all volumes. */
  stats(): ReadStats
}

/**
 * Open the volumes of one machine, the root volume first, and compose their filesystems by fstab.
 * @throws only `signal.reason`: whatever cannot be read is told in `volumes` and `issues`
 */
export async function openMachine(inputs: readonly VolumeInput[], options: OpenOptions = {}): Promise<OpenMachine> {
  const cacheBytes = (options.cacheBytes ?? 64 * 1024 * 1024) / Math.max(1, inputs.length)
  const volumes = await Promise.all(inputs.map((input) => openVolume(input, cacheBytes, options.signal)))
  const located = volumes.flatMap(locate)
  const machine = await composeMachine(located)
  return {
    volumes,
    machine,
    get issues() {
      return [...volumes.flatMap((volume) => volume.issues), ...located.flatMap(issuesOf), ...machine.issues]
    },
    stats: () => volumes.reduce((sum, { reader }) => add(sum, reader.stats), { blocks: 0, bytes: 0, cacheHits: 0 }),
  }
}

/**
 * Scan the volumes of one machine: list every package, and match them against advisories.
 * @throws only `signal.reason`; the result says what could not be read
 */
export async function scanVolumes(inputs: readonly VolumeInput[], options: ScanOptions = {}): Promise<ScanResult> {
  const started = Date.now()
  const opened = await openMachine(inputs, options)
  const progress = (step: string): void => {
    const { blocks, bytes } = opened.stats()
    options.onProgress?.({ phase: 'scan', step, blocks, bytes })
  }
  progress('listing packages')
  const ticking = setInterval(() => progress('listing packages'), 100)
  const inventory = await takeInventory(treesOf(opened.machine), { signal: options.signal }).finally(() => clearInterval(ticking))
  progress('matching advisories')
  const findings = options.advisories ? matchPackages(inventory.packages, options.advisories) : { findings: [], issues: [] }
  const volumes = coverVolumes(opened, inventory)
  const issues = [...opened.issues, ...inventory.issues, ...findings.issues]
  const finished = Date.now()
  return {
    schemaVersion: 1,
    scanner: { name: 'snapsight', version: VERSION },
    startedAt: new Date(started).toISOString(),
    finishedAt: new Date(finished).toISOString(),
    status: isComplete(volumes, issues) ? 'complete' : 'incomplete',
    systems: opened.machine.systems.map(({ id, os, root, mounts }) => ({ id, os, root: locationOf(root), mounts })),
    volumes,
    catalogers: inventory.catalogers,
    packages: inventory.packages,
    findings: findings.findings,
    issues,
    ...(options.advisories ? { database: options.advisories.info } : {}),
    stats: statsOf(opened.stats(), finished - started),
  }
}

/** The trees to list: every system's, then every filesystem's that belongs to none. */
function treesOf(machine: Machine): InventoryTree[] {
  const systems = machine.systems.map(({ id, tree, os }): InventoryTree => ({
    tree,
    system: id,
    locate: (fs) => locationOfFileSystem(machine, fs),
    osRelease: async (root) => (root === '/' ? os : identifyOs(tree.subtree(root))),
  }))
  const loose = machine.loose.map(({ tree }): InventoryTree => ({
    tree,
    locate: (fs) => locationOfFileSystem(machine, fs),
    osRelease: (root) => identifyOs(tree.subtree(root)),
  }))
  return [...systems, ...loose]
}

/** Complete only where no issue and no unread partition can hide a package. */
function isComplete(volumes: ScanResult['volumes'], issues: readonly Issue[]): boolean {
  if (issues.some((issue) => issue.incomplete)) return false
  return volumes.every((volume) => isRead(volume.outcome) && volume.partitions.every((partition) => isRead(partition.outcome)))
}
