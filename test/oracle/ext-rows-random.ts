import type { ExtRow } from '../support/ext-image.js'
import { Random } from '../support/random.js'
import * as fill from '../support/recipes.js'
import * as data from '../support/recipes-data.js'

/** Features that can be had or not in any combination; each with what it needs. */
const SWITCHES = ['metadata_csum', 'flex_bg', 'dir_index', 'extents', 'has_journal', 'ext_attr', 'sparse_super', 'huge_file', 'extra_isize']

/** A layout and its contents, both from the seed. */
function randomRow(seed: number): ExtRow {
  const random = new Random(seed)
  const chance = (): boolean => random.below(2) === 0
  const features = SWITCHES.map((name) => (chance() ? name : `^${name}`))
  const extents = features.includes('extents')
  const blockSize = random.pick([1024, 2048, 4096])
  const inodeSize = random.pick([128, 256, 512, 1024])
  features.push(extents && chance() ? '64bit' : '^64bit')
  if (features.includes('^sparse_super')) features.push('^resize_inode')
  else
    features.push(...random.pick([['resize_inode'], ['^resize_inode'], ['meta_bg', '^resize_inode'], ['sparse_super2', '^resize_inode']]))
  if (inodeSize > 128 && chance()) features.push('inline_data')
  if (features.includes('^metadata_csum') && chance()) features.push('uninit_bg')
  if (features.includes('metadata_csum') && chance()) features.push('metadata_csum_seed')
  const bigalloc = extents && random.below(4) === 0
  if (bigalloc) features.push('bigalloc')
  const groups = chance() || bigalloc ? '' : ` -g ${8 * (64 + random.below(900))}`
  const cluster = bigalloc ? ` -C ${blockSize * random.pick([2, 8, 32])}` : ''
  const make = `-t ext4 -b ${blockSize} -I ${inodeSize} -N ${1000 + random.below(4000)} -O ${features.join(',')}${groups}${cluster}`
  return {
    name: `seed ${seed}: ${make}`,
    size: `${40 + random.below(100)}M`,
    make,
    fill: [
      fill.churn(seed, 800),
      data.unwritten,
      fill.manyFiles(random.below(400), { keep: 1 + random.below(3) }),
      data.fragments(random.below(500), blockSize),
    ],
  }
}

/** Layouts that nobody thought of; a seed gives the same one again. */
export const RANDOM: readonly ExtRow[] = Array.from({ length: 30 }, (_, seed) => randomRow(seed + 1))
