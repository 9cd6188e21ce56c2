import { CorruptError, UnsupportedError } from '../../errors.js'

// Version and feature bits: XFS Algorithms & Data Structures, "Superblocks"; libxfs/xfs_format.h.

const XFS_SB_VERSION_NUMBITS = 0xf
export const XFS_SB_VERSION_4 = 4
export const XFS_SB_VERSION_5 = 5
const XFS_SB_VERSION_DIRV2BIT = 0x2000
const XFS_SB_VERSION_BORGBIT = 0x4000
const XFS_SB_VERSION_MOREBITSBIT = 0x8000
/** The number, attr, nlink, quota, align, dalign, shared, logv2, sector, extflg, dirv2, borg, morebits. */
const XFS_SB_VERSION_OKBITS = 0xffff

const XFS_SB_VERSION2_LAZYSBCOUNTBIT = 0x2
const XFS_SB_VERSION2_ATTR2BIT = 0x8
const XFS_SB_VERSION2_PROJID32BIT = 0x80
const XFS_SB_VERSION2_CRCBIT = 0x100
const XFS_SB_VERSION2_FTYPE = 0x200
const XFS_SB_VERSION2_OKBITS = 0x28a

const XFS_SB_FEAT_INCOMPAT_FTYPE = 0x1
const XFS_SB_FEAT_INCOMPAT_SPINODES = 0x2
const XFS_SB_FEAT_INCOMPAT_META_UUID = 0x4
const XFS_SB_FEAT_INCOMPAT_NEEDSREPAIR = 0x10
const XFS_SB_FEAT_INCOMPAT_NREXT64 = 0x20
const XFS_SB_FEAT_INCOMPAT_METADIR = 0x100
/** ftype, sparse inodes, meta_uuid, bigtime, needsrepair, nrext64, exchange-range, parent pointers, metadir. */
const INCOMPAT_READ = 0x1ff

// What xfs_info prints as `name=1`; names that it does not print are those of the kernel's flags.
const INCOMPAT_NAMES: readonly string[] = [
  'ftype',
  'sparse',
  'meta_uuid',
  'bigtime',
  'needsrepair',
  'nrext64',
  'exchange',
  'parent',
  'metadir',
  'zoned',
  'zone_gaps',
]
const RO_COMPAT_NAMES: readonly string[] = ['finobt', 'rmapbt', 'reflink', 'inobtcount']

/** The words of the superblock that tell which features it has. */
export interface FeatureWords {
  readonly versionnum: number
  readonly features2: number
  readonly roCompat: number
  readonly incompat: number
}

/** What the rest of the reader needs to know of them. */
export interface Features {
  /** Version 5: metadata has checksums and says what it is. */
  readonly crc: boolean
  readonly ftype: boolean
  readonly sparseInodes: boolean
  readonly metaUuid: boolean
  readonly largeExtentCounts: boolean
  readonly metadir: boolean
  /** Names differ by more than the case of Latin-1 letters. */
  readonly asciiCi: boolean
  readonly needsRepair: boolean
  /** In the words of xfs_info. */
  readonly names: readonly string[]
}

/** @throws UnsupportedError naming every incompatible feature that is not read, CorruptError */
export function decodeFeatures(words: FeatureWords): Features {
  const { versionnum, roCompat, incompat } = words
  const crc = (versionnum & XFS_SB_VERSION_NUMBITS) === XFS_SB_VERSION_5
  const features2 = versionnum & XFS_SB_VERSION_MOREBITSBIT ? words.features2 : 0
  if (crc) requireIncompat(incompat)
  else requireVersion4(versionnum, features2)
  const incompatible = crc ? incompat : 0
  return {
    crc,
    ftype: crc ? (incompat & XFS_SB_FEAT_INCOMPAT_FTYPE) !== 0 : (features2 & XFS_SB_VERSION2_FTYPE) !== 0,
    sparseInodes: (incompatible & XFS_SB_FEAT_INCOMPAT_SPINODES) !== 0,
    metaUuid: (incompatible & XFS_SB_FEAT_INCOMPAT_META_UUID) !== 0,
    largeExtentCounts: (incompatible & XFS_SB_FEAT_INCOMPAT_NREXT64) !== 0,
    metadir: (incompatible & XFS_SB_FEAT_INCOMPAT_METADIR) !== 0,
    asciiCi: (versionnum & XFS_SB_VERSION_BORGBIT) !== 0,
    needsRepair: (incompatible & XFS_SB_FEAT_INCOMPAT_NEEDSREPAIR) !== 0,
    names: featureNames(crc, versionnum, features2, crc ? roCompat : 0, incompatible),
  }
}

function requireVersion4(versionnum: number, features2: number): void {
  const version = versionnum & XFS_SB_VERSION_NUMBITS
  if (features2 & XFS_SB_VERSION2_CRCBIT) throw new CorruptError('xfs_dsb', `sb_versionnum ${version} with what only version 5 has`)
  if (version !== XFS_SB_VERSION_4) throw new UnsupportedError(`XFS version ${version}`)
  if (!(versionnum & XFS_SB_VERSION_DIRV2BIT)) throw new UnsupportedError('XFS directories of version 1')
  const unknown = (versionnum & ~XFS_SB_VERSION_OKBITS) | (features2 & ~XFS_SB_VERSION2_OKBITS)
  if (unknown !== 0) throw new UnsupportedError(bitNames(unknown >>> 0, [], 'features2').join(', '))
}

function requireIncompat(incompat: number): void {
  const unknown = (incompat & ~INCOMPAT_READ) >>> 0
  if (unknown === 0) return
  const names = bitNames(unknown, INCOMPAT_NAMES, 'incompat').join(', ')
  throw new UnsupportedError(names, `unsupported XFS feature: ${names}`)
}

function featureNames(crc: boolean, versionnum: number, features2: number, roCompat: number, incompat: number): string[] {
  return [
    ...(crc ? ['crc'] : []),
    ...(features2 & XFS_SB_VERSION2_ATTR2BIT ? ['attr2'] : []),
    ...(features2 & XFS_SB_VERSION2_PROJID32BIT ? ['projid32bit'] : []),
    ...(features2 & XFS_SB_VERSION2_LAZYSBCOUNTBIT ? ['lazy-count'] : []),
    ...(versionnum & XFS_SB_VERSION_BORGBIT ? ['ascii-ci'] : []),
    ...(!crc && features2 & XFS_SB_VERSION2_FTYPE ? ['ftype'] : []),
    ...bitNames(roCompat, RO_COMPAT_NAMES, 'ro_compat'),
    ...bitNames(incompat, INCOMPAT_NAMES, 'incompat'),
  ]
}

function bitNames(word: number, names: readonly string[], field: string): string[] {
  const out: string[] = []
  for (let bit = 0; bit < 32; bit++) {
    const mask = (1 << bit) >>> 0
    if (word & mask) out.push(names[bit] ?? `${field} 0x${mask.toString(16)}`)
  }
  return out
}
