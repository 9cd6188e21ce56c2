import { expect, test } from 'vitest'
import { compareEntries } from './compare.js'
import type { Entry } from './entry.js'

const file: Entry = {
  path: '/f',
  type: 'file',
  size: 1,
  mode: 0o644,
  uid: 0,
  gid: 0,
  nlink: 2,
  ino: 12,
  mtime: 5,
  mtimeNs: 6,
  sha256: 'aa',
}
const dir: Entry = { path: '/d', type: 'dir', size: 4096, mode: 0o755, uid: 0, gid: 0, nlink: 2, ino: 13, mtime: 5, mtimeNs: 6 }

test('equal lists have no differences, whatever their order', () => {
  expect(compareEntries([file, dir], [dir, file])).toEqual([])
})

test.each([
  ['missing', [file, dir], [file], 'missing dir "/d"'],
  ['extra', [file], [file, dir], 'extra dir "/d"'],
  ['given twice', [file], [file, file], 'duplicate "/f"'],
  ['of another size', [file], [{ ...file, size: 2 }], '"/f" size: got 2, want 1'],
  ['without its hash', [file], [{ ...file, sha256: undefined as never }], '"/f" sha256: got undefined, want "aa"'],
  ['with an error', [file], [{ ...file, error: 'IO' }], '"/f" error: got "IO", want undefined'],
])('an entry that is %s is told', (_, expected, actual, line) => {
  expect(compareEntries(expected, actual)).toEqual([line])
})

test('hard links are compared by group where numbers are not', () => {
  const other = { ...file, path: '/g' }
  const ignore = ['ino'] as const
  expect(
    compareEntries(
      [file, other],
      [
        { ...file, ino: 99 },
        { ...other, ino: 99 },
      ],
      { ignore },
    ),
  ).toEqual([])
  expect(compareEntries([file, other], [file, { ...other, ino: 99 }], { ignore })).toEqual(['"/g" is linked to other paths'])
})

test('of a damaged filesystem, only what is given as right must be right', () => {
  const partial = true
  expect(compareEntries([file, dir], [{ ...file, size: 7, error: 'CORRUPT' }], { partial })).toEqual([])
  expect(compareEntries([file], [{ ...file, size: 7 }], { partial })).toHaveLength(1)
  expect(compareEntries([file], [{ ...file, type: 'dir', error: 'CORRUPT' }], { partial })).toHaveLength(1)
  expect(compareEntries([file], [file, { ...dir, error: 'CORRUPT' }], { partial })).toEqual(['extra dir "/d"'])
})

test('what the kernel could not read is held to its path, and below it anything may be', () => {
  const unreadable = { ...dir, error: 'EUCLEAN' }
  expect(
    compareEntries(
      [unreadable],
      [
        { ...dir, size: 0 },
        { ...file, path: '/d/f' },
      ],
    ),
  ).toEqual([])
  expect(compareEntries([unreadable], [])).toEqual(['missing dir "/d"'])
})
