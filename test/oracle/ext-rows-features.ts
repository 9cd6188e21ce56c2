import type { Entry } from '../support/entry.js'
import { debugfs, type ExtRow, setFlags, steps } from '../support/ext-image.js'
import { run } from '../support/image.js'
import * as fill from '../support/recipes.js'
import * as data from '../support/recipes-data.js'
import { K, M } from '../support/units.js'
import { SOME } from './ext-fills.js'

/** Encrypted names are listed in base64url, as they may hold any byte; without the key the kernel puts 8 bytes of hash before them. */
function storedNames(truth: readonly Entry[]): Entry[] {
  const stored = (name: string): string => Buffer.from(name, 'base64url').subarray(8).toString('base64url')
  return truth.map((entry) => {
    const [empty, top, ...below] = entry.path.split('/')
    const path = below.length === 0 ? entry.path : [empty, top, ...below.map(stored)].join('/')
    return { ...entry, path, ...(entry.type === 'symlink' ? { error: 'ENOKEY' } : {}) }
  })
}

/** New files are encrypted with the kernel's test key, which the mount for the truth does not have. */
export const ENCRYPTED: ExtRow = {
  name: 'encrypted directories and files',
  size: '16M',
  make: '-t ext4 -O encrypt',
  mount: 'test_dummy_encryption',
  fill: [data.plain('p', 6000), fill.wide(3), fill.deep(5), fill.manyFiles(60), (root) => run('ln', ['-s', 'a-target', `${root}/w0/link`])],
  stored: storedNames,
}

export const FEATURES: readonly ExtRow[] = [
  ...[
    '^64bit',
    '64bit,^metadata_csum',
    'metadata_csum',
    'metadata_csum_seed,metadata_csum',
    '^metadata_csum,uninit_bg',
    '^metadata_csum,^uninit_bg',
    '^resize_inode',
    'meta_bg,^resize_inode',
    'meta_bg,^resize_inode,^64bit,^flex_bg',
    '^flex_bg',
    'sparse_super2',
    '^sparse_super,^resize_inode',
    'sparse_super2,^resize_inode,meta_bg',
    '^filetype',
    '^extents,^64bit',
    '^has_journal',
    '^dir_index',
    '^ext_attr',
    '^large_file,^huge_file',
    '^dir_nlink',
    'fast_commit',
    'orphan_file',
    'stable_inodes',
    'mmp',
    'large_dir',
    'ea_inode',
    '^filetype,metadata_csum',
    '^dir_index,metadata_csum',
  ].map((features) => ({ name: `-O ${features}`, size: '48M', make: `-t ext4 -b 1024 -O ${features}`, fill: SOME })),
  ...[1, 2, 64].map((groups) => ({ name: `flex_bg of ${groups}`, size: '48M', make: `-t ext4 -b 1024 -G ${groups}`, fill: SOME })),
  ...['data=journal', 'nodelalloc,data=writeback', 'noauto_da_alloc,dioread_lock'].map((mount) => ({
    name: `mounted with ${mount}`,
    size: '48M',
    make: '-t ext4 -b 1024',
    mount,
    fill: SOME,
  })),
  ...['-t ext4 -b 1024', '-t ext4 -b 4096 -O ^metadata_csum,uninit_bg', '-t ext4 -b 1024 -O bigalloc -C 16384', '-t ext2 -b 1024'].map(
    (make) => ({
      name: `on a device full of garbage, ${make}`,
      size: '48M',
      garbage: 0xa5,
      make: `${make} -E lazy_itable_init=1,lazy_journal_init=1,nodiscard`,
      mount: 'noinit_itable',
      fill: [...SOME, fill.wide(40)],
    }),
  ),
  { name: 'made for the Hurd', size: '16M', make: '-t ext2 -o hurd -I 128', fill: [...SOME, fill.devices] },
  { name: 'no features', size: '16M', make: '-t ext4 -O none', fill: SOME },
  { name: 'packed_meta_blocks', size: '48M', make: '-t ext4 -b 1024 -E packed_meta_blocks=1', fill: SOME },
  { name: 'num_backup_sb=0', size: '48M', make: '-t ext4 -b 1024 -O sparse_super2 -E num_backup_sb=0', fill: SOME },
  { name: 'lazy inode tables', size: '96M', make: '-t ext4 -b 1024 -E lazy_itable_init=1', mount: 'noinit_itable', fill: SOME },
  ...[256, 1000, 8184].map((blocks) => ({
    name: `-g ${blocks}`,
    size: '24M',
    make: `-t ext4 -b 1024 -O ^resize_inode -g ${blocks}`,
    fill: SOME,
  })),
  {
    name: 'meta_bg, 32-byte descriptors, many groups',
    size: '24M',
    make: '-t ext4 -b 1024 -O meta_bg,^resize_inode,^64bit -g 256',
    fill: SOME,
  },
  ...[4, 16, 64].map((clusters) => ({
    name: `bigalloc, ${clusters} blocks a cluster`,
    size: '64M',
    make: `-t ext4 -b 1024 -O bigalloc -C ${clusters * K}`,
    fill: [...SOME, data.fragments(400, 1024)],
  })),
  {
    name: 'bigalloc 4k, 1M clusters',
    size: '600M',
    make: '-t ext4 -b 4096 -O bigalloc -C 1048576',
    fill: [data.plain('p', 5 * M), fill.wide(20)],
  },
  {
    name: 'new UUID under metadata_csum_seed',
    size: '16M',
    make: '-t ext4 -O metadata_csum_seed',
    fill: SOME,
    offline: (i) => run('tune2fs', ['-U', 'random', i]),
  },
  {
    name: 'new UUID under metadata_csum',
    size: '16M',
    make: '-t ext4',
    fill: SOME,
    offline: (i) => run('tune2fs', ['-f', '-U', 'random', i]),
  },
  {
    name: 'project and user quota',
    size: '16M',
    make: '-t ext4 -I 256',
    fill: SOME,
    offline: steps(
      (i) => run('tune2fs', ['-O', 'project,quota', '-Q', 'usrquota,grpquota,prjquota', i]),
      debugfs('sif /types/file projid 4242'),
    ),
    proof: ['stat /types/file', /Project: +4242/],
  },
  {
    name: 'ea_inode with values of 20 KiB',
    size: '16M',
    make: '-t ext4 -O ea_inode,metadata_csum',
    fill: SOME,
    offline: (i) => {
      run('sh', ['-c', `head -c 20000 /dev/zero | tr '\\0' x > '${i}.value'`])
      for (const path of ['/types/file', '/types/sub', '/types/empty', '/types/link']) debugfs(`ea_set -f ${i}.value ${path} user.big`)(i)
    },
    proof: ['ea_list /types/file', /user\.big/],
  },
  ENCRYPTED,
  {
    name: 'casefold',
    size: '16M',
    make: '-t ext4',
    fill: [...SOME, fill.names],
    after: steps(setFlags(0x4000_0000, '/types', '/names', '/many'), debugfs('feature casefold', 'ssv encoding 1')),
  },
  {
    name: 'verity',
    size: '16M',
    make: '-t ext4',
    fill: SOME,
    after: steps(setFlags(0x10_0000, '/types/file', '/unwritten/keep-size'), debugfs('feature verity')),
  },
]
