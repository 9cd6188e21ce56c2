import { messageOf, ScanError } from '../errors.js'
import { type FstabEntry, parseFstab } from '../formats/fstab.js'
import { decodeName } from '../fs/name.js'
import { isWithin, splitPath } from '../fs/path.js'
import type { Tree } from '../fs/tree.js'
import type { FileSystem } from '../fs/types.js'
import type { Issue, MountInfo } from '../model.js'
import { type LocatedFileSystem, locationId } from './located.js'
import { findSource, namesDevice } from './source.js'

const FSTAB = '/etc/fstab'
/** Some thousand lines; each costs a path to resolve. */
const MAX_FSTAB_BYTES = 64 * 1024

/** What fstab made of a system's tree. */
export interface FstabMounts {
  /** The root first, then by path. */
  readonly mounts: readonly MountInfo[]
  /** The filesystems that are part of the tree. */
  readonly mounted: ReadonlySet<LocatedFileSystem>
  readonly issues: readonly Issue[]
}

/**
 * Mount what `/etc/fstab` names into a system's tree as booting it would: parents before children, a later entry over an earlier one for
 * the same place. Entries with `noauto` are left (unless systemd mounts them on access), as are swap, network shares and the kernel's own
 * filesystems. A bind mount, and a second mount of the same filesystem, is recorded only: its files are in the tree once.
 */
export async function mountFstab(tree: Tree, root: LocatedFileSystem, all: readonly LocatedFileSystem[]): Promise<FstabMounts> {
  const issues: Issue[] = []
  const report = (code: Issue['code'], message: string, incomplete: boolean): void => {
    const where = { volume: root.volume, ...partitionOf(root), filesystem: root.fs.uuid, path: FSTAB }
    issues.push({ stage: 'machine', code, message, where, incomplete })
  }
  const byPath = new Map<string, LocatedFileSystem>([['/', root]])
  const again: MountInfo[] = []
  const binds: FstabEntry[] = []

  for (const entry of inMountOrder(await readEntries(tree, report))) {
    if (isBind(entry)) {
      binds.push(entry)
      continue
    }
    const found = choose(entry, root, all, report)
    if (!found) continue
    try {
      const { path } = await tree.resolve(entry.target)
      if (path === '/') {
        report('PATH', `line ${entry.line}: ${locationId(found)} would hide the whole tree`, false)
      } else if ([...byPath.values()].includes(found)) {
        again.push(mountInfo(path, found))
      } else {
        await tree.mount(path, found.fs)
        for (const [hiddenPath, hidden] of byPath) {
          if (!isWithin(hiddenPath, path)) continue
          byPath.delete(hiddenPath)
          report('PATH', `line ${entry.line}: ${locationId(found)} hides ${locationId(hidden)} at ${JSON.stringify(hiddenPath)}`, false)
        }
        byPath.set(path, found)
      }
    } catch (error) {
      if (!(error instanceof ScanError)) throw error
      report(error.code, `line ${entry.line}: ${locationId(found)} cannot be mounted: ${messageOf(error)}`, false)
    }
  }
  for (const bind of binds) again.push(...(await bindInfo(tree, bind, all)))
  const mounts = [...byPath].map(([path, at]) => mountInfo(path, at))
  return { mounts: [...mounts, ...again], mounted: new Set(byPath.values()), issues }
}

type Report = (code: Issue['code'], message: string, incomplete: boolean) => void

async function readEntries(tree: Tree, report: Report): Promise<readonly FstabEntry[]> {
  try {
    if ((await tree.stat(FSTAB))?.type !== 'file') return []
    const { entries, errors } = parseFstab(decodeName(await tree.read(FSTAB, MAX_FSTAB_BYTES)))
    for (const error of errors) report('PARSE', messageOf(error), false)
    return entries
  } catch (error) {
    if (!(error instanceof ScanError)) throw error
    report(error.code, messageOf(error), true)
    return []
  }
}

/** The entries that booting mounts, parents before children; those for one place in the order of their lines. */
function inMountOrder(entries: readonly FstabEntry[]): readonly FstabEntry[] {
  const sortKey = (entry: FstabEntry): string => `/${splitTarget(entry.target).join('/')}`
  return entries
    .filter(isMounted)
    .map((entry) => ({ entry, key: sortKey(entry) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ entry }) => entry)
}

/** Components of a target; one too long to be a path keeps its place and fails when it is mounted. */
function splitTarget(target: string): readonly string[] {
  try {
    return splitPath(target)
  } catch {
    return [target]
  }
}

function isMounted(entry: FstabEntry): boolean {
  const { source, target, type, options } = entry
  if (!target.startsWith('/') || splitTarget(target).length === 0 || type === 'swap') return false
  if (options.includes('noauto') && !options.includes('x-systemd.automount')) return false
  return namesDevice(source) || isBind(entry) || options.includes('loop')
}

function isBind({ options }: FstabEntry): boolean {
  return options.includes('bind') || options.includes('rbind')
}

/** The EFI system partition and its like: no driver reads it, and it holds no packages. */
function isFirmware({ target, type }: FstabEntry): boolean {
  return ['vfat', 'msdos', 'auto'].includes(type) && /^\/(boot|efi)(\/|$)/.test(target)
}

/** The filesystem that an entry means: of several alike, the one on the root's own volume, else the first. */
function choose(
  entry: FstabEntry,
  root: LocatedFileSystem,
  all: readonly LocatedFileSystem[],
  report: Report,
): LocatedFileSystem | undefined {
  const { matches, guess, reason } = findSource(entry.source, all)
  const found = matches.find((at) => at.volume === root.volume) ?? matches[0]
  const line = `line ${entry.line}: ${JSON.stringify(entry.source)}`
  if (!found) {
    const why = reason ?? 'no filesystem that was read is it'
    if (!isFirmware(entry)) report('PATH', `${line} for ${JSON.stringify(entry.target)}: ${why}`, !entry.options.includes('nofail'))
    return undefined
  }
  if (matches.length > 1) {
    const ids = matches.map(locationId).join(', ')
    report('CONFIG', `${line} is each of ${ids}; ${locationId(found)} was taken`, false)
  }
  if (guess) report('CONFIG', `${line} was taken to be ${locationId(found)}: ${guess}`, false)
  return found
}

async function bindInfo(tree: Tree, { source, target }: FstabEntry, all: readonly LocatedFileSystem[]): Promise<readonly MountInfo[]> {
  try {
    const from = await tree.resolve(source)
    const { path } = await tree.resolve(target)
    const at = locate(from.mount.fs, all)
    return at ? [mountInfo(path, at)] : []
  } catch (error) {
    if (error instanceof ScanError) return [] // nothing of the inventory depends on it
    throw error
  }
}

function locate(fs: FileSystem, all: readonly LocatedFileSystem[]): LocatedFileSystem | undefined {
  return all.find((at) => at.fs === fs)
}

function mountInfo(path: string, at: LocatedFileSystem): MountInfo {
  return { path, volume: at.volume, ...partitionOf(at), filesystem: at.fs.uuid }
}

function partitionOf({ partition }: LocatedFileSystem): { partition?: number } {
  return partition.index === undefined ? {} : { partition: partition.index }
}
