import { rmSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { xfsDriver } from '../../src/fs/xfs/index.js'
import { compareEntries } from '../support/compare.js'
import { folderIn, oracleMissing, scratchFolder } from '../support/image.js'
import { listing } from '../support/listing.js'
import { withImage } from '../support/mount.js'
import { buildXfs } from '../support/xfs-image.js'
import { XFS_ROWS } from './xfs-rows.js'

const missing = oracleMissing('mkfs.xfs', 'xfs_db', 'xfs_io', 'xfs_admin', 'xfs_growfs', 'fallocate', 'chattr', 'python3')
if (missing) console.warn(`xfs oracle tests skipped: ${missing}`)
const scratch = scratchFolder()
afterAll(() => scratch.remove())

let count = 0

for (const [group, rows] of Object.entries(XFS_ROWS)) {
  describe.skipIf(missing)(`xfs: ${group}`, () => {
    test.for(rows)('$name', async (row) => {
      const folder = folderIn(scratch.path, String(count++))
      const { image, truth } = await buildXfs(row, folder)
      await withImage(xfsDriver, image, async (fs) => {
        expect(compareEntries(truth, await listing(fs), row.compare)).toEqual([])
        expect(fs.issues).toEqual([])
        expect(fs.journal).toEqual({ state: 'clean' })
      })
      expect(truth.length).toBeGreaterThan(1)
      rmSync(folder, { recursive: true })
    })
  })
}
