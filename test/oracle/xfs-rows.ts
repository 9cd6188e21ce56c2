import type { XfsRow } from '../support/xfs-image.js'
import { DIRECTORIES, FILES } from './xfs-rows-contents.js'
import { CASE_INSENSITIVE, VERSION_4 } from './xfs-rows-copied.js'
import { FEATURES } from './xfs-rows-features.js'
import { AGS, BLOCK_SIZES, DIRECTORY_SIZES, INODE_SIZES } from './xfs-rows-layout.js'
import { RANDOM } from './xfs-rows-random.js'

export const XFS_ROWS: Readonly<Record<string, readonly XfsRow[]>> = {
  'blocks and sectors': BLOCK_SIZES,
  inodes: INODE_SIZES,
  'directory blocks': DIRECTORY_SIZES,
  AGs: AGS,
  features: FEATURES,
  directories: DIRECTORIES,
  files: FILES,
  'version 4': VERSION_4,
  'names without case': CASE_INSENSITIVE,
  'random layouts': RANDOM,
}
