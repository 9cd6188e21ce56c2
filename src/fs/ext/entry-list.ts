import { LimitError } from '../../errors.js'
import { decodeName } from '../name.js'
import type { FileType } from '../types.js'

/** Names are addressed by 32 bits. */
const MAX_NAME_BYTES = 2 ** 32

const FILE_TYPES: readonly (FileType | undefined)[] = [undefined, 'file', 'dir', 'char', 'block', 'fifo', 'socket', 'symlink']

function grown(length: number, needed: number): number {
  return Math.max(needed, Math.ceil(length * 1.5))
}

/** Directory entries, kept as numbers and one pool of bytes: about 8 bytes an entry and 2 more than its name has. */
export class EntryList {
  length = 0
  #inos = new Uint32Array(64)
  #names = new Uint32Array(64)
  /** Per entry: length of the name, raw file type, the name. */
  #pool = new Uint8Array(2048)
  #poolLength = 0

  /** @throws LimitError */
  add(ino: number, fileType: number, bytes: Uint8Array, nameAt: number, nameLength: number): void {
    if (this.length === this.#inos.length) {
      const length = grown(this.length, 64)
      this.#inos = resized(this.#inos, length)
      this.#names = resized(this.#names, length)
    }
    const end = this.#poolLength + 2 + nameLength
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
    for (let i = 0, to = this.#poolLength + 2; i < nameLength; i++) pool[to + i] = bytes[nameAt + i]!
    this.#poolLength = end
    this.length++
  }

  ino(i: number): number {
    return this.#inos[i]!
  }

  /** What the directory records; undefined where it does not. */
  type(i: number): FileType | undefined {
    return FILE_TYPES[this.#pool[this.#names[i]! + 1]!]
  }

  /** `encrypted`: the name is ciphertext, which may hold any byte, so it is given in base64url, as the kernel without the key gives it. */
  name(i: number, encrypted: boolean): string {
    const at = this.#names[i]!
    const bytes = this.#pool.subarray(at + 2, at + 2 + this.#pool[at]!)
    return encrypted ? Buffer.from(bytes).toString('base64url') : decodeName(bytes)
  }
}

function resized(array: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const out = new Uint32Array(length)
  out.set(array)
  return out
}
