import type { CompareOptions } from '../support/compare.js'
import { run } from '../support/image.js'
import type { Recipe } from '../support/recipes.js'
import * as fill from '../support/recipes.js'
import * as data from '../support/recipes-data.js'
import * as xfs from '../support/recipes-xfs.js'
import type { XfsRow } from '../support/xfs-image.js'
import { SOME } from './xfs-fills.js'

// What the running kernel no longer mounts: version 4, case-insensitive names. mkfs.xfs sets all times, and its own size of directories.
const compare: CompareOptions = { ignore: ['ino', 'mtime', 'mtimeNs', 'dirSize'] }

const FILL: readonly Recipe[] = [xfs.prototype, xfs.forms([1, 5, 12, 40, 150, 900]), fill.deep(12), data.plain('p', 700_000)]

const copied = (make: string, more: Partial<XfsRow> = {}): XfsRow => ({
  name: make,
  size: '160M',
  make,
  fill: FILL,
  copied: true,
  compare,
  ...more,
})

export const VERSION_4: readonly XfsRow[] = [
  ...[512, 1024, 2048, 4096, 16384, 65536].map((size) => copied(`-m crc=0 -b size=${size}`, size > 4096 ? { size: '1G' } : {})),
  ...[256, 512, 1024, 2048].map((size) => copied(`-m crc=0 -i size=${size}`)),
  copied('-m crc=0 -n ftype=1'),
  copied('-m crc=0 -i attr=1'),
  copied('-m crc=0 -i projid32bit=0'),
  copied('-m crc=0 -i align=0'),
  copied('-m crc=0 -l lazy-count=0'),
  copied('-m crc=0 -l version=1'),
  copied('-m crc=0 -l size=6m -d agcount=9'),
  copied('-m crc=0 -b size=512 -n size=4096'),
  copied('-m crc=0 -b size=1024 -n size=65536'),
  copied('-m crc=0 -b size=512 -i size=256 -n size=65536'),
  copied('-m crc=0 -n version=ci'),
  copied('-m crc=0 -n version=ci,ftype=1'),
  copied('-m crc=0 -s size=4096'),
  copied('-m crc=0 -d su=64k,sw=3'),
  copied('-m crc=0 -b size=1024', { name: '30,000 entries', fill: [xfs.forms([30_000])], size: '400M' }),
]

/** Made without the flag, which says nothing of how entries lie: only the order of the hash index is another with it. */
export const CASE_INSENSITIVE: readonly XfsRow[] = ['-b size=4096', '-b size=1024 -n size=8192'].map((make) => ({
  name: `version=ci, ${make}`,
  size: '320M',
  make,
  fill: SOME,
  after: (image) => run('xfs_db', ['-x', '-c', 'sb 0', '-c', 'write versionnum 0xf4a5', image]),
}))
