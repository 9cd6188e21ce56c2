import { messageOf } from '../../errors.js'
import type { JournalState } from '../types.js'
import { openMapped } from './file.js'
import type { Volume } from './volume.js'

// journal_superblock_s, big-endian: docs.kernel.org/filesystems/ext4/journal.html#super-block
const H_MAGIC = 0x0
const S_START = 0x1c
const JOURNAL_SUPERBLOCK_SIZE = 1024
const JBD2_MAGIC_NUMBER = 0xc03b3998

/**
 * Whether changes wait in the journal. The primary superblock says so; its copies are not kept up, so where one stands in for it
 * (`isCopy`) the journal itself is asked.
 */
export async function readJournalState(volume: Volume, isCopy: boolean): Promise<JournalState> {
  const { hasJournal, needsRecovery, journal } = volume.superblock
  if (!hasJournal) return { state: 'none' }
  const state = needsRecovery ? 'dirty' : 'clean'
  if (journal.inode === 0) return { state, detail: `external, device UUID ${journal.uuid}` }
  if (!isCopy || needsRecovery) return { state }
  try {
    return { state: (await hasTransactions(volume, journal.inode)) ? 'dirty' : 'clean' }
  } catch (error) {
    return { state: 'dirty', detail: `cannot be read: ${messageOf(error)}` }
  }
}

async function hasTransactions(volume: Volume, ino: number): Promise<boolean> {
  const file = await openMapped(volume, await volume.readInode(ino))
  const bytes = await file.read(0, JOURNAL_SUPERBLOCK_SIZE)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return view.getUint32(H_MAGIC) !== JBD2_MAGIC_NUMBER || view.getUint32(S_START) !== 0
}
