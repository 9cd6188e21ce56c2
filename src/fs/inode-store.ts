import { copied } from './typed-array.js'
import type { FileType, Stat } from './types.js'

const TYPES: readonly FileType[] = ['file', 'dir', 'symlink', 'char', 'block', 'fifo', 'socket']
const LOST = 0xffffffff

/** Fields of `Stat` that few inodes have. */
export type StatExtras = Pick<Stat, 'rdev' | 'encrypted' | 'error'>

/** An inode as far as the store keeps it. */
export interface StoredInode {
  readonly ino: number
  readonly stat: Stat
  readonly extras: StatExtras | undefined
}

/** What `Stat` tells of many inodes, kept as numbers: about 60 bytes for each. */
export class InodeStore {
  readonly #groupSize: number
  /** Per group and inode: 0 where nothing is known, `LOST`, or its slot + 1. */
  readonly #slots = new Map<number, Uint32Array>()
  /** What few inodes have, by slot. */
  readonly #extras = new Map<number, StatExtras>()
  #count = 0
  #types = new Uint8Array(64)
  #modes = new Uint16Array(64)
  #nlinks = new Uint32Array(64)
  #uids = new Uint32Array(64)
  #gids = new Uint32Array(64)
  #sizes = new Float64Array(64)
  #mtimes = new Float64Array(64)
  #mtimesNs = new Uint32Array(64)
  #ctimes = new Float64Array(64)
  #ctimesNs = new Uint32Array(64)

  /** `groupSize`: inodes that lie together; the store has room for all of a group of which it has one. */
  constructor(groupSize: number) {
    this.#groupSize = groupSize
  }

  add(inode: StoredInode): void {
    const { stat } = inode
    const slot = this.#count++
    if (slot === this.#types.length) this.#grow(Math.ceil(slot * 1.5))
    this.#groupSlots(inode.ino)[inode.ino % this.#groupSize] = slot + 1
    this.#types[slot] = TYPES.indexOf(stat.type)
    this.#modes[slot] = stat.mode
    this.#nlinks[slot] = stat.nlink
    this.#uids[slot] = stat.uid
    this.#gids[slot] = stat.gid
    this.#sizes[slot] = stat.size
    this.#mtimes[slot] = stat.mtime
    this.#mtimesNs[slot] = stat.mtimeNs
    this.#ctimes[slot] = stat.ctime
    this.#ctimesNs[slot] = stat.ctimeNs
    if (inode.extras) this.#extras.set(slot, inode.extras)
  }

  lose(firstIno: number, count: number): void {
    for (let ino = firstIno; ino < firstIno + count; ino++) this.#groupSlots(ino)[ino % this.#groupSize] = LOST
  }

  /** Whether the inode was read, or its place could not be. */
  knows(ino: number): boolean {
    return this.#slotWord(ino) !== 0
  }

  /** Whether its place in the inode table could not be read. */
  isLost(ino: number): boolean {
    return this.#slotWord(ino) === LOST
  }

  /** Undefined where the inode is free or was not read. */
  stat(ino: number): Stat | undefined {
    const word = this.#slotWord(ino)
    if (word === 0 || word === LOST) return undefined
    const slot = word - 1
    const stat: Stat = {
      ino,
      type: TYPES[this.#types[slot]!]!,
      size: this.#sizes[slot]!,
      mode: this.#modes[slot]!,
      uid: this.#uids[slot]!,
      gid: this.#gids[slot]!,
      nlink: this.#nlinks[slot]!,
      mtime: this.#mtimes[slot]!,
      mtimeNs: this.#mtimesNs[slot]!,
      ctime: this.#ctimes[slot]!,
      ctimeNs: this.#ctimesNs[slot]!,
    }
    const extras = this.#extras.get(slot)
    return extras ? { ...stat, ...extras } : stat
  }

  #slotWord(ino: number): number {
    return this.#slots.get(Math.floor(ino / this.#groupSize))?.[ino % this.#groupSize] ?? 0
  }

  #groupSlots(ino: number): Uint32Array {
    const group = Math.floor(ino / this.#groupSize)
    let slots = this.#slots.get(group)
    if (!slots) {
      slots = new Uint32Array(this.#groupSize)
      this.#slots.set(group, slots)
    }
    return slots
  }

  #grow(length: number): void {
    this.#types = copied(this.#types, new Uint8Array(length))
    this.#modes = copied(this.#modes, new Uint16Array(length))
    this.#nlinks = copied(this.#nlinks, new Uint32Array(length))
    this.#uids = copied(this.#uids, new Uint32Array(length))
    this.#gids = copied(this.#gids, new Uint32Array(length))
    this.#sizes = copied(this.#sizes, new Float64Array(length))
    this.#mtimes = copied(this.#mtimes, new Float64Array(length))
    this.#mtimesNs = copied(this.#mtimesNs, new Uint32Array(length))
    this.#ctimes = copied(this.#ctimes, new Float64Array(length))
    this.#ctimesNs = copied(this.#ctimesNs, new Uint32Array(length))
  }
}
