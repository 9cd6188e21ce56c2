import {
  chmodSync,
  closeSync,
  ftruncateSync,
  lchownSync,
  mkdirSync,
  openSync,
  rmSync,
  statfsSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { folderIn, run } from './image.js'
import { pattern, writeAt } from './pattern.js'
import { Random } from './random.js'
import type { Recipe } from './recipes.js'

/** Device nodes around the limits of Linux's 9 bits and System V's 18 bits. */
export const devices: Recipe = (root) => {
  const dir = folderIn(root, 'dev')
  for (const [major, minor] of [
    [0, 0],
    [1, 3],
    [8, 255],
    [8, 256],
    [256, 0],
    [259, 7],
    [511, 262_143],
    [511, 65_536],
  ]) {
    for (const kind of ['b', 'c']) run('mknod', [join(dir, `${kind}${major}-${minor}`), kind, String(major), String(minor)])
  }
}

/** Symlinks of every length up to 1,023 bytes, which is all XFS takes. */
export const everySymlink: Recipe = (root) => {
  const dir = folderIn(root, 'every-symlink')
  for (let length = 1; length <= 1023; length += length < 500 || length > 950 ? 1 : 7)
    symlinkSync('t'.repeat(length), join(dir, `l${length}`))
}

/** Directories of 1, 2, 3, … entries, each also one that had twice as many: every form, grown and shrunk. */
export function everyForm(steps: readonly number[], nameLength = 30): Recipe {
  return (root) => {
    const name = (i: number): string => `${i}-`.padEnd(nameLength, 'n')
    for (const count of steps) {
      const grown = folderIn(root, `grown-${count}`)
      for (let i = 0; i < count; i++) writeFileSync(join(grown, name(i)), '')
      const shrunk = folderIn(root, `shrunk-${count}`)
      for (let i = 0; i < count * 2; i++) writeFileSync(join(shrunk, name(i)), '')
      for (let i = 0; i < count; i++) unlinkSync(join(shrunk, name(i * 2)))
      const emptied = folderIn(root, `emptied-${count}`)
      for (let i = 0; i < count; i++) writeFileSync(join(emptied, name(i)), '')
      for (let i = 0; i < count; i++) unlinkSync(join(emptied, name(i)))
      writeFileSync(join(emptied, 'last'), '')
    }
  }
}

/** Files that share blocks, whole and in part, and parts that were written again since. */
export const reflinks: Recipe = (root) => {
  const dir = folderIn(root, 'reflinks')
  writeAt(join(dir, 'first'), [[0, 600_000]])
  for (let i = 0; i < 8; i++) {
    run('cp', ['--reflink=always', join(dir, 'first'), join(dir, `copy${i}`)])
    writeAt(join(dir, `copy${i}`), [[i * 65_536, 5000 + i]])
  }
  run('xfs_io', [
    '-f',
    '-c',
    `reflink ${join(dir, 'first')} 0 131072 65536`,
    '-c',
    `reflink ${join(dir, 'first')} 65536 0 65536`,
    join(dir, 'mixed'),
  ])
}

/** Attributes of sizes that move the border between the two forks of an inode, on files with extents, directories and symlinks. */
export const attributes: Recipe = (root) => {
  const dir = folderIn(root, 'attributes')
  const script = [
    'import os, sys',
    'root = sys.argv[1]',
    'for size in [1, 8, 40, 90, 150, 200, 250, 300, 400, 1000, 3000, 9000, 60000]:',
    '    for kind in ["before", "after"]:',
    '        base = f"{root}/{kind}{size}"',
    '        def mark(path):',
    '            os.setxattr(path, "trusted.mark", b"v" * size, follow_symlinks=False)',
    '        os.mkdir(base)',
    '        if kind == "before": mark(base)',
    '        for n in range(6): open(f"{base}/entry{n}", "w").close()',
    '        if kind == "after": mark(base)',
    '        os.symlink("t" * 120, f"{base}/link")',
    '        mark(f"{base}/link")',
    '        fd = os.open(f"{base}/pieces", os.O_CREAT | os.O_RDWR)',
    '        if kind == "before": mark(f"{base}/pieces")',
    '        for n in range(12): os.pwrite(fd, b"p%d" % n, n * 131072)',
    '        os.fsync(fd)',
    '        os.close(fd)',
    '        if kind == "after": mark(f"{base}/pieces")',
  ]
  run('python3', ['-', dir], { input: script.join('\n') })
}

/** Fill the free space and free every other `gap` bytes of it: what comes next lies in pieces. */
export function shatter(gap: number, leave: number): Recipe {
  return (root) => {
    const path = join(root, 'filler')
    const { bavail, bsize } = statfsSync(root)
    const size = Math.floor((bavail * bsize - leave) / (2 * gap)) * 2 * gap
    run('fallocate', ['-l', String(size), path])
    const commands: string[] = []
    for (let offset = 0; offset < size; offset += 2 * gap) commands.push(`fpunch ${offset} ${gap}`)
    run('xfs_io', [path], { input: `${commands.join('\n')}\n` })
    run('sync', ['-f', root])
  }
}

/** Remove what `shatter` left. */
export const unshatter: Recipe = (root) => rmSync(join(root, 'filler'))

/** A directory whose blocks grew in turns with those of files and other directories, so that they lie apart. */
export function interleaved(directories: number, entries: number): Recipe {
  return (root) => {
    const dirs = Array.from({ length: directories }, (_, i) => folderIn(root, `interleaved-${i}`))
    for (let i = 0; i < entries; i++) for (const dir of dirs) symlinkSync('x', join(dir, `${'interleaved-name-'.repeat(4)}${i}`))
  }
}

/** Random preallocations, punches, collapses, insertions, writes and truncations of a few files. */
export function rearranged(seed: number, operations = 200): Recipe {
  return (root) => {
    const dir = folderIn(root, `rearranged-${seed}`)
    const random = new Random(seed)
    const block = 65_536
    for (let i = 0; i < operations; i++) {
      const path = join(dir, `f${random.below(6)}`)
      const offset = random.below(40) * block
      const length = (1 + random.below(6)) * block
      const action = random.pick(['write', 'falloc', 'falloc -k', 'fpunch', 'fzero', 'fcollapse', 'finsert', 'truncate'])
      if (action === 'write') writeAt(path, [[offset + random.below(5000), random.below(length)]])
      else if (action === 'truncate') {
        const file = openSync(path, 'a')
        ftruncateSync(file, offset + random.below(9000))
        closeSync(file)
      } else {
        try {
          run('xfs_io', ['-f', '-c', `${action} ${offset} ${length}`, path])
        } catch (error) {
          // Collapsing or inserting beyond the end is refused.
          if (!/Invalid argument/.test(String(error))) throw error
        }
      }
    }
  }
}

/** A sparse file with a byte before 2^53. */
export const farAway: Recipe = (root) => {
  const dir = folderIn(root, 'far')
  mkdirSync(join(dir, 'sub'))
  const file = openSync(join(dir, 'end'), 'w')
  writeSync(file, pattern('end', 100), 0, 100, 2 ** 52)
  closeSync(file)
  ftruncateAt(join(dir, 'hole'), 2 ** 53 - 1)
}

function ftruncateAt(path: string, size: number): void {
  const file = openSync(path, 'w')
  ftruncateSync(file, size)
  closeSync(file)
}

/** What a prototype file of mkfs.xfs can tell: types, modes, owners, devices, symlinks, directories of every form. */
export const prototype: Recipe = (root) => {
  const dir = folderIn(root, 'types')
  writeAt(join(dir, 'file'), [[0, 9000]])
  writeFileSync(join(dir, 'empty'), '')
  run('mkfifo', [join(dir, 'fifo')])
  for (const mode of [0, 0o2755, 0o4711, 0o6755, 0o200]) {
    writeFileSync(join(dir, `mode-${mode.toString(8)}`), 'm')
    chmodSync(join(dir, `mode-${mode.toString(8)}`), mode)
  }
  for (const id of [1, 65_535, 65_536, 2 ** 31 - 2]) {
    writeFileSync(join(dir, `owner-${id}`), 'o')
    lchownSync(join(dir, `owner-${id}`), id, 2 ** 31 - 2 - id)
  }
  for (const length of [1, 50, 155, 156, 157, 335, 336, 337, 400, 512, 1000, 1023]) symlinkSync('t'.repeat(length), join(dir, `l${length}`))
  writeFileSync(join(dir, 'é\u0301-名'), 'utf-8')
  writeFileSync(join(dir, 'n'.repeat(255)), 'long')
  devices(root)
}

/** A directory of each count of entries. */
export function forms(counts: readonly number[], nameLength = 30): Recipe {
  return (root) => {
    for (const count of counts) {
      const dir = folderIn(root, `form-${count}`)
      for (let i = 0; i < count; i++) writeFileSync(join(dir, `${i}-`.padEnd(nameLength, 'n')), '')
    }
  }
}
