import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { extDriver } from '../../src/fs/ext/index.js'
import { compareEntries } from '../support/compare.js'
import { buildExt } from '../support/ext-image.js'
import { folderIn, oracleMissing, parseSize, scratchFolder, sparseFile } from '../support/image.js'
import { listing } from '../support/listing.js'
import { withImage } from '../support/mount.js'
import * as fill from '../support/recipes.js'
import { SOME } from './ext-fills.js'

const missing = oracleMissing('mke2fs', 'debugfs')
let scratch: ReturnType<typeof scratchFolder>
beforeAll(() => {
  scratch = scratchFolder()
})
afterAll(() => scratch?.remove())

const LAYOUTS = [
  '-t ext4 -b 1024',
  '-t ext4 -b 1024 -O ^flex_bg',
  '-t ext4 -b 4096',
  '-t ext4 -b 1024 -O bigalloc -C 8192',
  '-t ext2 -b 1024',
  '-t ext3 -b 4096',
]

describe.skipIf(missing)('ext: images cut at the end', () => {
  test.each(LAYOUTS)('%s', async (make) => {
    const size = '48M'
    const { image, truth } = await buildExt(
      { name: make, size, make, fill: [...SOME, fill.wide(60)] },
      folderIn(scratch.path, make.replace(/\W/g, '')),
    )
    for (const part of [0.999, 0.75, 0.5, 0.3, 0.1, 0.02]) {
      sparseFile(image, Math.floor(parseSize(size) * part) - 513)
      const { entries, issues } = await withImage(extDriver, image, async (fs) => ({ entries: await listing(fs), issues: fs.issues }))
      expect(compareEntries(truth, entries, { partial: true }), `cut to ${part}`).toEqual([])
      expect(entries[0]?.path).toBe('/')
      if (entries.filter((entry) => entry.error === undefined).length < truth.length) {
        expect(issues.length + entries.filter((entry) => entry.error !== undefined).length, `cut to ${part}`).toBeGreaterThan(0)
      }
    }
  })
})
