import { debugfs, type ExtRow } from '../support/ext-image.js'
import * as fill from '../support/recipes.js'
import * as data from '../support/recipes-data.js'
import { G, K, M, T } from '../support/units.js'
import { EVERYTHING } from './ext-fills.js'

/** Attributes beside inline data: they share the inode's space and are stored in another order. */
const withAttributes = debugfs(
  ...[1, 61, 80, 130].flatMap((size) => [
    `ea_set /sizes-to-200/f${size} user.a value`,
    `ea_set /sizes-to-200/f${size} security.capability 0123456789`,
    `ea_set /sizes-to-200/l${size} security.selinux system_u:object_r:etc_t:s0`,
  ]),
  'ea_set /sizes-to-200/d2 user.b another',
)

export const INLINE: readonly ExtRow[] = [256, 512, 1024].flatMap((size) => {
  const row = {
    name: `inline data, inode size ${size}`,
    size: '48M',
    make: `-t ext4 -b 1024 -O inline_data -I ${size}`,
    fill: [...EVERYTHING, data.everySize(200), fill.churn(size, 600)],
  }
  return [
    row,
    { ...row, name: `${row.name}, with attributes`, offline: withAttributes, proof: ['ea_list /sizes-to-200/f61', /user\.a/] as const },
  ]
})

export const DIRECTORIES: readonly ExtRow[] = [
  { name: '20,000 entries, htree', size: '64M', make: '-t ext4 -b 1024 -N 21000', fill: [fill.manyFiles(20_000)] },
  { name: '20,000 entries, most deleted', size: '64M', make: '-t ext4 -b 1024 -N 21000', fill: [fill.manyFiles(20_000, { keep: 50 })] },
  { name: '20,000 entries, linear', size: '64M', make: '-t ext4 -b 4096 -O ^dir_index -N 21000', fill: [fill.manyFiles(6000)] },
  { name: '20,000 entries, ext3', size: '64M', make: '-t ext3 -b 1024 -N 21000', fill: [fill.manyFiles(20_000)] },
  {
    name: 'three htree levels',
    size: '96M',
    make: '-t ext4 -b 1024 -O large_dir',
    fill: [fill.manyNames(60_000, 250)],
    proof: ['htree /names-of-one', /Indirect levels: 2/],
  },
  { name: '300 levels', size: '16M', make: '-t ext4 -b 1024', fill: [fill.deep(300)] },
  {
    name: '60,000 links and 5,000 subdirectories',
    size: '96M',
    make: '-t ext4 -b 1024 -N 12000',
    fill: [fill.hardLinks(60_000), fill.wide(5000, 10)],
  },
]

export const FILES: readonly ExtRow[] = [
  {
    name: 'extents of exactly 32,768 blocks',
    size: '1G',
    make: '-t ext4 -b 1024 -O bigalloc -C 65536',
    fill: [data.plain('big', 100 * M)],
    proof: ['ex /plain/big', / 32768\s*$/m],
  },
  {
    name: 'extents of exactly 32,768 blocks, 4k',
    size: '8G',
    make: '-t ext4 -b 4096 -G 64',
    fill: [data.plain('big', 250 * M)],
    proof: ['ex /plain/big', / 32768\s*$/m],
  },
  {
    name: 'extent tree of depth 2',
    size: '64M',
    make: '-t ext4 -b 1024',
    fill: [data.fragments(3000, 1024)],
    proof: ['ex /fragments/p3000', /^ *1\/ *2 /m],
  },
  {
    name: 'extent tree of depth 3',
    size: '96M',
    make: '-t ext4 -b 1024',
    fill: [data.fragments(30_000, 1024)],
    proof: ['ex /fragments/p30000', /^ *1\/ *3 /m],
  },
  {
    name: 'indirect to triple, 1k',
    size: '64M',
    make: '-t ext2 -b 1024',
    fill: [data.sparse('triple', [0, 11 * K, 12 * K, 267 * K, 268 * K, 64 * M, 65 * M, 70 * M, 4 * G, 15 * G]), data.plain('dense', 3 * M)],
  },
  {
    name: 'indirect to triple, 4k',
    size: '64M',
    make: '-t ext3 -b 4096',
    fill: [data.sparse('triple', [0, 48 * K, 4 * M, 4 * G, 5 * G, 1500 * G]), data.fragments(2000, 4096)],
  },
  {
    name: 'far offsets',
    size: '64M',
    make: '-t ext4 -b 4096',
    fill: [data.sparse('far', [0, 4 * G, 2 * T, 8 * T]), data.sparse('end', [5 * G], 15 * T), data.sparse('hole', [], 3 * G)],
  },
  ...[1, 2, 3, 4].map((seed) => ({ name: `churn, seed ${seed}`, size: '96M', make: '-t ext4 -b 1024', fill: [fill.churn(seed, 3000)] })),
  ...[5, 6].map((seed) => ({ name: `churn on ext3, seed ${seed}`, size: '96M', make: '-t ext3 -b 1024', fill: [fill.churn(seed, 3000)] })),
  ...[7, 8].map((seed) => ({
    name: `churn with inline data and bigalloc, seed ${seed}`,
    size: '256M',
    make: '-t ext4 -b 1024 -O inline_data,bigalloc -C 8192',
    fill: [fill.churn(seed, 3000)],
  })),
]
