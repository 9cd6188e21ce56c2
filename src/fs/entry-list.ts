import { LimitError } from '../errors.js'
import { decodeName } from './name.js'
import { copied } from './typed-array.js'
import type { DirEntry, FileType } from './types.js'

/** Names are addressed by 32 bits. */
const MAX_NAME_BYTES = 2 ** 32
/** Where in a record of the pool the name begins, after its length and the raw file type. */
const NAME = 2
const HASH_START = Math.floor(Math.random() * 2 ** 32)

const FILE_TYPES: readonly (FileType | undefined)[] = [undefined, 'file', 'dir', 'char', 'block', 'fifo', 'socket', 'symlink']

/** The code by which `EntryList.add` takes a type; 0 where it is not known. */
export function fileTypeCode(type: FileType | undefined): number {
  return FILE_TYPES.indexOf(type)
}

function grown(length: number, needed: number): number {
  return Math.max(needed, Math.ceil(length * 1.5))
}

/** Entries `[start, end)` of an `EntryList`, from the directory's block `fileBlock`. */
export interface Segment {
  readonly fileBlock: number
  readonly start: number
  readonly end: number
}

/** Directory entries, kept as numbers and one pool of bytes: about 12 bytes an entry and 2 more than its name has. */
export class EntryList {
  length = 0
  #inos = new Float64Array(64)
  #names = new Uint32Array(64)
  #pool = new Uint8Array(2048)
  #poolLength = 0

  /** @throws LimitError */
  add(ino: number, fileType: number, bytes: Uint8Array, nameAt: number, nameLength: number): void {
    if (this.length === this.#inos.length) {
      const length = grown(this.length, 64)
      this.#inos = copied(this.#inos, new Float64Array(length))
      this.#names = copied(this.#names, new Uint32Array(length))
    }
    const end = this.#poolLength + NAME + nameLength
    if (end > MAX_NAME_BYTES) throw new LimitError('bytes of file names', MAX_NAME_BYTES)
    if (end > this.#pool.length) {
      const pool = new Uint8Array(Math.min(grown(this.#pool.length, end), MAX_NAME_BYTES))
      pool.set(this.#pool)
      this.#pool = pool
    }
    const pool = this.#pool
    this.#inos[this.length] = ino
    this.#names[this.length] = this.#poolLength
    pool[this.#poolLength] = nameLength
    pool[this.#poolLength + 1] = fileType
    for (let i = 0, to = this.#poolLength + NAME; i < nameLength; i++) pool[to + i] = bytes[nameAt + i]!
    this.#poolLength = end
    this.length++
  }

  /** 0 for an entry that was dropped. */
  ino(i: number): number {
    return this.#inos[i]!
  }

  /** What the directory records; undefined where it does not. */
  type(i: number): FileType | undefined {
    return FILE_TYPES[this.#pool[this.#names[i]! + 1]!]
  }

  /** Drop every entry that repeats the name of one before it; whether there was any. `segments`: those of one directory. */
  dropRepeated(segments: readonly Segment[]): boolean {
    let count = 0
    for (const { start, end } of segments) count += end - start
    // Open addressing, at most half full; a place holds the number of an entry + 1.
    const places = new Uint32Array(2 ** Math.ceil(Math.log2(count * 2 + 1)))
    let repeated = false
    for (const { start, end } of segments) {
      for (let i = start; i < end; i++) {
        let place = this.#hash(i) & (places.length - 1)
        while (places[place] !== 0 && !this.#sameName(places[place]! - 1, i)) place = (place + 1) & (places.length - 1)
        if (places[place] === 0) places[place] = i + 1
        else {
          this.#inos[i] = 0
          repeated = true
        }
      }
    }
    return repeated
  }

  /** FNV-1a of the name, from a start that nobody can make names collide for. */
  #hash(i: number): number {
    const at = this.#names[i]!
    let hash = HASH_START
    for (let k = at + NAME, end = at + NAME + this.#pool[at]!; k < end; k++) hash = Math.imul(hash ^ this.#pool[k]!, 0x01000193)
    return hash ^ (hash >>> 15)
  }

  #sameName(i: number, k: number): boolean {
    const a = this.#names[i]!
    const b = this.#names[k]!
    const length = this.#pool[a]!
    if (this.#pool[b] !== length) return false
    for (let at = NAME; at < NAME + length; at++) if (this.#pool[a + at] !== this.#pool[b + at]) return false
    return true
  }

  /** `encrypted`: the name is ciphertext, which may hold any byte, so it is given in base64url, as the kernel without the key gives it. */
  name(i: number, encrypted: boolean): string {
    const at = this.#names[i]!
    const bytes = this.#pool.subarray(at + NAME, at + NAME + this.#pool[at]!)
    return encrypted ? Buffer.from(bytes).toString('base64url') : decodeName(bytes)
  }

  /** The entries of a directory's segments as a listing has them. */
  list(segments: readonly Segment[], encrypted: boolean): DirEntry[] {
    const out: DirEntry[] = []
    for (const { start, end } of segments) {
      for (let i = start; i < end; i++) {
        if (this.ino(i) === 0) continue
        const type = this.type(i)
        const name = this.name(i, encrypted)
        out.push(type === undefined ? { name, ino: this.ino(i) } : { name, ino: this.ino(i), type })
      }
    }
    return out
  }
}
