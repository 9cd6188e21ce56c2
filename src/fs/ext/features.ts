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
export const INCOMPAT_CSUM_SEED = 0x2000
export const INCOMPAT_LARGEDIR = 0x4000

export const RO_COMPAT_SPARSE_SUPER = 0x1
export const RO_COMPAT_HUGE_FILE = 0x8
export const RO_COMPAT_GDT_CSUM = 0x10
export const RO_COMPAT_BIGALLOC = 0x200
export const RO_COMPAT_METADATA_CSUM = 0x400

const COMPAT_NAMES: Record<number, string> = {
  0x1: 'dir_prealloc',
  0x2: 'imagic_inodes',
  0x4: 'has_journal',
  0x8: 'ext_attr',
  0x10: 'resize_inode',
  0x20: 'dir_index',
  0x40: 'lazy_bg',
  0x100: 'snapshot_bitmap',
  0x200: 'sparse_super2',
  0x400: 'fast_commit',
  0x800: 'stable_inodes',
  0x1000: 'orphan_file',
}

const INCOMPAT_NAMES: Record<number, string> = {
  0x1: 'compression',
  0x2: 'filetype',
  0x4: 'needs_recovery',
  0x8: 'journal_dev',
  0x10: 'meta_bg',
  0x40: 'extent',
  0x80: '64bit',
  0x100: 'mmp',
  0x200: 'flex_bg',
  0x400: 'ea_inode',
  0x1000: 'dirdata',
  0x2000: 'metadata_csum_seed',
  0x4000: 'large_dir',
  0x8000: 'inline_data',
  0x10000: 'encrypt',
  0x20000: 'casefold',
}

const RO_COMPAT_NAMES: Record<number, string> = {
  0x1: 'sparse_super',
  0x2: 'large_file',
  0x8: 'huge_file',
  0x10: 'uninit_bg',
  0x20: 'dir_nlink',
  0x40: 'extra_isize',
  0x80: 'snapshot',
  0x100: 'quota',
  0x200: 'bigalloc',
  0x400: 'metadata_csum',
  0x800: 'replica',
  0x1000: 'read-only',
  0x2000: 'project',
  0x4000: 'shared_blocks',
  0x8000: 'verity',
  0x10000: 'orphan_present',
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
  if (incompat & INCOMPAT_JOURNAL_DEV) throw new UnsupportedError('journal_dev', 'this is the external journal of an ext filesystem: it holds no files')
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
