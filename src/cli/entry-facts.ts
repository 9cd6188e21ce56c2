import { createHash } from 'node:crypto'
import { type FileHandle, type FileRef, type FileSystem, readFiles, type Stat, type Tree } from '../fs/index.js'
import { LimitError, messageOf } from '../index.js'

const CHUNK_BYTES = 1024 * 1024
/** Zeros hash at about 1 GB a second, and a damaged inode can claim petabytes of them. */
const MAX_HOLE_BYTES = 16 * 1024 ** 3

/** What of an inode takes more than the walk to know. */
export interface Fact {
  /** Of a symlink. */
  readonly target?: string
  /** Of a regular file, in hexadecimal. */
  readonly sha256?: string
  readonly error?: string
}

/** By filesystem and inode, so that a file with several names is read once. */
export class EntryFacts {
  readonly #facts = new Map<FileSystem, Map<number, Fact>>()

  /** Reads all symlinks of a tree and, where `sha256` is asked for, all regular files, in the order in which they lie on the disks. */
  static async read(tree: Tree, options: { sha256: boolean; signal: AbortSignal }): Promise<EntryFacts> {
    const facts = new EntryFacts()
    const links: FileRef[] = []
    const files: FileRef[] = []
    await tree.walk(
      ({ fs, stat: { ino, type } }) => {
        const list = type === 'symlink' ? links : options.sha256 && type === 'file' ? files : undefined
        if (list && facts.#claim(fs, ino)) list.push({ fs, ino })
        return undefined
      },
      { signal: options.signal },
    )
    await facts.#readLinks(links, options.signal)
    await readFiles(files, async ({ fs, ino }, file) => facts.#set(fs, ino, await hashFile(file, options.signal)), options.signal)
    return facts
  }

  of(fs: FileSystem, { ino }: Stat): Fact {
    return this.#facts.get(fs)?.get(ino) ?? {}
  }

  async #readLinks(links: FileRef[], signal: AbortSignal): Promise<void> {
    links.sort((a, b) => a.ino - b.ino)
    for (const { fs, ino } of links) {
      signal.throwIfAborted()
      const target = await fs.readlink(ino).catch((error: unknown) => ({ error: messageOf(error) }))
      this.#set(fs, ino, typeof target === 'string' ? { target } : target)
    }
  }

  #claim(fs: FileSystem, ino: number): boolean {
    const inodes = this.#facts.get(fs) ?? new Map<number, Fact>()
    this.#facts.set(fs, inodes)
    if (inodes.has(ino)) return false
    inodes.set(ino, {})
    return true
  }

  #set(fs: FileSystem, ino: number, fact: Fact): void {
    this.#facts.get(fs)?.set(ino, fact)
  }
}

async function hashFile(file: FileHandle | Error, signal: AbortSignal): Promise<Fact> {
  try {
    if (file instanceof Error) throw file
    if (file.size > MAX_HOLE_BYTES && file.size - (await dataBytes(file)) > MAX_HOLE_BYTES) {
      throw new LimitError('bytes of holes in a file to hash', MAX_HOLE_BYTES)
    }
    const hash = createHash('sha256')
    for await (const chunk of chunksOf(file, signal)) hash.update(chunk)
    return { sha256: hash.digest('hex') }
  } catch (error) {
    signal.throwIfAborted()
    return { error: messageOf(error) }
  }
}

async function dataBytes(file: FileHandle): Promise<number> {
  return (await file.extents()).reduce((sum, { length }) => sum + length, 0)
}

/** A file's bytes from the first to the last, the next megabyte being fetched meanwhile. */
export async function* chunksOf(file: FileHandle, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < file.size; offset += CHUNK_BYTES) {
    signal.throwIfAborted()
    const chunk = await file.read(offset, Math.min(CHUNK_BYTES, file.size - offset))
    const next = offset + CHUNK_BYTES
    const fetching = next < file.size ? file.prefetch([{ offset: next, length: Math.min(CHUNK_BYTES, file.size - next) }]) : undefined
    yield chunk
    await fetching
  }
}
