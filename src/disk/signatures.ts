import { type DecodeField, pvUuid, serial32, serial64, text, utf16, uuid } from './identity.js'

/** Bytes from the start of a partition in which every signature below lies. */
export const PROBE_BYTES: number = 68 * 1024

/** What a partition's first bytes say it is. */
export interface Signature {
  /** `ext`, `xfs`, `swap`, `lvm2`, `luks`, `mdraid`, `btrfs`, `vfat`, … */
  readonly kind: string
  readonly uuid?: string
  readonly label?: string
}

interface Row {
  readonly kind: string
  /** Byte offsets at which the magic may lie. */
  readonly at: readonly number[]
  readonly magic: string | readonly number[]
  /** Further conditions where the magic alone is weak. `at` is where the magic was found. */
  readonly valid?: (view: DataView, at: number) => boolean
  readonly uuid?: DecodeField
  readonly label?: DecodeField
}

const KIB = 1024

// Containers come before filesystems, and boot sectors last: what lies inside a container must not be mistaken for the partition itself.
const ROWS: readonly Row[] = [
  // gitlab.com/cryptsetup/LUKS2-docs
  {
    kind: 'luks',
    at: [0],
    magic: 'LUKS\xba\xbe',
    uuid: text(168, 40),
    label: (head, at) => (head[at + 7] === 2 ? text(24, 48)(head, at) : undefined),
  },
  { kind: 'bitlocker', at: [3], magic: '-FVE-FS-' },
  // lib/format_text/layout.h of LVM2: the label is in one of the first four sectors, its type at byte 24
  {
    kind: 'lvm2',
    at: [0, 512, 1024, 1536],
    magic: 'LABELONE',
    valid: (view, at) => view.getUint32(at + 24) === 0x4c564d32 && view.getUint32(at + 28) === 0x20303031, // `LVM2 001`
    uuid: pvUuid,
  },
  // raid.wiki.kernel.org/index.php/RAID_superblock_formats: version 1.1 at the start, 1.2 at 4 KiB
  {
    kind: 'mdraid',
    at: [0, 4 * KIB],
    magic: [0xfc, 0x4e, 0x2b, 0xa9],
    valid: (view, at) => view.getUint32(at + 4, true) === 1,
    uuid: uuid(16),
    label: text(32, 32),
  },
  { kind: 'verity', at: [0], magic: 'verity\0\0', uuid: uuid(16) },
  // BCACHE_MAGIC and BCHFS_MAGIC in the superblock at sector 8
  { kind: 'bcache', at: [4120], magic: [0xc6, 0x85, 0x73, 0xf6, 0x4e, 0x1a, 0x45, 0xca, 0x82, 0x65, 0xf5, 0x7f, 0x48, 0xba, 0x6d, 0x81] },
  {
    kind: 'bcachefs',
    at: [4120],
    magic: [0xc6, 0x85, 0x73, 0xf6, 0x66, 0xce, 0x90, 0xa9, 0xd9, 0x6a, 0x60, 0xcf, 0x80, 0x3d, 0xf7, 0xef],
    uuid: uuid(32),
    label: text(48, 32),
  },
  // include/linux/swap.h: the magic ends the first page, whatever the page size; hibernation puts its own there. The header at 1 KiB
  // keeps a magic that outlived its swap space from hiding the filesystem made over it.
  ...['SWAPSPACE2', 'S1SUSPEND\0', 'S2SUSPEND\0', 'ULSUSPEND\0', 'LINHIB0001'].map(
    (magic): Row => ({
      kind: 'swap',
      at: [4, 8, 16, 32, 64].map((kib) => kib * KIB - 10),
      magic,
      valid: (view) => view.getUint32(KIB, true) === 1 || view.getUint32(KIB) === 1,
      uuid: (head) => uuid(KIB + 12)(head, 0),
      label: (head) => text(KIB + 28, 16)(head, 0),
    }),
  ),
  // docs.kernel.org/filesystems/ext4/globals.html#super-block; `at` is s_magic, 0x38 into the superblock. A copy of it says for which block group
  // it was written (s_block_group_nr): no filesystem begins there.
  {
    kind: 'ext',
    at: [KIB + 0x38],
    magic: [0x53, 0xef],
    valid: (view) =>
      view.getUint32(KIB + 0x18, true) <= 6 &&
      view.getUint32(KIB, true) > 0 &&
      view.getUint32(KIB + 0x4c, true) <= 1 &&
      view.getUint16(KIB + 0x5a, true) === 0,
    uuid: uuid(0x68 - 0x38),
    label: text(0x78 - 0x38, 16),
  },
  { kind: 'xfs', at: [0], magic: 'XFSB', uuid: uuid(32), label: text(108, 12) },
  // btrfs.readthedocs.io/en/latest/dev/On-disk-format.html#superblock
  { kind: 'btrfs', at: [64 * KIB + 0x40], magic: '_BHRfS_M', uuid: uuid(0x20 - 0x40), label: text(0x12b - 0x40, 256) },
  // The first name of the XDR list in the vdev label
  { kind: 'zfs', at: [16 * KIB + 24], magic: 'version' },
  { kind: 'f2fs', at: [KIB], magic: [0x10, 0x20, 0xf5, 0xf2], uuid: uuid(108), label: utf16(124, 512) },
  { kind: 'erofs', at: [KIB], magic: [0xe2, 0xe1, 0xf5, 0xe0], uuid: uuid(48), label: text(64, 16) },
  { kind: 'squashfs', at: [0], magic: 'hsqs', valid: (view) => view.getUint16(28, true) === 4 },
  ...['ReIsErFs', 'ReIsEr2Fs', 'ReIsEr3Fs'].map(
    (magic): Row => ({
      kind: 'reiserfs',
      at: [8 * KIB + 52, 64 * KIB + 52],
      magic,
      uuid: uuid(84 - 52),
      label: text(100 - 52, 16),
    }),
  ),
  { kind: 'jfs', at: [32 * KIB], magic: 'JFS1', uuid: uuid(136), label: text(152, 16) },
  { kind: 'iso9660', at: [32 * KIB + 1], magic: 'CD001', label: text(39, 32) },
  { kind: 'ntfs', at: [3], magic: 'NTFS    ', valid: bootSector, uuid: serial64(0x45) },
  { kind: 'exfat', at: [3], magic: 'EXFAT   ', valid: bootSector, uuid: serial32(97) },
  { kind: 'refs', at: [3], magic: 'ReFS\0\0\0\0' },
  // FAT: the type string of the extended boot record, with the volume id and label before it
  { kind: 'vfat', at: [0x52], magic: 'FAT32   ', valid: bootSector, uuid: serial32(-15), label: fatLabel },
  ...['FAT12   ', 'FAT16   ', 'FAT     '].map(
    (magic): Row => ({
      kind: 'vfat',
      at: [0x36],
      magic,
      valid: bootSector,
      uuid: serial32(-15),
      label: fatLabel,
    }),
  ),
]

/** The first signature that the bytes at the start of a partition bear, or undefined. Sync over at most `PROBE_BYTES`. */
export function recogniseSignature(head: Uint8Array): Signature | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  for (const row of ROWS) {
    const at = row.at.find((offset) => hasMagic(head, offset, row.magic) && isValid(row, view, offset))
    if (at === undefined) continue
    const uuid = row.uuid?.(head, at)
    const label = row.label?.(head, at)
    return { kind: row.kind, ...(uuid ? { uuid } : {}), ...(label ? { label } : {}) }
  }
  return undefined
}

/** Whether `valid` holds; a structure that the bytes cut off is no structure. */
function isValid(row: Row, view: DataView, at: number): boolean {
  return at + 512 <= view.byteLength && (row.valid?.(view, at) ?? true)
}

function hasMagic(head: Uint8Array, at: number, magic: string | readonly number[]): boolean {
  if (at + magic.length > head.length) return false
  for (let i = 0; i < magic.length; i++) {
    if (head[at + i] !== (typeof magic === 'string' ? magic.charCodeAt(i) : magic[i])) return false
  }
  return true
}

/** Before the type string; `NO NAME` is how FAT says that there is none. */
function fatLabel(head: Uint8Array, at: number): string | undefined {
  const label = text(-11, 11)(head, at)
  return label === 'NO NAME' ? undefined : label
}

function bootSector(view: DataView): boolean {
  return view.getUint16(510, true) === 0xaa55
}
