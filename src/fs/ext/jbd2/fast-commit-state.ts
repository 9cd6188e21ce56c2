import type { Run } from '../../run.js'
import type { FileType } from '../../types.js'

/** What fast commits did to one directory. */
export interface DirChanges {
  /** It was made by one: it has no names but these. */
  readonly made: boolean
  /** Names, as `decodeName` gives them, that are there or are not, whatever its blocks say. */
  readonly names: ReadonlyMap<string, NamedInode | undefined>
}

export interface NamedInode {
  readonly ino: number
  /** Absent where the directory does not record it. */
  readonly type: FileType | undefined
}

/** What fast commits changed apart from inodes, which are patched in their tables. */
export interface FastCommitState {
  /** Where the data of files lies whose extents they changed, by inode number. */
  readonly runs: ReadonlyMap<number, readonly Run[]>
  /** By inode number. */
  readonly directories: ReadonlyMap<number, DirChanges>
}
