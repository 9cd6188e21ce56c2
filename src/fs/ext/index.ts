import { CorruptError, UnsupportedError } from '../../errors.js'
import type { Reader } from '../../io/types.js'
import type { FileSystem, FileSystemDriver, JournalState } from '../types.js'
import { findBackupSuperblock } from './backup.js'
import { ExtFileSystem } from './filesystem.js'
import { GroupTable } from './group-table.js'
import { IssueLog } from './issue-log.js'
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
  const { superblock, problem } = await readSuperblock(reader)
  const log = new IssueLog(superblock.uuid)
  if (problem !== undefined) log.add(new CorruptError('ext4_super_block', problem), false)
  const sizeBytes = superblock.blocksCount * superblock.blockSize
  if (sizeBytes > reader.size) {
    log.add(new CorruptError('ext4_super_block', `a filesystem of ${sizeBytes} bytes on ${reader.size}`), true)
  }
  const journal = journalState(superblock)
  if (journal.state === 'dirty') {
    log.add(new UnsupportedError('needs_recovery', 'the newest changes are in the journal and are not applied'), true)
  }
  const groups = await GroupTable.read(reader, superblock, log)
  return new ExtFileSystem(new Volume(reader, superblock, groups, log), journal)
}

/** The primary superblock, or where it is lost or its checksum does not fit a copy; `problem` says what is wrong with the primary. */
async function readSuperblock(reader: Reader): Promise<{ superblock: Superblock; problem?: string }> {
  let failure: unknown
  try {
    if (reader.size < SUPERBLOCK_OFFSET + SUPERBLOCK_SIZE) throw new CorruptError('ext4_super_block', `${reader.size} bytes hold none`)
    const primary = await reader.read(SUPERBLOCK_OFFSET, SUPERBLOCK_SIZE)
    if (superblockChecksumFits(primary)) return { superblock: decodeSuperblock(primary) }
    const backup = await findBackupSuperblock(reader)
    if (backup) return { superblock: backup, problem: 'checksum does not fit, so a copy is used' }
    return { superblock: decodeSuperblock(primary), problem: 'checksum does not fit' }
  } catch (error) {
    if (error instanceof UnsupportedError) throw error
    failure = error
  }
  const backup = await findBackupSuperblock(reader)
  if (!backup) throw failure
  return { superblock: backup, problem: `the primary is lost (${failure instanceof Error ? failure.message : failure}), so a copy is used` }
}

function journalState({ hasJournal, needsRecovery, journal }: Superblock): JournalState {
  if (!hasJournal) return { state: 'none' }
  const state = needsRecovery ? 'dirty' : 'clean'
  return journal.inode === 0 ? { state, detail: `external, device UUID ${journal.uuid}` } : { state }
}
