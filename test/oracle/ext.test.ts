import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { extDriver } from '../../src/fs/ext/index.js'
import { compareEntries } from '../support/compare.js'
import { buildExt } from '../support/ext-image.js'
import { folderIn, oracleMissing, scratchFolder } from '../support/image.js'
import { listing } from '../support/listing.js'
import { withImage } from '../support/mount.js'
import { EXT_ROWS } from './ext-rows.js'

const missing = oracleMissing('mke2fs', 'debugfs', 'dumpe2fs', 'tune2fs', 'resize2fs', 'e2fsck', 'fallocate', 'chattr')
if (missing) console.warn(`ext oracle tests skipped: ${missing}`)
let scratch: ReturnType<typeof scratchFolder>
beforeAll(() => {
  scratch = scratchFolder()
})
afterAll(() => scratch?.remove())

for (const [group, rows] of Object.entries(EXT_ROWS)) {
  describe.skipIf(missing)(`ext: ${group}`, () => {
    test.for(rows.map((row) => [row.name, row] as const))('%s', async ([, row], { skip, onTestFinished }) => {
      skip(row.unless?.() !== undefined, row.unless?.())
      const folder = folderIn(scratch.path, 'row')
      onTestFinished(() => rmSync(folder, { recursive: true }))
      const { image, truth } = await buildExt(row, folder)
      const actual = await withImage(extDriver, image, listing)
      expect(compareEntries(truth, actual, row.compare)).toEqual([])
      expect(truth.length).toBeGreaterThan(2)
    })
  })
}
