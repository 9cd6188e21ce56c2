import type { Run } from '../../run.js'

/** What fast commits did to one directory. */
export interface DirChanges {
  /** It was made by one: its blocks, if it seems to have any, are of an earlier life. */
  readonly made: boolean
  /** Names that are there, or are not, whatever its blocks say; a name's bytes stand as the characters U+0000 to U+00FF. */
  readonly names: ReadonlyMap<string, NamedInode | undefined>
}

export interface NamedInode {
  readonly ino: number
  /** As a directory records it. */
  readonly fileType: number
}

/** What fast commits changed apart from inodes, which are patched in their tables. */
export interface FastCommitState {
  /** Where the data of files lies whose extents they changed, by inode number. */
  readonly runs: ReadonlyMap<number, readonly Run[]>
  /** By inode number. */
  readonly directories: ReadonlyMap<number, DirChanges>
}

/** The form in which `DirChanges` holds a name. */
export function nameKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}
