import { UnsupportedError } from '../../errors.js'

// Feature bits: docs.kernel.org/filesystems/ext4/super.html; their names are those that dumpe2fs prints.

export const COMPAT_HAS_JOURNAL = 0x4
export const COMPAT_SPARSE_SUPER2 = 0x200

export const INCOMPAT_FILETYPE = 0x2
export const INCOMPAT_RECOVER = 0x4
export const INCOMPAT_JOURNAL_DEV = 0x8
export const INCOMPAT_META_BG = 0x10
export const INCOMPAT_64BIT = 0x80
export const INCOMPAT_FLEX_BG = 0x200
export const INCOMPAT_EA_INODE = 0x400
export const INCOMPAT_CSUM_SEED = 0x2000
export const INCOMPAT_LARGEDIR = 0x4000

export const RO_COMPAT_SPARSE_SUPER = 0x1
export const RO_COMPAT_HUGE_FILE = 0x8
export const RO_COMPAT_GDT_CSUM = 0x10
export const RO_COMPAT_BIGALLOC = 0x200
export const RO_COMPAT_METADATA_CSUM = 0x400

const COMPAT_NAMES: Record<number, string> = {
  1: 'dir_prealloc',
  2: 'imagic_inodes',
  4: 'has_journal',
  8: 'ext_attr',
  16: 'resize_inode',
  32: 'dir_index',
  64: 'lazy_bg',
  256: 'snapshot_bitmap',
  512: 'sparse_super2',
  1024: 'fast_commit',
  2048: 'stable_inodes',
  4096: 'orphan_file',
}

const INCOMPAT_NAMES: Record<number, string> = {
  1: 'compression',
  2: 'filetype',
  4: 'needs_recovery',
  8: 'journal_dev',
  16: 'meta_bg',
  64: 'extent',
  128: '64bit',
  256: 'mmp',
  512: 'flex_bg',
  1024: 'ea_inode',
  4096: 'dirdata',
  8192: 'metadata_csum_seed',
  16384: 'large_dir',
  32768: 'inline_data',
  65536: 'encrypt',
  131072: 'casefold',
}

const RO_COMPAT_NAMES: Record<number, string> = {
  1: 'sparse_super',
  2: 'large_file',
  8: 'huge_file',
  16: 'uninit_bg',
  32: 'dir_nlink',
  64: 'extra_isize',
  128: 'snapshot',
  256: 'quota',
  512: 'bigalloc',
  1024: 'metadata_csum',
  2048: 'replica',
  4096: 'read-only',
  8192: 'project',
  16384: 'shared_blocks',
  32768: 'verity',
  65536: 'orphan_present',
}

/** Incompatible features that are read: filetype, recover, meta_bg, extents, 64bit, mmp, flex_bg, ea_inode, csum_seed, largedir, inline_data, encrypt, casefold. */
const INCOMPAT_READ = 0x3e7d6

/** What ext2 and ext3 know, by which blkid tells the three apart. */
const EXT3_INCOMPAT = INCOMPAT_FILETYPE | INCOMPAT_RECOVER | INCOMPAT_META_BG
const EXT3_RO_COMPAT = 0x7

export interface FeatureWords {
  readonly compat: number
  readonly incompat: number
  readonly roCompat: number
}

function bitNames(word: number, names: Record<number, string>, letter: string): string[] {
  const out: string[] = []
  for (let bit = 0; bit < 32; bit++) {
    const mask = (1 << bit) >>> 0
    if (word & mask) out.push(names[mask] ?? `FEATURE_${letter}${bit}`)
  }
  return out
}

/** Names in the order of dumpe2fs; a bit without a name is `FEATURE_` with C, I or R and its number, as there. */
export function featureNames({ compat, incompat, roCompat }: FeatureWords): string[] {
  return [...bitNames(compat, COMPAT_NAMES, 'C'), ...bitNames(incompat, INCOMPAT_NAMES, 'I'), ...bitNames(roCompat, RO_COMPAT_NAMES, 'R')]
}

/** @throws UnsupportedError naming every incompatible feature that is not read. */
export function requireReadable({ incompat }: FeatureWords): void {
  if (incompat & INCOMPAT_JOURNAL_DEV)
    throw new UnsupportedError('journal_dev', 'this is the external journal of an ext filesystem: it holds no files')
  const unknown = (incompat & ~INCOMPAT_READ) >>> 0
  if (unknown === 0) return
  const names: string[] = []
  for (let bit = 0; bit < 32; bit++) {
    const mask = (1 << bit) >>> 0
    if (unknown & mask) names.push(INCOMPAT_NAMES[mask] ?? `incompat 0x${mask.toString(16)}`)
  }
  throw new UnsupportedError(names.join(', '), `unsupported ext feature: ${names.join(', ')}`)
}

/** The name blkid gives: by what the filesystem uses, not by how it was made. */
export function kindOf({ compat, incompat, roCompat }: FeatureWords): 'ext2' | 'ext3' | 'ext4' {
  if (incompat & ~EXT3_INCOMPAT || roCompat & ~EXT3_RO_COMPAT) return 'ext4'
  if (compat & COMPAT_HAS_JOURNAL) return 'ext3'
  return incompat & INCOMPAT_RECOVER ? 'ext4' : 'ext2'
}
