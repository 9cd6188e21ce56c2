import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  lchownSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { folderIn, run } from './image.js'
import { writeAt } from './pattern.js'
import { Random } from './random.js'

/** Fills a mounted filesystem (or a plain folder) of any kind; a promise is awaited. */
export type Recipe = (root: string) => unknown

/** One of everything: types, modes, owners, times, links. */
export const everyType: Recipe = async (root) => {
  const dir = folderIn(root, 'types')
  writeAt(join(dir, 'file'), [[0, 9000]])
  writeFileSync(join(dir, 'empty'), '')
  linkSync(join(dir, 'file'), join(dir, 'hard'))
  symlinkSync('file', join(dir, 'link'))
  symlinkSync('nowhere/at/all', join(dir, 'dangling'))
  mkdirSync(join(dir, 'sub'))
  run('mkfifo', [join(dir, 'fifo')])
  const server = createServer()
  await once(server.listen(join(dir, 'bound')), 'listening')
  linkSync(join(dir, 'bound'), join(dir, 'socket'))
  server.close()
  await once(server, 'close')
  for (const mode of [0, 0o1777, 0o2755, 0o4711, 0o6755, 0o7777, 0o200]) {
    writeFileSync(join(dir, `mode-${mode.toString(8)}`), 'm')
    chmodSync(join(dir, `mode-${mode.toString(8)}`), mode)
  }
  chmodSync(join(dir, 'sub'), 0o1777)
  for (const id of [1, 65534, 65535, 65536, 100_000, 2 ** 31, 2 ** 32 - 2]) {
    writeFileSync(join(dir, `owner-${id}`), 'o')
    lchownSync(join(dir, `owner-${id}`), id, 2 ** 32 - 2 - id)
  }
}

/** Device nodes around the limits of the old 16-bit and the huge encodings. */
export const devices: Recipe = (root) => {
  const dir = folderIn(root, 'dev')
  const numbers = [
    [0, 0],
    [1, 3],
    [8, 255],
    [8, 256],
    [255, 255],
    [256, 0],
    [259, 7],
    [4095, 1048575],
    [4, 65536],
  ]
  for (const [major, minor] of numbers) {
    for (const kind of ['b', 'c']) run('mknod', [join(dir, `${kind}${major}-${minor}`), kind, String(major), String(minor)])
  }
}

/** Modification times over every range an inode may hold; the kernel clamps what it cannot store. */
export const times: Recipe = (root) => {
  const dir = folderIn(root, 'times')
  const stamps = [
    '-2147483648.000000001',
    '-2147483649.5',
    '-1.999999999',
    '-1.0',
    '0.0',
    '0.000000001',
    '1700000000.123456789',
    '2147483647.999999999',
    '2147483648.0',
    '4294967295.5',
    '4294967296.25',
    '6442450943.75',
    '6442450944.0',
    '15032385535.999999999',
  ]
  for (const stamp of stamps) {
    writeFileSync(join(dir, `t${stamp}`), stamp)
    symlinkSync(stamp, join(dir, `l${stamp}`))
    run('touch', ['--no-dereference', `--date=@${stamp}`, join(dir, `t${stamp}`), join(dir, `l${stamp}`)])
  }
}

/** Names of every byte and length that a filesystem takes. */
export const names: Recipe = (root) => {
  const dir = Buffer.from(`${folderIn(root, 'names')}/`)
  const list: Buffer[] = []
  for (let byte = 1; byte < 256; byte++) if (byte !== 0x2f && byte !== 0x2e) list.push(Buffer.of(byte), Buffer.of(0x61, byte, 0x62))
  for (let length = 1; length <= 255; length += length < 20 || length > 240 ? 1 : 13) list.push(Buffer.alloc(length, 0x78))
  list.push(Buffer.alloc(255, 0xff), Buffer.alloc(254, 0xc3), Buffer.from('é'.repeat(127)), Buffer.from('🜛'.repeat(63)))
  for (const text of ['...', '.hidden', ' ', 'a\nb', 'tab\t', 'quote"', "'", '\\', 'line\u2028sep', 'e\u0301', 'é', 'ﬃ', '\ufeffbom'])
    list.push(Buffer.from(text))
  list.push(
    Buffer.from([0xed, 0xa0, 0x80]),
    Buffer.from([0xed, 0xb2, 0x80]),
    Buffer.from([0xf4, 0x90, 0x80, 0x80]),
    Buffer.from([0xc0, 0xaf]),
  )
  for (const name of list) writeFileSync(Buffer.concat([dir, name]), name)
}

/** Symlinks of lengths around what fits in the inode and in a block, and targets that are no UTF-8. */
export const symlinks: Recipe = (root) => {
  const dir = folderIn(root, 'symlinks')
  for (const length of [1, 2, 40, 58, 59, 60, 61, 62, 100, 155, 156, 157, 160, 161, 255, 1000, 1022, 1023, 1024, 2047, 4094, 4095]) {
    try {
      symlinkSync('t'.repeat(length), join(dir, `l${length}`))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENAMETOOLONG') throw error
    }
  }
  symlinkSync(Buffer.from([0xff, 0x2f, 0xfe, 0xc3]), join(dir, 'bytes'))
  symlinkSync(Buffer.alloc(70, 0xfd), join(dir, 'slow-bytes'))
}

/** `count` small files in one directory, of which all but every `keep`th are removed again. */
export function manyFiles(
  count: number,
  options: { readonly keep?: number; readonly folder?: string; readonly name?: string } = {},
): Recipe {
  const { keep = 1, folder = 'many', name = 'a-name-of-some-length-' } = options
  return (root) => {
    const dir = folderIn(root, folder)
    for (let i = 0; i < count; i++) closeSync(openSync(`${dir}/${name}${i}`, 'w'))
    if (keep > 1) for (let i = 0; i < count; i++) if (i % keep !== 0) unlinkSync(`${dir}/${name}${i}`)
  }
}

/** `count` long names of two files: a big directory that needs no inodes. */
export function manyNames(count: number, length: number): Recipe {
  return (root) => {
    const dir = folderIn(root, 'names-of-one')
    for (let i = 0; i < count; i++) {
      const name = `${i}-`.padEnd(length, 'n')
      if (i % 50_000 === 0) writeFileSync(join(root, `one-${i}`), 'one')
      linkSync(join(root, `one-${i - (i % 50_000)}`), `${dir}/${name}`)
    }
  }
}

/** `count` further names of one file. */
export function hardLinks(count: number): Recipe {
  return (root) => {
    const dir = folderIn(root, 'links')
    writeAt(join(dir, 'first'), [[0, 5000]])
    for (let i = 0; i < count; i++) linkSync(join(dir, 'first'), join(dir, `n${i}`))
  }
}

/** Directories within each other, a file in each. */
export function deep(levels: number): Recipe {
  return (root) => {
    let dir = folderIn(root, 'deep')
    for (let level = 0; level < levels; level++) {
      dir = folderIn(dir, `d${level % 10}`)
      writeFileSync(join(dir, 'f'), `level ${level}`)
    }
  }
}

/** Directories side by side with a file in each: allocators spread them over the whole device. */
export function wide(count: number, fileSize = 3000): Recipe {
  return (root) => {
    for (let i = 0; i < count; i++) writeAt(join(folderIn(root, `w${i}`), 'f'), [[0, fileSize]])
  }
}

/** Inode flags that must change nothing in what is read. */
export const flags: Recipe = (root) => {
  const dir = folderIn(root, 'flags')
  for (const flag of ['a', 'A', 'd', 'D', 'i', 'j', 'S', 's', 'T', 'u', 't', 'c', 'm']) {
    const path = 'DT'.includes(flag) ? folderIn(dir, flag) : join(dir, flag)
    if (!'DT'.includes(flag)) writeAt(path, [[0, 4000]])
    try {
      run('chattr', [`+${flag}`, path])
    } catch {
      // Which flags can be set is the kernel's and the filesystem's choice.
    }
  }
}

/** Random creations, writes, truncations, renames, links and removals; the seed is in the row's name. */
export function churn(seed: number, operations = 1500): Recipe {
  return (root) => {
    const random = new Random(seed)
    const dirs = [folderIn(root, 'churn')]
    const files: string[] = []
    for (let i = 0; i < operations; i++) {
      const fresh = join(random.pick(dirs), `${'n'.repeat(random.below(40))}${i}`)
      const file = files.length > 0 ? random.pick(files) : undefined
      const action = random.below(10)
      if (file === undefined || action < 3) {
        writeAt(fresh, [[random.below(3) * random.below(100_000), random.below(20_000)]])
        files.push(fresh)
      } else if (action === 3) {
        mkdirSync(fresh)
        dirs.push(fresh)
      } else if (action === 4) {
        writeAt(file, [[random.below(300_000), random.below(5000)]])
      } else if (action === 5) {
        writeAt(file, [], random.below(200_000))
      } else if (action === 6) {
        renameSync(file, fresh)
        files[files.indexOf(file)] = fresh
      } else if (action === 7) {
        linkSync(file, fresh)
        files.push(fresh)
      } else if (action === 8) {
        symlinkSync('x'.repeat(1 + random.below(120)), fresh)
      } else {
        rmSync(file)
        files.splice(files.indexOf(file), 1)
      }
    }
  }
}
