import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fsyncSync,
  ftruncateSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { Random } from './random.js'
import type { Recipe } from './recipes.js'

/** What a journal escapes when a block begins with it. */
const JBD2_MAGIC = Buffer.from('c03b3998', 'hex')

/** The life of a mounted filesystem: random operations, synced at random, that never fill it. */
export class LiveWork {
  readonly #root: string
  readonly #random: Random
  readonly #maxFiles: number
  #dirs: string[]
  #files: string[] = []
  /** Removed or not, these are still open: what is removed waits for its close. */
  #held: number[] = []
  #count = 0

  constructor(root: string, random: Random, maxFiles = 400) {
    this.#root = root
    this.#random = random
    this.#maxFiles = maxFiles
    this.#dirs = [root]
  }

  run(operations: number): void {
    for (let i = 0; i < operations; i++) {
      try {
        this.#step()
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code !== 'ENOSPC' && code !== 'EMLINK' && code !== 'EFBIG' && code !== 'ENOTEMPTY') throw error
        if (code === 'ENOSPC') this.#makeRoom()
      }
    }
  }

  /** Close what is held open, so that it can be unmounted. */
  end(): void {
    for (const file of this.#held) closeSync(file)
    this.#held = []
  }

  #step(): void {
    const random = this.#random
    if (this.#files.length > this.#maxFiles) this.#makeRoom()
    const file = this.#files.length > 0 ? random.pick(this.#files) : undefined
    const action = random.below(100)
    if (file === undefined || action < 18)
      this.#write(this.#create(this.#fresh()), random.below(2) * random.below(30_000), random.below(12_000))
    else if (action < 28) this.#write(file, random.below(400_000), random.below(20_000))
    else if (action < 34) this.#truncate(file, random.below(3) === 0 ? 0 : random.below(200_000))
    else if (action < 42) this.#remove(file)
    else if (action < 48) this.#rename(file, random.below(3) === 0 ? random.pick(this.#files) : this.#fresh())
    else if (action < 53) this.#link(file)
    else if (action < 57) symlinkSync('t'.repeat(1 + random.below(random.below(2) ? 50 : 300)), this.#fresh())
    else if (action < 63) this.#makeDir()
    else if (action < 66) this.#removeDir()
    else if (action < 69) chmodSync(file, random.below(0o10000))
    else if (action < 71) chownSync(file, random.below(100_000), random.below(100_000))
    else if (action < 73) lutimesSync(file, random.below(2 ** 31), random.below(2 ** 31))
    else if (action < 76) this.#burst()
    else if (action < 78) this.#hold(file)
    else if (action < 80) this.#tool('fallocate', '-o', String(random.below(100_000)), '-l', String(1 + random.below(100_000)), file)
    else if (action < 81) this.#tool('fallocate', '-p', '-o', String(random.below(50_000)), '-l', String(1 + random.below(50_000)), file)
    else if (action < 82) this.#setAttribute(file)
    else if (action < 83) this.#tool('mknod', this.#fresh(), random.pick(['b', 'c']), String(random.below(300)), String(random.below(300)))
    else if (action < 95) this.#sync(random.below(3) === 0 ? random.pick(this.#dirs) : file)
    else if (action < 96) this.#tool('sync', '-f', this.#root)
    else if (action < 97) this.#renameDir()
    else this.#write(file, 4096 * random.below(40), 4096, true)
  }

  #fresh(): string {
    const dir = this.#random.pick(this.#dirs)
    return join(dir, `${'n'.repeat(this.#random.below(60))}${this.#count++}`)
  }

  #create(path: string): string {
    closeSync(openSync(path, 'w'))
    this.#files.push(path)
    return path
  }

  #with(path: string, flags: string | number, body: (file: number) => void): void {
    const file = openSync(path, flags)
    try {
      body(file)
    } finally {
      closeSync(file)
    }
  }

  #write(path: string, at: number, length: number, magic = false): void {
    const bytes = Buffer.alloc(length, this.#random.below(256))
    if (length > 8) bytes.writeUInt32LE(this.#count, 4)
    if (magic) JBD2_MAGIC.copy(bytes)
    this.#with(path, 'r+', (file) => {
      writeSync(file, bytes, 0, length, at)
      if (this.#random.below(4) === 0) fsyncSync(file)
    })
  }

  #truncate(path: string, size: number): void {
    this.#with(path, 'r+', (file) => ftruncateSync(file, size))
  }

  #remove(path: string): void {
    unlinkSync(path)
    this.#files.splice(this.#files.indexOf(path), 1)
  }

  #rename(from: string, to: string): void {
    renameSync(from, to)
    this.#files = this.#files.filter((path) => path !== from && path !== to)
    this.#files.push(to)
  }

  #link(path: string): void {
    const to = this.#fresh()
    linkSync(path, to)
    this.#files.push(to)
  }

  #makeDir(): void {
    if (this.#dirs.length > 40) return
    const dir = this.#fresh()
    mkdirSync(dir)
    this.#dirs.push(dir)
  }

  #removeDir(): void {
    if (this.#dirs.length < 5) return
    const dir = this.#dirs[1 + this.#random.below(this.#dirs.length - 1)]!
    this.#forget(dir)
    if (this.#random.below(2)) rmSync(dir, { recursive: true })
    else {
      for (const path of this.#files.filter((path) => path.startsWith(`${dir}/`))) unlinkSync(path)
      rmSync(dir, { recursive: true })
      mkdirSync(dir)
      rmdirSync(dir)
    }
  }

  #renameDir(): void {
    const from = this.#random.pick(this.#dirs)
    if (from === this.#root) return
    const to = join(this.#root, `moved${this.#count++}`)
    renameSync(from, to)
    const moved = (path: string): string => (path === from || path.startsWith(`${from}/`) ? to + path.slice(from.length) : path)
    this.#dirs = this.#dirs.map(moved)
    this.#files = this.#files.map(moved)
  }

  #forget(dir: string): void {
    this.#dirs = this.#dirs.filter((path) => path !== dir && !path.startsWith(`${dir}/`))
    this.#files = this.#files.filter((path) => !path.startsWith(`${dir}/`))
  }

  /** Many names at once, most of which go again: directories grow, and their blocks come free. */
  #burst(): void {
    const dir = this.#fresh()
    mkdirSync(dir)
    const count = 20 + this.#random.below(150)
    for (let i = 0; i < count; i++) closeSync(openSync(join(dir, `${'b'.repeat(30)}${i}`), 'w'))
    for (let i = 0; i < count; i++) if (this.#random.below(3) > 0) unlinkSync(join(dir, `${'b'.repeat(30)}${i}`))
    if (this.#random.below(2)) rmSync(dir, { recursive: true })
    else if (this.#dirs.length < 40) this.#dirs.push(dir)
  }

  #hold(path: string): void {
    if (this.#held.length > 20) closeSync(this.#held.shift()!)
    this.#held.push(openSync(path, 'r+'))
    if (this.#random.below(2)) this.#remove(path)
  }

  #sync(path: string): void {
    this.#with(path, constants.O_RDONLY, fsyncSync)
  }

  #setAttribute(path: string): void {
    const size = this.#random.pick([10, 300, 900])
    this.#tool('python3', '-c', `import os, sys; os.setxattr(sys.argv[1], "user.a", b"x" * ${size})`, path)
  }

  #tool(command: string, ...args: readonly string[]): void {
    spawnSync(command, args)
  }

  #makeRoom(): void {
    for (let i = 0; i < 30 && this.#files.length > 0; i++) this.#remove(this.#random.pick(this.#files))
  }
}

/** So much of such a life, with nothing held open at its end. */
export function liveWork(seed: number, operations: number, maxFiles?: number): Recipe {
  return (root) => {
    const work = new LiveWork(root, new Random(seed), maxFiles)
    work.run(operations)
    work.end()
  }
}

/** One change after another, each synced, of the kinds that a fast commit records. */
export const smallChanges: Recipe = (root) => {
  const at = (name: string): string => join(root, name)
  const sync = (path: string): void => {
    const file = openSync(path, 'r')
    fsyncSync(file)
    closeSync(file)
  }
  const write = (name: string, offset: number, length: number): void => {
    const file = openSync(at(name), constants.O_RDWR | constants.O_CREAT)
    writeSync(file, Buffer.alloc(length, name), 0, length, offset)
    fsyncSync(file)
    closeSync(file)
  }
  write('before', 0, 30_000)
  write('gone', 0, 5000)
  write('replaced', 0, 2000)
  spawnSync('sync', ['-f', root])
  // The first commit is never a fast one.
  write('first', 0, 10)
  write('made', 0, 12_000)
  write('before', 40_000, 3000)
  write('before', 5000, 100)
  truncateSync(at('before'), 9000)
  sync(at('before'))
  linkSync(at('made'), at('linked'))
  sync(at('linked'))
  renameSync(at('made'), at('renamed'))
  sync(at('renamed'))
  write('over', 0, 700)
  renameSync(at('over'), at('replaced'))
  sync(at('replaced'))
  unlinkSync(at('gone'))
  mkdirSync(at('folder'))
  write('folder/inside', 0, 1500)
  for (let i = 0; i < 12; i++) write(`folder/${i}`, i * 2000, 100)
  unlinkSync(at('folder/3'))
  chmodSync(at('folder/4'), 0o4711)
  sync(at('folder/4'))
}
