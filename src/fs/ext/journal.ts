import { CorruptError, IoError, ScanError, UnsupportedError } from '../../errors.js'
import { OverlayReader } from '../../io/overlay-reader.js'
import type { Reader } from '../../io/types.js'
import type { Run } from '../run.js'
import type { JournalState } from '../types.js'
import { extBlockMap } from './block-map.js'
import { inodeSeed } from './checksum.js'
import { decodeExtentRoot, EXT4_EXT_MAGIC } from './extent.js'
import { decodeIndirectRoot } from './indirect.js'
import { replayFastCommits } from './jbd2/fast-commit-replay.js'
import { scanFastCommits } from './jbd2/fast-commit-scan.js'
import { JournalLog } from './jbd2/log.js'
import { replayLog } from './jbd2/replay.js'
import { scanLog } from './jbd2/scan.js'
import { Volume } from './volume.js'

const I_BLOCK_SIZE = 60

/** A filesystem's journal, as far as it could be applied. */
export interface Recovery {
  readonly journal: JournalState
  /** The filesystem with the log applied. */
  readonly reader: Reader
  /** What of the newest changes is not in it. */
  readonly problems: readonly ScanError[]
  /** Where fast commits may follow the log: the journal, and the transaction that they belong to. */
  readonly fastCommits?: { readonly log: JournalLog; readonly tid: number }
}

/**
 * Apply what waits in the journal. The primary superblock tells whether there is anything; its copies are not kept up, so where one stands
 * in for it (`isCopy`) the journal itself is asked. `volume`: the filesystem without its journal.
 */
export async function recoverJournal(volume: Volume, isCopy: boolean): Promise<Recovery> {
  const { reader, superblock } = volume
  const { hasJournal, needsRecovery, journal } = superblock
  const found = (state: JournalState['state'], detail?: string, ...problems: ScanError[]): Recovery => ({
    journal: detail === undefined ? { state } : { state, detail },
    reader,
    problems,
  })
  if (!hasJournal) return found('none')
  if (journal.inode === 0) {
    const detail = `external, device UUID ${journal.uuid}`
    return needsRecovery ? found('dirty', detail, new UnsupportedError('external journal', notApplied(detail))) : found('clean', detail)
  }
  if (!needsRecovery && !isCopy) return found('clean')
  try {
    const log = await openLog(volume)
    return log.superblock.start === 0 ? found('clean') : await applyLog(log)
  } catch (error) {
    if (!(error instanceof ScanError)) throw error
    return found('dirty', error.message, withReason(error))
  }
}

function withReason(error: ScanError): ScanError {
  const message = notApplied(error.message)
  if (error instanceof UnsupportedError) return new UnsupportedError(error.feature, message)
  return error instanceof IoError ? new IoError(message) : new CorruptError('journal', message)
}

function notApplied(reason: string): string {
  return `the newest changes are in the journal and are not applied: ${reason}`
}

async function applyLog(log: JournalLog): Promise<Recovery> {
  const scanned = await scanLog(log)
  const replay = await replayLog(log, scanned)
  const problems = [...(scanned.problem === undefined ? [] : [scanned.problem]), ...replay.problems]
  const detail = [
    counted(scanned.transactions.length, 'transaction'),
    counted(replay.blocks, 'block'),
    ...(replay.revoked > 0 ? [`${replay.revoked} revoked`] : []),
    ...problems,
  ].join(', ')
  return {
    journal: { state: 'replayed', detail },
    reader: replay.reader,
    problems: problems.map((problem) => new CorruptError('journal', `not all of it is applied: ${problem}`)),
    ...(scanned.problem === undefined && log.hasFastCommits && { fastCommits: { log, tid: scanned.endSequence } }),
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** The filesystem with its fast commits applied, and what is to be told of them. */
export interface FastCommitted {
  readonly volume: Volume
  readonly detail?: string
  readonly problem?: ScanError
}

/** Apply the fast commits that follow the log. `volume`: the filesystem with the log applied. */
export async function applyFastCommits(volume: Volume, { log, tid }: NonNullable<Recovery['fastCommits']>): Promise<FastCommitted> {
  const { reader, superblock, groups } = volume
  const scanned = await scanFastCommits(log, tid, superblock.inodeSize)
  const replay = await replayFastCommits(volume, scanned.tags)
  const reason = scanned.problem ?? replay.problem
  const problem = reason === undefined ? {} : { problem: new CorruptError('journal', `not all of it is applied: ${reason}`) }
  if (scanned.tags.length === 0) return { volume, ...problem }
  const overlay = new OverlayReader(reader, superblock.blockSize, new Map(), replay.patches)
  return {
    volume: new Volume(overlay, superblock, groups, volume.log, replay.state),
    detail: counted(scanned.commits, 'fast commit'),
    ...problem,
  }
}

/** @throws ScanError */
async function openLog(volume: Volume): Promise<JournalLog> {
  const { reader, superblock } = volume
  const { runs, extentSeed, size } = await findJournal(volume)
  const blockCount = Math.floor(size / superblock.blockSize)
  const map = extBlockMap(volume, runs, extentSeed)
  await map.resolve(reader, 0, blockCount)
  const resolved = map.within(0, blockCount)
  for (const { error } of resolved) if (error) throw error
  return JournalLog.open(reader, superblock.blockSize, resolved, blockCount)
}

interface FoundJournal {
  readonly runs: readonly Run[]
  readonly extentSeed: number | undefined
  /** Bytes. */
  readonly size: number
}

/** Where the journal lies as its inode tells, or where that is damaged the copy in the superblock. @throws ScanError */
async function findJournal(volume: Volume): Promise<FoundJournal> {
  const { inode: ino, backup } = volume.superblock.journal
  try {
    const { stat, runs, extents, seed } = await volume.readInode(ino)
    if (stat.error !== undefined) throw new CorruptError(`journal inode ${ino}`, stat.error)
    if (stat.type !== 'file') throw new CorruptError(`journal inode ${ino}`, `it is a ${stat.type}`)
    return { runs, extentSeed: extents ? seed : undefined, size: stat.size }
  } catch (error) {
    if (!(error instanceof ScanError) || !backup) throw error
    const view = new DataView(backup.buffer, backup.byteOffset, backup.length)
    const size = view.getUint32(I_BLOCK_SIZE, true) * 2 ** 32 + view.getUint32(I_BLOCK_SIZE + 4, true)
    if (view.getUint16(0, true) !== EXT4_EXT_MAGIC) return { runs: decodeIndirectRoot(volume, view, 0), extentSeed: undefined, size }
    // The generation of a journal's inode is 0.
    return { runs: decodeExtentRoot(volume, view, 0), extentSeed: inodeSeed(volume.superblock, ino, 0), size }
  }
}
