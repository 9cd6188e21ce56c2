import type { FastCommitState } from './jbd2/fast-commit-state.js'
import type { Superblock } from './superblock.js'

/** What block pointers are held to. */
export interface BlockSpace {
  readonly superblock: Superblock
  /** Absent where none were applied. */
  readonly fastCommits?: FastCommitState | undefined
  /** Whether the blocks may belong to a file: inside the filesystem, and not of its own tables. */
  isFileSpace(fsBlock: number, blockCount: number): boolean
}
