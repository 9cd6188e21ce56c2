import { readdirSync, rmSync, statSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { debugfs, type ExtRow, steps } from '../support/ext-image.js'
import { resizeDenied, run, sparseFile } from '../support/image.js'
import * as fill from '../support/recipes.js'
import * as data from '../support/recipes-data.js'
import { M } from '../support/units.js'
import { EVERYTHING, SOME } from './ext-fills.js'

export const VERSIONS: readonly ExtRow[] = [
  { name: 'revision 0', size: '16M', make: '-t ext2 -r 0 -b 1024', fill: SOME },
  { name: 'ext2 1k', size: '32M', make: '-t ext2 -b 1024', fill: EVERYTHING },
  { name: 'ext2 2k, 128-byte inodes', size: '32M', make: '-t ext2 -b 2048 -I 128', fill: EVERYTHING },
  { name: 'ext2 4k, 256-byte inodes', size: '48M', make: '-t ext2 -b 4096 -I 256', fill: EVERYTHING },
  { name: 'ext3 1k', size: '32M', make: '-t ext3 -b 1024', fill: EVERYTHING },
  { name: 'ext3 4k', size: '48M', make: '-t ext3 -b 4096', fill: EVERYTHING },
  { name: 'ext4 1k', size: '48M', make: '-t ext4 -b 1024', fill: EVERYTHING },
  { name: 'ext4 2k', size: '48M', make: '-t ext4 -b 2048', fill: EVERYTHING },
  { name: 'ext4 4k', size: '64M', make: '-t ext4 -b 4096', fill: EVERYTHING },
  { name: 'ext4 odd number of blocks', size: '33M', make: '-t ext4 -b 1024', blocks: 32_777, fill: SOME },
]

export const INODES: readonly ExtRow[] = [
  ...[128, 256, 512, 1024].map((size) => ({
    name: `inode size ${size}, 1k blocks`,
    size: '32M',
    make: `-t ext4 -b 1024 -I ${size}`,
    fill: [...SOME, fill.times],
  })),
  { name: 'inode size 4096', size: '64M', make: '-t ext4 -b 4096 -I 4096 -N 1200', fill: [...SOME, fill.times] },
  { name: '-N 16', size: '8M', make: '-t ext4 -b 1024 -N 16', fill: [data.plain('p', 5000)] },
  { name: '-N 60000', size: '64M', make: '-t ext4 -b 1024 -N 60000', fill: SOME },
  {
    name: 'grown from 128 to 256',
    size: '32M',
    make: '-t ext3 -I 128',
    fill: [...SOME, fill.times],
    offline: (i) => run('tune2fs', ['-f', '-I', '256', i]),
  },
  { name: '^extra_isize', size: '16M', make: '-t ext4 -O ^extra_isize', fill: [...SOME, fill.times] },
  { name: 'first inode 20', size: '16M', make: '-t ext4', fill: SOME, offline: debugfs('set_super_value first_ino 20') },
]

/** resize2fs and tune2fs want to be told that all is well. */
const checked = (image: string): string => run('e2fsck', ['-fDp', image], { okStatus: 1 })

const grow = (size: string): NonNullable<ExtRow['offline']> =>
  steps(
    (image) => sparseFile(image, size),
    checked,
    (image) => run('resize2fs', [image]),
  )

function growOnline(folder: string, device: string): void {
  run('resize2fs', [device])
  for (const recipe of [fill.wide(40), fill.manyFiles(200, { folder: 'later' })]) recipe(folder)
}

export const SIZES: readonly ExtRow[] = [
  { name: '64 KiB', size: '64K', make: '-t ext2 -b 1024 -N 16', fill: [data.plain('p', 2000)] },
  {
    name: '1 TiB',
    size: '1T',
    make: '-t ext4 -J size=4 -E lazy_itable_init=1',
    mount: 'noinit_itable',
    fill: [fill.wide(60), ...SOME],
  },
  {
    name: '16 TiB, 131,072 groups',
    size: '16T',
    make: '-t ext4 -J size=4 -E lazy_itable_init=1',
    mount: 'noinit_itable',
    fill: [fill.wide(60)],
  },
  {
    name: '20 TiB, blocks above 2^32',
    size: '20T',
    make: '-t ext4 -O bigalloc,64bit -C 1048576 -N 20000 -J size=16 -E lazy_itable_init=1',
    mount: 'noinit_itable',
    fill: [fill.wide(200), data.plain('p', 3 * M)],
  },
  { name: 'grown offline', size: '16M', make: '-t ext4 -b 1024', fill: SOME, offline: grow('100M') },
  { name: 'grown offline to meta_bg', size: '16M', make: '-t ext4 -b 1024 -O ^resize_inode', fill: SOME, offline: grow('300M') },
  {
    name: 'shrunk',
    size: '100M',
    make: '-t ext4 -b 1024',
    fill: [...SOME, fill.wide(60)],
    offline: steps(checked, (i) => run('resize2fs', ['-M', i])),
  },
  { name: 'grown online', size: '200M', make: '-t ext4 -b 1024', blocks: 16_384, fill: SOME, online: growOnline, unless: resizeDenied },
  {
    name: 'grown online to meta_bg',
    size: '300M',
    make: '-t ext4 -b 1024 -O ^resize_inode',
    blocks: 16_384,
    fill: SOME,
    online: growOnline,
    unless: resizeDenied,
  },
  {
    name: 'made 64-bit later',
    size: '48M',
    make: '-t ext4 -b 1024 -O ^64bit',
    fill: SOME,
    offline: steps(checked, (i) => run('resize2fs', ['-b', i])),
  },
  {
    name: 'made 32-bit later',
    size: '48M',
    make: '-t ext4 -b 1024 -O 64bit',
    fill: SOME,
    offline: steps(checked, (i) => run('resize2fs', ['-s', i])),
  },
  {
    name: 'checksums added later',
    size: '48M',
    make: '-t ext4 -b 1024 -O ^metadata_csum',
    fill: SOME,
    offline: steps(checked, (i) => run('tune2fs', ['-O', 'metadata_csum', i])),
  },
]

/** Remove all but a few names of a directory, in the image and in the tree: blocks are left whose one entry spans them whole. */
function emptied(folder: string): NonNullable<ExtRow['offline']> {
  return (image) => {
    const beside = join(dirname(image), 'tree', folder)
    const { atime, mtime } = statSync(beside)
    const doomed = readdirSync(beside).filter((_, index) => index % 1000 !== 0)
    debugfs(...doomed.map((name) => `rm /${folder}/${name}`))(image)
    for (const name of doomed) rmSync(join(beside, name))
    utimesSync(beside, atime, mtime)
  }
}

const unwrittenRange = debugfs('fallocate /sparse/s 32 100', 'zap_block -f /sparse/s -p 0xaa 40')

function largeBlocks(make: string, offline?: ExtRow['offline']): ExtRow {
  return {
    name: make,
    size: '400M',
    make: `${make} -N 4500`,
    copied: true,
    fill: [
      fill.everyType,
      fill.devices,
      fill.names,
      fill.symlinks,
      fill.hardLinks(20),
      fill.deep(10),
      fill.manyFiles(3000),
      data.fragments(40, 65_536),
      data.plain('p', 3 * M),
      data.sparse('s', [0, 1 * M, 20 * M]),
    ],
    ...(offline ? { offline } : {}),
    compare: { ignore: ['ino', 'mtimeNs', 'dirSize'] },
  }
}

/** What only `mke2fs -d` can fill here. */
export const LARGE_BLOCKS: readonly ExtRow[] = [
  largeBlocks('-t ext2 -b 8192', emptied('many')),
  largeBlocks('-t ext2 -b 65536', emptied('many')),
  largeBlocks('-t ext3 -b 32768', checked),
  largeBlocks('-t ext4 -b 8192', unwrittenRange),
  largeBlocks('-t ext4 -b 16384', steps(unwrittenRange, checked)),
  largeBlocks('-t ext4 -b 32768', steps(unwrittenRange, emptied('many'))),
  largeBlocks('-t ext4 -b 65536', steps(unwrittenRange, checked)),
  largeBlocks('-t ext4 -b 65536 -O ^metadata_csum', steps(emptied('many'), checked)),
  largeBlocks('-t ext4 -b 65536 -O inline_data -I 512', unwrittenRange),
  largeBlocks('-t ext4 -b 16384 -O bigalloc -C 65536', unwrittenRange),
  largeBlocks('-t ext4 -b 65536 -I 8192 -O ^has_journal', unwrittenRange),
]
