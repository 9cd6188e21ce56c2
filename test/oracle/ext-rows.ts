import type { ExtRow } from '../support/ext-image.js'
import { DIRECTORIES, FILES, INLINE } from './ext-rows-contents.js'
import { FEATURES } from './ext-rows-features.js'
import { INODES, LARGE_BLOCKS, SIZES, VERSIONS } from './ext-rows-layout.js'
import { RANDOM } from './ext-rows-random.js'
import { RESCUED } from './ext-rows-rescue.js'

export const EXT_ROWS: Readonly<Record<string, readonly ExtRow[]>> = {
  versions: VERSIONS,
  inodes: INODES,
  features: FEATURES,
  'inline data': INLINE,
  directories: DIRECTORIES,
  files: FILES,
  sizes: SIZES,
  'backup structures': RESCUED,
  'large blocks': LARGE_BLOCKS,
  'random layouts': RANDOM,
}
