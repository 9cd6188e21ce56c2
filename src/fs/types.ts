import type { ByteRange, Reader } from '../io/types.js'
import type { Issue } from '../model.js'

export type FileType = 'file' | 'dir' | 'symlink' | 'char' | 'block' | 'fifo' | 'socket'

/**
 * What `lstat(2)` tells. Names and paths are strings in which every byte that is not valid UTF-8 stands as one lone surrogate
 * U+DC80..U+DCFF (see `fs/name.ts`), so that they convert back to the exact bytes.
 */
export interface Stat {
  readonly ino: number
  readonly type: FileType
  /** Bytes; for a symlink the length of its target. */
  readonly size: number
  /** Permission bits with setuid, setgid and sticky; without the type. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly nlink: number
  /** Whole seconds since the epoch, floored. */
  readonly mtime: number
  /** 0..999,999,999. */
  readonly mtimeNs: number
  readonly ctime: number
  readonly ctimeNs: number
  /** `major:minor` of a device node. */
  readonly rdev?: string
  /** Contents (of a file) or names (of a directory) are encrypted: listed as stored, never readable. */
  readonly encrypted?: boolean
  /** The inode's metadata is damaged: why. The other fields are as far as they could be read. */
  readonly error?: string
}

export interface DirEntry {
  readonly name: string
  readonly ino: number
  /** Absent where the directory does not record it. */
  readonly type?: FileType
}

/** An entry met by a walk; valid only during the visit, so copy what you keep. */
export interface WalkEntry {
  /** `/`-rooted, `/` for the root itself. */
  readonly path: string
  /** Last component; empty for the root. */
  readonly name: string
  readonly stat: Stat
  /** Why the inode, or the list of a directory, could not be (wholly) read. */
  readonly error?: string
}

/** Return `'skip'` on a directory to leave its contents out. */
export type WalkVisitor = (entry: WalkEntry) => 'skip' | undefined

export interface WalkOptions {
  readonly signal?: AbortSignal
  /** Entries after which the walk stops with a LimitError; 50 million by default. */
  readonly maxEntries?: number
}

/** A file's contents: holes and unwritten extents read as zeros, and a block that cannot be had rejects. */
export interface FileHandle extends Reader {
  readonly stat: Stat
  /** Where the data lies, in bytes of the filesystem's reader, in file order: what its `prefetch` takes. Inline data and holes are absent. */
  extents(): Promise<readonly ByteRange[]>
}

/** Whether what was written last is visible. */
export interface JournalState {
  /** `dirty`: it holds newer metadata that has not been applied. `none`: the filesystem has no journal. */
  readonly state: 'none' | 'clean' | 'dirty' | 'replayed'
  /** What is known of it: `external, device UUID …`, `12 transactions`. */
  readonly detail?: string
}

/** A mounted filesystem, addressed by inode as the kernel's VFS does; paths are the tree's business (`fs/tree.ts`). */
export interface FileSystem {
  /** `ext2`, `ext3`, `ext4`, `xfs`. */
  readonly kind: string
  /** Lower case with hyphens. */
  readonly uuid: string
  readonly label: string
  /** Bytes per block of the filesystem. */
  readonly blockSize: number
  readonly sizeBytes: number
  /** Feature names as the reference tools print them (`dumpe2fs`, `xfs_info`). */
  readonly features: readonly string[]
  readonly journal: JournalState
  /** Inode number of the root directory. */
  readonly root: number
  /** Bytes of the filesystem, for `prefetch` of what `FileHandle.extents` gives. */
  readonly reader: Reader
  /** Everything found damaged so far, by mounting, walking or reading; grows as reading goes on, bounded. */
  readonly issues: readonly Issue[]
  stat(ino: number): Promise<Stat>
  /** Inode number of `name` in a directory, or undefined. @throws PathError ENOTDIR */
  lookup(dir: number, name: string): Promise<number | undefined>
  /** Without `.` and `..`, in the directory's own order. @throws PathError ENOTDIR */
  readdir(dir: number): Promise<readonly DirEntry[]>
  readlink(ino: number): Promise<string>
  /** @throws PathError EISDIR, EINVAL (not a regular file); UnsupportedError (encrypted) */
  open(ino: number): Promise<FileHandle>
  /** Every entry once per name, parents before their children, the root first. */
  walk(visit: WalkVisitor, options?: WalkOptions): Promise<void>
}

/** One kind of filesystem: how to recognise and how to mount it. Register it in `fs/index.ts`. */
export interface FileSystemDriver {
  readonly name: string
  /** Sync over the first `PROBE_BYTES` of a partition (fewer where it is smaller). */
  probe(head: Uint8Array): boolean
  /** @throws UnsupportedError naming the feature, CorruptError */
  mount(reader: Reader, options?: MountOptions): Promise<FileSystem>
  /** Find a filesystem whose first superblock is gone by its backups; only asked where nothing else was recognised. */
  recover?(reader: Reader): Promise<boolean>
}

export interface MountOptions {
  readonly signal?: AbortSignal
}
