import { LimitError, type ScanError } from '../errors.js'
import type { EntryList, Segment } from './entry-list.js'
import type { InodeStore } from './inode-store.js'
import type { IssueLog } from './issue-log.js'
import type { FileType, Stat, WalkVisitor } from './types.js'

/** All metadata of a filesystem, as read. */
export interface Catalog {
  /** Inode number of the root directory. */
  readonly root: number
  readonly inodes: InodeStore
  readonly entries: EntryList
  /** By inode number. */
  readonly directories: ReadonlyMap<number, ListedDirectory>
  readonly log: IssueLog
  /** Whether a directory may name this inode. */
  mayBeNamed(ino: number): boolean
  /** What is wrong with an inode, as an error of the right code. */
  problem(ino: number, error: string): ScanError
}

export interface ListedDirectory {
  /** In order of the directory. */
  readonly segments: readonly Segment[]
  /** Names are ciphertext. */
  readonly encrypted: boolean
  /** Why not all of its entries are known, or not for sure. */
  readonly error: string | undefined
}

/** Entries between two looks at the signal. */
const SIGNAL_INTERVAL = 4096

interface Frame {
  readonly directory: ListedDirectory
  /** Of the directory, with a slash at its end. */
  readonly prefix: string
  segment: number
  entry: number
}

/**
 * Visit what was read, from the root: depth first, in the order of each directory, without recursion. What is damaged is told to the
 * visitor, and logged, where it is met: what no name leads to is of no concern.
 */
export function visitTree(catalog: Catalog, visit: WalkVisitor, maxEntries: number, signal: AbortSignal | undefined): void {
  const { entries, log } = catalog
  const reached = new Set<number>()
  const stack: Frame[] = []
  let visited = 0

  const emit = (path: string, name: string, ino: number, type: FileType | undefined): void => {
    if (visited >= maxEntries) throw new LimitError('entries', maxEntries)
    if (visited++ % SIGNAL_INTERVAL === 0) signal?.throwIfAborted()
    const known = catalog.inodes.stat(ino) ?? missingInode(catalog, ino)
    const stat = known.error !== undefined && type ? { ...known, type } : known
    const directory = stat.type === 'dir' ? catalog.directories.get(ino) : undefined
    let error = stat.error
    if (!catalog.mayBeNamed(ino)) error ??= `inode ${ino} is reserved`
    if (directory && reached.has(ino)) error ??= `directory ${ino} is reached a second time`
    error ??= directory?.error
    if (error !== undefined) log.add(catalog.problem(ino, error), true)
    if (visit(error === undefined ? { path, name, stat } : { path, name, stat, error }) === 'skip') return
    if (!directory || reached.has(ino)) return
    reached.add(ino)
    stack.push({ directory, prefix: path === '/' ? path : `${path}/`, segment: 0, entry: directory.segments[0]?.start ?? 0 })
  }

  emit('/', '', catalog.root, 'dir')
  for (let frame = stack.at(-1); frame; frame = stack.at(-1)) {
    const segment = frame.directory.segments[frame.segment]
    if (!segment) stack.pop()
    else if (frame.entry === segment.end) frame.entry = frame.directory.segments[++frame.segment]?.start ?? 0
    else {
      const i = frame.entry++
      if (entries.ino(i) === 0) continue
      const name = entries.name(i, frame.directory.encrypted)
      emit(frame.prefix + name, name, entries.ino(i), entries.type(i))
    }
  }
}

/** What can be said of an inode that is free or lost. */
function missingInode(catalog: Catalog, ino: number): Stat {
  const error = catalog.inodes.isLost(ino) ? `inode ${ino} cannot be read` : `inode ${ino} is free`
  return { ino, type: 'file', size: 0, mode: 0, uid: 0, gid: 0, nlink: 0, mtime: 0, mtimeNs: 0, ctime: 0, ctimeNs: 0, error }
}
