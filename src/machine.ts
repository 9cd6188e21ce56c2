import { messageOf, ScanError } from './errors.js'
import { Tree } from './fs/tree.js'
import { mountFstab } from './machine/fstab-mounts.js'
import { type LocatedFileSystem, locationId } from './machine/located.js'
import type { Issue, MountInfo, OsRelease } from './model.js'
import { identifyOs } from './os/index.js'

export type { LocatedFileSystem } from './machine/located.js'

/** One operating system with everything its fstab mounts. */
export interface System {
  /** `/` for the first, else where its root lies: `vol-1:2`. */
  readonly id: string
  readonly os: OsRelease
  readonly tree: Tree
  readonly root: LocatedFileSystem
  /** The root first. */
  readonly mounts: readonly MountInfo[]
}

/** A filesystem that no system mounts, from its own root. */
export interface LooseFileSystem {
  /** `vol-1:2`, or `vol-1` for a volume without a partition table. */
  readonly id: string
  readonly tree: Tree
  readonly at: LocatedFileSystem
}

export interface Machine {
  /** The one on the root volume first. */
  readonly systems: readonly System[]
  readonly loose: readonly LooseFileSystem[]
  readonly issues: readonly Issue[]
}

/** What os-release(5) says where there is none. */
const UNKNOWN_OS: OsRelease = { id: 'linux', idLike: [], name: 'Linux' }

/**
 * Make one tree of every system on the volumes. A root is a filesystem that says which operating system it is, or that has the fstab and
 * passwd of one; its own fstab mounts the others. A root that an earlier system mounts is part of that system. What no system mounts is
 * `loose`, so that every filesystem is in at least one tree.
 */
export async function composeMachine(filesystems: readonly LocatedFileSystem[]): Promise<Machine> {
  const all = [...filesystems].sort((a, b) => a.volumeIndex - b.volumeIndex || a.partition.startByte - b.partition.startByte)
  const issues: Issue[] = []
  const systems: System[] = []
  const inTree = new Set<LocatedFileSystem>()
  for (const root of all) {
    if (inTree.has(root)) continue
    const tree = new Tree(root.fs)
    if (!(await tolerating(issues, root, () => isRoot(tree)))) continue
    const { mounts, mounted, issues: found } = await mountFstab(tree, root, all)
    issues.push(...found)
    for (const at of mounted) inTree.add(at)
    const os = (await tolerating(issues, root, () => identifyOs(tree))) ?? UNKNOWN_OS
    systems.push({ id: systems.length === 0 ? '/' : locationId(root), os, tree, root, mounts })
  }
  const loose = all.filter((at) => !inTree.has(at)).map((at) => ({ id: locationId(at), tree: new Tree(at.fs), at }))
  return { systems, loose, issues }
}

/** By signs that hold even while `/usr`, where os-release proper lies, is not mounted yet. */
async function isRoot(tree: Tree): Promise<boolean> {
  if (await tree.lstat('/etc/os-release')) return true
  if ((await tree.stat('/etc/fstab')) && (await tree.stat('/etc/passwd'))) return true
  return (await identifyOs(tree)) !== undefined
}

/** The answer, or undefined with an issue where damage on the disk keeps it. */
async function tolerating<T>(issues: Issue[], { volume, partition, fs }: LocatedFileSystem, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof ScanError)) throw error
    const where = { volume, ...(partition.index === undefined ? {} : { partition: partition.index }), filesystem: fs.uuid }
    issues.push({ stage: 'machine', code: error.code, message: messageOf(error), where, incomplete: true })
    return undefined
  }
}
