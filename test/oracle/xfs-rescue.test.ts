import { rmSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { xfsDriver } from '../../src/fs/xfs/index.js'
import { compareEntries } from '../support/compare.js'
import { overwrite } from '../support/ext-image.js'
import { folderIn, oracleMissing, run, scratchFolder } from '../support/image.js'
import { listing } from '../support/listing.js'
import { withImage } from '../support/mount.js'
import * as fill from '../support/recipes.js'
import { buildXfs, type XfsRow } from '../support/xfs-image.js'
import { SOME } from './xfs-fills.js'

const missing = oracleMissing('mkfs.xfs', 'xfs_db', 'xfs_growfs')
const scratch = scratchFolder()
afterAll(() => scratch.remove())
let count = 0

const lost = (make: string, size: string, bytes: string, value = 0): XfsRow => ({
  name: `${make}, ${bytes} of 0x${value.toString(16)}`,
  size,
  make,
  fill: SOME,
  after: overwrite(0, bytes, value),
})

const ROWS: readonly XfsRow[] = [
  ...['512', '4K', '12K', '1M'].map((bytes) => lost('-b size=4096', '320M', bytes)),
  ...['512', '4K', '8K', '1M'].map((bytes) => lost('-b size=1024', '320M', bytes, 0xa5)),
  lost('-b size=65536', '1G', '4K'),
  lost('-b size=65536', '1G', '64K'),
  lost('-s size=4096', '320M', '4K'),
  lost('-d agcount=2', '320M', '4K'),
  lost('-d agcount=3', '320M', '4K'),
  lost('-d agcount=9', '320M', '1M'),
  lost('-d agsize=77m', '320M', '1M'),
  lost('-d su=64k,sw=3', '600M', '1M'),
  lost('-b size=4096', '1T', '4K'),
  lost('-b size=4096', '1T', '4K'),
  { name: 'a wrong checksum', size: '320M', make: '-b size=4096', fill: SOME, after: overwrite(150, 1, 0x11) },
  { name: 'a wrong geometry', size: '320M', make: '-b size=4096', fill: SOME, after: overwrite(84, 4, 0x11) },
  { name: 'no magic', size: '320M', make: '-b size=4096', fill: SOME, after: overwrite(0, 4, 0x11) },
  {
    name: 'grown since it was made',
    size: '320M',
    make: '-b size=4096',
    fill: [...SOME, fill.wide(40)],
    online: (folder, device) => {
      run('truncate', ['-s', '1500M', run('losetup', ['-n', '-O', 'BACK-FILE', device]).trim()])
      run('losetup', ['--set-capacity', device])
      run('xfs_growfs', [folder])
    },
    after: overwrite(0, '12K'),
  },
  {
    name: 'in a larger partition',
    size: '320M',
    make: '-b size=4096',
    fill: SOME,
    after: (image) => {
      overwrite(0, '12K')(image)
      run('truncate', ['-s', '3G', image])
    },
  },
]

describe.skipIf(missing)('xfs: the primary superblock is gone', () => {
  test.for(ROWS)('$name', async (row) => {
    const folder = folderIn(scratch.path, String(count++))
    const { image, truth } = await buildXfs(row, folder)
    await withImage(xfsDriver, image, async (fs) => {
      const entries = await listing(fs)
      // So much has the root in it.
      expect(compareEntries(truth, entries, { partial: row.name.includes('1M') })).toEqual([])
      expect(fs.issues[0]).toMatchObject({ code: 'CORRUPT', incomplete: false, message: expect.stringContaining('so a copy is used') })
    })
    rmSync(folder, { recursive: true })
  })
})
