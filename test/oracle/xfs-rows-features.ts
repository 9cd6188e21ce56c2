import { run } from '../support/image.js'
import * as fill from '../support/recipes.js'
import * as data from '../support/recipes-data.js'
import * as xfs from '../support/recipes-xfs.js'
import type { XfsRow } from '../support/xfs-image.js'
import { EVERYTHING, SOME } from './xfs-fills.js'

export const FEATURES: readonly XfsRow[] = [
  ...[
    '-m finobt=0',
    '-m finobt=0,inobtcount=0',
    '-m rmapbt=1',
    '-m rmapbt=1,reflink=1',
    '-m reflink=0',
    '-m bigtime=0',
    '-m inobtcount=0',
    '-i sparse=0',
    '-i nrext64=1',
    '-i nrext64=1 -m bigtime=0,rmapbt=1',
    '-m bigtime=0,inobtcount=0,reflink=0,finobt=0 -i sparse=0',
    '-l size=90m',
    '-l version=2,su=32k',
    '-l agnum=2',
    '-L a-label -K',
  ].map((make) => ({ name: make, size: '400M', make, fill: EVERYTHING })),
  { name: 'reflinks', size: '320M', make: '-b size=4096', fill: [xfs.reflinks, ...SOME] },
  { name: 'reflinks and nrext64', size: '320M', make: '-b size=1024 -i nrext64=1', fill: [xfs.reflinks, ...SOME] },
  { name: 'timestamps of 32 bits', size: '320M', make: '-m bigtime=0', fill: [fill.times] },
  { name: 'timestamps of 64 bits', size: '320M', make: '-m bigtime=1', fill: [fill.times] },
  {
    name: 'timestamps upgraded to 64 bits',
    size: '320M',
    make: '-m bigtime=0',
    fill: [fill.times, ...SOME],
    offline: (image) => run('xfs_admin', ['-O', 'bigtime=1', image]),
  },
  {
    name: 'a UUID of its own for metadata',
    size: '320M',
    make: '-b size=4096',
    fill: EVERYTHING,
    offline: (image) => run('xfs_admin', ['-U', '11111111-2222-4333-8444-555555555555', image]),
    proof: [['version'], /META_UUID/],
  },
  ...['attr2', 'noattr2', 'ikeep', 'inode32', 'inode64', 'largeio', 'allocsize=1m'].map((mount) => ({
    name: `mounted with ${mount}`,
    size: '320M',
    make: '-b size=4096',
    mount,
    fill: [...SOME, fill.manyFiles(2000, { keep: 40, folder: 'more' })],
  })),
  ...[512, 1024, 2048].map((size) => ({
    name: `attributes in inodes of ${size}`,
    size: '320M',
    make: `-i size=${size}`,
    fill: [xfs.attributes, ...SOME],
  })),
  { name: 'attributes and nrext64', size: '320M', make: '-i nrext64=1', fill: [xfs.attributes, ...SOME] },
  {
    name: 'sparse inode chunks',
    size: '320M',
    make: '-b size=4096',
    fill: [xfs.shatter(28_672, 2_000_000), fill.manyFiles(40_000), fill.wide(20, 0), fill.wide(10, 0), xfs.unshatter],
    proof: [[0, 1, 2, 3].flatMap((ag) => [`agi ${ag}`, 'addr root', 'p recs']), /\d:\[\d+,(?!0,)/],
  },
  {
    name: 'grown since',
    size: '320M',
    make: '-b size=4096',
    fill: SOME,
    online: (folder, device) => {
      run('truncate', ['-s', '900M', run('losetup', ['-n', '-O', 'BACK-FILE', device]).trim()])
      run('losetup', ['--set-capacity', device])
      run('xfs_growfs', [folder])
    },
    proof: [['sb 0', 'p agcount'], /agcount = (?!4\b)/],
  },
  { name: 'far away', size: '320M', make: '-b size=4096', fill: [xfs.farAway, data.sparse('sparse', [0, 2 ** 40, 2 ** 45])] },
]
