import { EntryList } from '../../entry-list.js'
import { Directory, readDirectories } from '../directory.js'
import type { Inode } from '../inode.js'
import type { Volume } from '../volume.js'
import type { DirChanges, NamedInode } from './fast-commit-state.js'

interface Edited {
  made: boolean
  /** What its blocks say of the names that matter; undefined while they are not read. */
  stored: Map<string, NamedInode> | undefined
  readonly expected: Set<string>
  readonly names: Map<string, NamedInode | undefined>
}

/** The directories that fast commits change. */
export class DirectoryEdits {
  readonly #volume: Volume
  readonly #directories = new Map<number, Edited>()

  constructor(volume: Volume) {
    this.#volume = volume
  }

  /** To be called for every name before the first look-up: only those are kept of what is read. */
  expect(ino: number, name: string): void {
    this.#edited(ino).expected.add(name)
  }

  /** The directory begins anew, empty. */
  make(ino: number): void {
    const edited = this.#edited(ino)
    edited.made = true
    edited.stored = new Map()
    edited.names.clear()
  }

  /** What a name stands for by now; a block that cannot be read has no names. */
  async lookup(inode: Inode, name: string): Promise<NamedInode | undefined> {
    const edited = this.#edited(inode.ino)
    if (edited.names.has(name)) return edited.names.get(name)
    edited.stored ??= await this.#read(inode, edited)
    return edited.stored.get(name)
  }

  set(ino: number, name: string, named: NamedInode | undefined): void {
    this.#edited(ino).names.set(name, named)
  }

  changes(): ReadonlyMap<number, DirChanges> {
    const changed = [...this.#directories].filter(([, { made, names }]) => made || names.size > 0)
    return new Map(changed)
  }

  #edited(ino: number): Edited {
    const known = this.#directories.get(ino)
    if (known) return known
    const edited: Edited = { made: false, stored: undefined, expected: new Set(), names: new Map() }
    this.#directories.set(ino, edited)
    return edited
  }

  async #read(inode: Inode, { expected, names }: Edited): Promise<Map<string, NamedInode>> {
    const directory = new Directory(this.#volume, inode)
    const entries = new EntryList()
    await readDirectories(this.#volume, [directory], entries)
    const stored = new Map<string, NamedInode>()
    for (const { start, end } of directory.segments) {
      for (let i = start; i < end; i++) {
        const key = entries.name(i, false)
        const named = { ino: entries.ino(i), type: entries.type(i) }
        if (expected.has(key)) stored.set(key, named)
        // What lies in the inode goes where a fast commit moves the directory out of it.
        if (inode.inline && !names.has(key)) names.set(key, named)
      }
    }
    return stored
  }
}
