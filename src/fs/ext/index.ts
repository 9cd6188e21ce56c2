import { CorruptError, messageOf, ScanError, UnsupportedError } from '../../errors.js'
import type { Reader } from '../../io/types.js'
import { IssueLog } from '../issue-log.js'
import type { FileSystem, FileSystemDriver, JournalState } from '../types.js'
import { findBackupSuperblock } from './backup.js'
import { ExtFileSystem } from './filesystem.js'
import { GroupTable } from './group-table.js'
import { EXT4_ROOT_INO } from './inode.js'
import { applyFastCommits, type Recovery, recoverJournal } from './journal.js'
import {
  decodeSuperblock,
  hasSuperMagic,
  SUPERBLOCK_OFFSET,
  SUPERBLOCK_SIZE,
  type Superblock,
  superblockChecksumFits,
} from './superblock.js'
import { Volume } from './volume.js'

/** Reads ext2, ext3 and ext4. */
export const extDriver: FileSystemDriver = {
  name: 'ext',
  probe: (head) => hasSuperMagic(head, SUPERBLOCK_OFFSET),
  mount,
  recover: async (reader) => (await findBackupSuperblock(reader)) !== undefined,
}

async function mount(reader: Reader): Promise<FileSystem> {
  const found = await readSuperblock(reader)
  const log = new IssueLog(found.superblock.uuid)
  const volume = await openVolume(reader, found, log)
  const recovery = await recoverJournal(volume, found.isCopy)
  if (recovery.journal.state === 'replayed') return mountReplayed(recovery)
  for (const problem of recovery.problems) log.add(problem, true)
  return mounted(volume, recovery.journal)
}

/** Superblock and group descriptors may lie in the journal too, so what is wrong with those beneath it is of no concern. */
async function mountReplayed({ reader, journal, problems, fastCommits }: Recovery): Promise<FileSystem> {
  const found = await readSuperblock(reader)
  const log = new IssueLog(found.superblock.uuid)
  for (const problem of problems) log.add(problem, true)
  const volume = await openVolume(reader, found, log)
  if (!fastCommits) return mounted(volume, journal)
  const applied = await applyFastCommits(volume, fastCommits)
  if (applied.problem) log.add(applied.problem, true)
  return mounted(applied.volume, { ...journal, detail: [journal.detail, applied.detail].filter((part) => part).join(', ') })
}

async function openVolume(reader: Reader, { superblock, problem }: FoundSuperblock, log: IssueLog): Promise<Volume> {
  if (problem !== undefined) log.add(new CorruptError('ext4_super_block', problem), false)
  const sizeBytes = superblock.blocksCount * superblock.blockSize
  if (sizeBytes > reader.size) {
    log.add(new CorruptError('ext4_super_block', `a filesystem of ${sizeBytes} bytes on ${reader.size}`), true)
  }
  return new Volume(reader, superblock, await GroupTable.read(reader, superblock, log), log)
}

async function mounted(volume: Volume, journal: JournalState): Promise<FileSystem> {
  await checkRoot(volume)
  return new ExtFileSystem(volume, journal)
}

/** A root of another type tells that the geometry is wrong. One that cannot be read is left to whoever asks for it. @throws CorruptError */
async function checkRoot(volume: Volume): Promise<void> {
  const root = await volume.readInode(EXT4_ROOT_INO).catch((error: unknown) => {
    if (error instanceof ScanError) return undefined
    throw error
  })
  if (root && root.stat.error === undefined && root.stat.type !== 'dir') {
    throw new CorruptError('ext4_inode', `the root is a ${root.stat.type}`)
  }
}

interface FoundSuperblock {
  readonly superblock: Superblock
  readonly isCopy: boolean
  /** What is wrong with the primary. */
  readonly problem?: string
}

/** The primary superblock, or where it is lost or its checksum does not fit a copy. */
async function readSuperblock(reader: Reader): Promise<FoundSuperblock> {
  let failure: unknown
  let damaged: Uint8Array | undefined
  try {
    if (reader.size < SUPERBLOCK_OFFSET + SUPERBLOCK_SIZE) throw new CorruptError('ext4_super_block', `${reader.size} bytes hold none`)
    const primary = await reader.read(SUPERBLOCK_OFFSET, SUPERBLOCK_SIZE)
    if (hasSuperMagic(primary)) damaged = primary
    if (superblockChecksumFits(primary)) return { superblock: decodeSuperblock(primary), isCopy: false }
    const copy = await findBackupSuperblock(reader, damaged)
    if (copy) return { superblock: copy, isCopy: true, problem: 'checksum does not fit, so a copy is used' }
    return { superblock: decodeSuperblock(primary), isCopy: false, problem: 'checksum does not fit' }
  } catch (error) {
    if (error instanceof UnsupportedError) throw error
    failure = error
  }
  const copy = await findBackupSuperblock(reader, damaged)
  if (!copy) throw failure
  return { superblock: copy, isCopy: true, problem: `the primary is lost (${messageOf(failure)}), so a copy is used` }
}
