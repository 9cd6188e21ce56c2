import { afterAll, describe, expect, test } from 'vitest'
import { extDriver } from '../../src/fs/ext/index.js'
import { compareEntries } from '../support/compare.js'
import { buildExt } from '../support/ext-image.js'
import { folderIn, oracleMissing, scratchFolder } from '../support/image.js'
import { listing } from '../support/listing.js'
import { withImage } from '../support/mount.js'
import { EXT_ROWS } from './ext-rows.js'

const missing = oracleMissing('mke2fs', 'debugfs', 'dumpe2fs', 'tune2fs', 'resize2fs', 'e2fsck', 'fallocate', 'chattr')
if (missing) console.warn(`ext oracle tests skipped: ${missing}`)
const scratch = scratchFolder()
afterAll(() => scratch.remove())

let count = 0

for (const [group, rows] of Object.entries(EXT_ROWS)) {
  describe.skipIf(missing)(`ext: ${group}`, () => {
    test.for(rows)('$name', async (row, { skip }) => {
      skip(row.unless?.() !== undefined, row.unless?.())
      const folder = folderIn(scratch.path, String(count++))
      const { image, truth } = await buildExt(row, folder)
      const actual = await withImage(extDriver, image, listing)
      expect(compareEntries(truth, actual, row.compare)).toEqual([])
      expect(truth.length).toBeGreaterThan(2)
    })
  })
}
