import { LimitError, ScanError } from '../../../errors.js'
import type { Patch } from '../../../io/overlay-reader.js'
import { decodeName } from '../../name.js'
import type { Run } from '../../run.js'
import { sumInode } from '../checksum.js'
import { MAX_FILE_BLOCK } from '../extent.js'
import { decodeInode, type Inode } from '../inode.js'
import type { Volume } from '../volume.js'
import { DirectoryEdits } from './directory-edits.js'
import {
  EXT4_FC_TAG_ADD_RANGE,
  EXT4_FC_TAG_CREAT,
  EXT4_FC_TAG_DEL_RANGE,
  EXT4_FC_TAG_INODE,
  EXT4_FC_TAG_LINK,
  EXT4_FC_TAG_UNLINK,
  type FastCommitTag,
} from './fast-commit-scan.js'
import type { FastCommitState } from './fast-commit-state.js'
import { replaceRange, wholeMap } from './file-ranges.js'

// Values of the tags, little-endian: docs.kernel.org/filesystems/ext4/journal.html#fast-commits
const FC_INO = 0x0
const FC_RAW_INODE = 0x4
const FC_EX = 0x4
const FC_LBLK = 0x4
const FC_DEL_LEN = 0x8
const FC_PARENT_INO = 0x0
const FC_DENTRY_INO = 0x4
const FC_DNAME = 0x8

const EE_LEN = 4
const EE_START_HI = 6
const EE_START_LO = 8
const EXT_INIT_MAX_LEN = 32768

const I_LINKS_COUNT = 0x1a
const I_FLAGS = 0x20
const I_BLOCK = 0x28
const I_GENERATION = 0x64
const EXT4_EXTENTS_FL = 0x80000
const EXT4_INLINE_DATA_FL = 0x10000000
/** An extent header of depth 0 with room for four extents, and none. */
const EMPTY_EXTENT_ROOT = Uint8Array.of(0x0a, 0xf3, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0)

/** Bounds of memory and of time: one file's stretches may all move with each range that is added to it. */
const MAX_LOADED_RUNS = 2 ** 20
const MAX_MOVED_RUNS = 2 ** 28

export interface ReplayedFastCommits {
  readonly state: FastCommitState
  /** Inodes as they are in their tables then. */
  readonly patches: readonly Patch[]
  /** Why not all changes are applied. */
  readonly problem?: string
}

interface RawInode {
  readonly offset: number
  readonly bytes: Uint8Array
  readonly view: DataView
}

/** Apply the changes one after another, with the outcome of ext4_fc_replay: what is there already, or is gone already, is no fault. */
export async function replayFastCommits(volume: Volume, tags: readonly FastCommitTag[]): Promise<ReplayedFastCommits> {
  const replay = new FastCommitReplay(volume, tags)
  let problem: string | undefined
  for (const { tag, value } of tags) {
    problem = await replay.apply(tag, value)
    if (problem !== undefined) break
  }
  return replay.result(problem)
}

class FastCommitReplay {
  readonly #volume: Volume
  readonly #inodes = new Map<number, RawInode>()
  readonly #runs = new Map<number, Run[]>()
  #loaded = 0
  #moved = 0
  readonly #directories: DirectoryEdits

  constructor(volume: Volume, tags: readonly FastCommitTag[]) {
    this.#volume = volume
    this.#directories = new DirectoryEdits(volume)
    for (const { tag, value } of tags) {
      if (tag !== EXT4_FC_TAG_CREAT && tag !== EXT4_FC_TAG_LINK && tag !== EXT4_FC_TAG_UNLINK) continue
      this.#directories.expect(u32(value, FC_PARENT_INO), decodeName(value.subarray(FC_DNAME)))
    }
  }

  result(problem: string | undefined): ReplayedFastCommits {
    const patches: Patch[] = []
    for (const [ino, { offset, bytes }] of this.#inodes) {
      sumInode(this.#volume.superblock, ino, bytes)
      // A patch stays within one block, as an inode does.
      patches.push({ offset, bytes })
    }
    const found = { state: { runs: this.#runs, directories: this.#directories.changes() }, patches }
    return problem === undefined ? found : { ...found, problem }
  }

  /** Returns why the kernel would go no further. */
  async apply(tag: number, value: Uint8Array): Promise<string | undefined> {
    try {
      switch (tag) {
        case EXT4_FC_TAG_INODE:
          return void (await this.#replaceInode(u32(value, FC_INO), value.subarray(FC_RAW_INODE)))
        case EXT4_FC_TAG_ADD_RANGE:
          return void (await this.#addRange(value))
        case EXT4_FC_TAG_DEL_RANGE:
          return void (await this.#setRange(u32(value, FC_INO), u32(value, FC_LBLK), u32(value, FC_DEL_LEN), undefined))
        case EXT4_FC_TAG_CREAT:
          return await this.#create(value)
        case EXT4_FC_TAG_LINK:
          return void (await this.#link(value))
        case EXT4_FC_TAG_UNLINK:
          return void (await this.#unlink(value))
        default:
          return undefined
      }
    } catch (error) {
      if (error instanceof ScanError) return `fast commit: ${error.message}`
      throw error
    }
  }

  /** The bytes of an inode as they are by now; undefined where there is no such inode. */
  async #raw(ino: number): Promise<RawInode | undefined> {
    const known = this.#inodes.get(ino)
    if (known) return known
    const offset = this.#volume.inodeOffset(ino)
    if (offset === undefined) return undefined
    const bytes = Uint8Array.from(await this.#volume.reader.read(offset, this.#volume.superblock.inodeSize))
    return { offset, bytes, view: new DataView(bytes.buffer) }
  }

  /** An inode in use as the kernel would get it. */
  async #get(ino: number): Promise<{ raw: RawInode; inode: Inode } | undefined> {
    const raw = this.#volume.mayBeNamed(ino) ? await this.#raw(ino) : undefined
    if (!raw || raw.view.getUint16(I_LINKS_COUNT, true) === 0) return undefined
    // Inodes that were changed here are summed at the end.
    if (this.#inodes.has(ino)) sumInode(this.#volume.superblock, ino, raw.bytes)
    const inode = decodeInode(this.#volume, ino, raw.view, raw.bytes, 0)
    return inode.stat.error === undefined ? { raw, inode } : undefined
  }

  /** All of the inode but where its data lies: that follows as ranges. */
  async #replaceInode(ino: number, fields: Uint8Array): Promise<void> {
    const raw = await this.#raw(ino)
    if (!raw || ino < 2) return
    const { bytes, view } = raw
    this.#inodes.set(ino, raw)
    bytes.set(fields.subarray(0, I_BLOCK))
    bytes.set(fields.subarray(I_GENERATION), I_GENERATION)
    const flags = view.getUint32(I_FLAGS, true)
    if (flags & EXT4_EXTENTS_FL) {
      const hasRoot = bytes[I_BLOCK] === EMPTY_EXTENT_ROOT[0] && bytes[I_BLOCK + 1] === EMPTY_EXTENT_ROOT[1]
      if (!hasRoot) bytes.set(EMPTY_EXTENT_ROOT, I_BLOCK)
    } else if (flags & EXT4_INLINE_DATA_FL) bytes.set(fields.subarray(I_BLOCK, I_GENERATION), I_BLOCK)
  }

  async #addRange(value: Uint8Array): Promise<void> {
    const view = new DataView(value.buffer, value.byteOffset, value.length)
    const length = view.getUint16(FC_EX + EE_LEN, true)
    const unwritten = length > EXT_INIT_MAX_LEN
    const fsBlock = view.getUint16(FC_EX + EE_START_HI, true) * 2 ** 32 + view.getUint32(FC_EX + EE_START_LO, true)
    const blockCount = unwritten ? length - EXT_INIT_MAX_LEN : length
    if (!this.#volume.isFileSpace(fsBlock, blockCount)) return
    await this.#setRange(u32(value, FC_INO), u32(value, FC_EX), blockCount, unwritten ? undefined : fsBlock)
  }

  /** `fsBlock` undefined: the range reads as zeros. */
  async #setRange(ino: number, fileBlock: number, blockCount: number, fsBlock: number | undefined): Promise<void> {
    const found = await this.#get(ino)
    if (!found?.inode.extents || blockCount === 0 || fileBlock + blockCount > MAX_FILE_BLOCK) return
    const runs = this.#runs.get(ino) ?? (await this.#load(found.inode))
    this.#moved += runs.length
    if (this.#moved > MAX_MOVED_RUNS) throw new LimitError('steps of fast commits', MAX_MOVED_RUNS)
    replaceRange(runs, fileBlock, blockCount, fsBlock)
  }

  async #load(inode: Inode): Promise<Run[]> {
    const runs = await wholeMap(this.#volume, inode)
    this.#loaded += runs.length
    if (this.#loaded > MAX_LOADED_RUNS) throw new LimitError('stretches of files that fast commits change', MAX_LOADED_RUNS)
    this.#runs.set(inode.ino, runs)
    return runs
  }

  async #create(value: Uint8Array): Promise<string | undefined> {
    const ino = u32(value, FC_DENTRY_INO)
    const found = await this.#get(ino)
    if (!found) return `fast commit: it makes inode ${ino}, which is not there`
    if (found.inode.stat.type === 'dir') {
      const isEmpty = (found.inode.runs[0]?.fileBlock ?? 1) > 0
      if (!isEmpty || !(await this.#get(u32(value, FC_PARENT_INO)))) return undefined
      this.#directories.make(ino)
    }
    await this.#addName(value, found.inode)
    this.#setLinks(ino, found.raw, 1)
    return undefined
  }

  async #link(value: Uint8Array): Promise<void> {
    const ino = u32(value, FC_DENTRY_INO)
    const found = await this.#get(ino)
    if (!found || !(await this.#addName(value, found.inode))) return
    this.#setLinks(ino, found.raw, found.raw.view.getUint16(I_LINKS_COUNT, true) + 1)
  }

  /** False where the name is there already, or cannot be. */
  async #addName(value: Uint8Array, { ino, stat }: Inode): Promise<boolean> {
    const name = decodeName(value.subarray(FC_DNAME))
    const directory = u32(value, FC_PARENT_INO)
    const parent = await this.#get(directory)
    if (parent?.inode.stat.type !== 'dir') return false
    if (await this.#directories.lookup(parent.inode, name)) return false
    this.#directories.set(directory, name, { ino, type: stat.type })
    return true
  }

  async #unlink(value: Uint8Array): Promise<void> {
    const ino = u32(value, FC_DENTRY_INO)
    const directory = u32(value, FC_PARENT_INO)
    const found = await this.#get(ino)
    const parent = await this.#get(directory)
    if (!found || parent?.inode.stat.type !== 'dir') return
    const name = decodeName(value.subarray(FC_DNAME))
    const named = await this.#directories.lookup(parent.inode, name)
    if (!named) return
    // The name may belong to another inode by now, to which it was renamed.
    if (named.ino === ino) this.#directories.set(directory, name, undefined)
    const links = found.raw.view.getUint16(I_LINKS_COUNT, true) - 1
    this.#setLinks(ino, found.raw, links)
    if (links === 0) this.#empty(ino, found)
  }

  /** An inode that goes with its last name loses its data at once: the same commit may use it again. */
  #empty(ino: number, { raw, inode }: { readonly raw: RawInode; readonly inode: Inode }): void {
    this.#runs.delete(ino)
    if (inode.extents) raw.bytes.set(EMPTY_EXTENT_ROOT, I_BLOCK)
    else if (inode.stat.rdev === undefined) raw.bytes.fill(0, I_BLOCK, I_GENERATION)
  }

  #setLinks(ino: number, raw: RawInode, links: number): void {
    raw.view.setUint16(I_LINKS_COUNT, links, true)
    this.#inodes.set(ino, raw)
  }
}

function u32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(at, true)
}
