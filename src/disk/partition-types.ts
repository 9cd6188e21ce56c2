// Type names as sfdisk(8) prints them, for the types that occur on cloud images.

// uefi.org/specs/UEFI/2.10/05_GUID_Partition_Table_Format.html; uapi-group.org/specifications/specs/discoverable_partitions_specification
const GPT_TYPES: Readonly<Record<string, string>> = {
  'c12a7328-f81f-11d2-ba4b-00a0c93ec93b': 'EFI System',
  '21686148-6449-6e6f-744e-656564454649': 'BIOS boot',
  '9e1a2d38-c612-4316-aa26-8b49521e5a8b': 'PowerPC PReP boot',
  '024dee41-33e7-11d3-9d69-0008c781f39f': 'MBR partition scheme',
  '0fc63daf-8483-4772-8e79-3d69d8477de4': 'Linux filesystem',
  '4f68bce3-e8cd-4db1-96e7-fbcaf984b709': 'Linux root (x86-64)',
  'b921b045-1df0-41c3-af44-4c6f280d3fae': 'Linux root (ARM-64)',
  '44479540-f297-41b2-9af7-d131d5f0458a': 'Linux root (x86)',
  '69dad710-2ce4-4e3c-b16c-21a1d49abed3': 'Linux root (ARM)',
  '8484680c-9521-48c6-9c11-b0720656f69e': 'Linux /usr (x86-64)',
  'b0e01050-ee5f-4390-949a-9101b17104e9': 'Linux /usr (ARM-64)',
  '4d21b016-b534-45c2-a9fb-5c16e091fd2d': 'Linux variable data',
  '7ec6f557-3bc5-4aca-b293-16ef5df639d1': 'Linux temporary data',
  '933ac7e1-2eb4-4f13-b844-0e14e2aef915': 'Linux home',
  '3b8f8425-20e0-4f3b-907f-1a25a76f98e8': 'Linux server data',
  'bc13c2ff-59e6-4262-a352-b275fd6f7172': 'Linux extended boot',
  '0657fd6d-a4ab-43c4-84e5-0933c84b4f4f': 'Linux swap',
  'e6d6d379-f507-44c2-a23c-238f2a3df928': 'Linux LVM',
  'a19d880f-05fc-4d3b-a006-743f0f84911e': 'Linux RAID',
  'ca7d7ccb-63ed-4c53-861c-1742536059cc': 'Linux LUKS',
  '2c7357ed-ebd2-46d9-aec1-23d437ec2bf5': 'Linux root verity (x86-64)',
  'df3300ce-d69f-4c92-978c-9bfb0f38d820': 'Linux root verity (ARM-64)',
  'e3c9e316-0b5c-4db8-817d-f92df00215ae': 'Microsoft reserved',
  'ebd0a0a2-b9e5-4433-87c0-68b6b72699c7': 'Microsoft basic data',
  'de94bba4-06d1-4d40-a16a-bfd50179d6ac': 'Windows recovery environment',
  '6a898cc3-1dd2-11b2-99a6-080020736631': 'Solaris /usr & Apple ZFS',
}

const MBR_TYPES: Readonly<Record<number, string>> = {
  1: 'FAT12',
  4: 'FAT16 <32M',
  5: 'Extended',
  6: 'FAT16',
  7: 'HPFS/NTFS/exFAT',
  11: 'W95 FAT32',
  12: 'W95 FAT32 (LBA)',
  14: 'W95 FAT16 (LBA)',
  15: "W95 Ext'd (LBA)",
  39: 'Hidden NTFS WinRE',
  65: 'PPC PReP Boot',
  130: 'Linux swap / Solaris',
  131: 'Linux',
  133: 'Linux extended',
  142: 'Linux LVM',
  238: 'GPT',
  239: 'EFI (FAT-12/16/32)',
  253: 'Linux raid autodetect',
}

/** What a GPT type GUID (lower case) stands for. */
export function gptTypeName(guid: string): string | undefined {
  return GPT_TYPES[guid]
}

/** What an MBR system id stands for. */
export function mbrTypeName(type: number): string | undefined {
  return MBR_TYPES[type]
}
