import { CorruptError, messageOf, UnsupportedError } from '../../errors.js'
import type { Reader } from '../../io/types.js'
import { IssueLog } from '../issue-log.js'
import type { FileSystem, FileSystemDriver } from '../types.js'
import { findBackupSuperblock } from './backup.js'
import { XfsFileSystem } from './filesystem.js'
import { readInodeChunks } from './inode-btree.js'
import { readLogState } from './log.js'
import { decodeSuperblock, hasSuperMagic, SUPERBLOCK_SIZE, type Superblock, sectorSizeOf, superblockChecksumFits } from './superblock.js'
import { Volume } from './volume.js'

/** Reads XFS, versions 4 and 5. */
export const xfsDriver: FileSystemDriver = {
  name: 'xfs',
  probe: (head) => hasSuperMagic(head),
  mount,
  recover: async (reader) => (await findBackupSuperblock(reader)) !== undefined,
}

async function mount(reader: Reader): Promise<FileSystem> {
  const { superblock, problem } = await readSuperblock(reader)
  if (problem === undefined && superblock.inProgress) throw new CorruptError('xfs_dsb', 'mkfs.xfs did not come to its end')
  const log = new IssueLog(superblock.uuid)
  if (problem !== undefined) log.add(new CorruptError('xfs_dsb', problem), false)
  if (superblock.features.needsRepair) log.add(new CorruptError('xfs_dsb', 'marked as in need of repair'), true)
  const sizeBytes = superblock.blocksCount * superblock.blockSize
  if (sizeBytes > reader.size) log.add(new CorruptError('xfs_dsb', `a filesystem of ${sizeBytes} bytes on ${reader.size}`), true)
  const volume = new Volume(reader, superblock, log)
  const journal = await readLogState(volume)
  if (journal.state === 'dirty') {
    log.add(new UnsupportedError('dirty log', `the newest changes are in the log and are not applied${detail(journal.detail)}`), true)
  }
  return new XfsFileSystem(volume, await rootOf(volume), journal)
}

function detail(text: string | undefined): string {
  return text === undefined ? '' : `: ${text}`
}

/** mkfs.xfs leaves the root out of most copies of the superblock: it is the first inode there is. */
async function rootOf(volume: Volume): Promise<number> {
  const root = volume.superblock.rootIno ?? (await readInodeChunks(volume))[0]?.firstIno
  if (root === undefined) throw new CorruptError('xfs_dsb', 'no root directory')
  return root
}

/** The primary superblock, or where it is lost or its checksum does not fit a copy; `problem` says what is wrong with the primary. */
async function readSuperblock(reader: Reader): Promise<{ superblock: Superblock; problem?: string }> {
  let failure: unknown
  try {
    if (reader.size < SUPERBLOCK_SIZE) throw new CorruptError('xfs_dsb', `${reader.size} bytes hold none`)
    const sector = await reader.read(0, Math.min(sectorSizeOf(await reader.read(0, SUPERBLOCK_SIZE)), reader.size))
    if (superblockChecksumFits(sector)) return { superblock: decodeSuperblock(sector) }
    const backup = await findBackupSuperblock(reader)
    if (backup) return { superblock: backup, problem: 'checksum does not fit, so a copy is used' }
    return { superblock: decodeSuperblock(sector), problem: 'checksum does not fit' }
  } catch (error) {
    if (error instanceof UnsupportedError) throw error
    failure = error
  }
  const backup = await findBackupSuperblock(reader)
  if (!backup) throw failure
  return { superblock: backup, problem: `the primary is lost (${messageOf(failure)}), so a copy is used` }
}
