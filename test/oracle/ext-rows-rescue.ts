import { type ExtRow, overwrite } from '../support/ext-image.js'
import { SOME } from './ext-fills.js'

const zeroedSuper = overwrite(1024, 1024)

/** Primary structures gone after the truth was taken: the copies must give the same. */
export const RESCUED: readonly ExtRow[] = [
  ...[
    '-t ext4 -b 1024',
    '-t ext4 -b 4096',
    '-t ext4 -b 1024 -O ^64bit,^metadata_csum',
    '-t ext4 -b 1024 -O sparse_super2',
    '-t ext4 -b 1024 -O meta_bg,^resize_inode',
    '-t ext4 -b 1024 -O bigalloc -C 8192',
    '-t ext2 -b 2048',
    '-t ext3 -b 1024 -g 1024',
  ].map((make) => ({ name: `primary superblock zeroed, ${make}`, size: '160M', make, fill: SOME, after: zeroedSuper })),
  ...['-t ext4 -b 1024', '-t ext4 -b 1024 -O ^64bit,^metadata_csum', '-t ext3 -b 1024 -g 1024'].flatMap((make) => [
    { name: `group descriptors zeroed, ${make}`, size: '64M', make, fill: SOME, after: overwrite('2K', '1K') },
    { name: `group descriptors of ones, ${make}`, size: '64M', make, fill: SOME, after: overwrite('2K', '1K', 0xff) },
    { name: `superblock and descriptors gone, ${make}`, size: '64M', make, fill: SOME, after: overwrite(0, '3K', 0xa5) },
  ]),
  ...[
    ['-t ext4 -b 1024', '-t ext4 -b 4096'],
    ['-t ext4 -b 4096', '-t ext4 -b 1024'],
    ['-t ext2 -b 2048', '-t ext3 -b 4096'],
  ].flatMap(([older, make]) => {
    const row = { size: '300M', older: older!, make: `${make} -E nodiscard,lazy_itable_init=1`, fill: SOME }
    return [
      { ...row, name: `primary superblock zeroed, ${make} over ${older}`, after: zeroedSuper },
      { ...row, name: `a wrong bit in the primary superblock, ${make} over ${older}`, after: overwrite(1024 + 0x3f0, 1, 1) },
    ]
  }),
  { name: 'superblock and descriptors gone, 4k', size: '256M', make: '-t ext4 -b 4096', fill: SOME, after: overwrite(0, '8K', 0) },
]
