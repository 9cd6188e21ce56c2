import { describe, expect, test } from 'vitest'
import { extDriver } from '../../../src/fs/ext/index.js'
import { loadExtFixture } from '../../support/ext-fixture.js'
import { expectAgreement, expectCost, expectListing } from '../../support/fixture-checks.js'
import { mountSource } from '../../support/mount.js'

// What mounting and walking costs of the 512 KiB blocks that were written.
const FIXTURES = [
  { name: 'ext2-names', kind: 'ext2', journal: 'none', written: 6, read: 1 },
  { name: 'ext2-no-filetype', kind: 'ext2', journal: 'none', written: 2, read: 1 },
  { name: 'ext3-htree', kind: 'ext3', journal: 'clean', written: 6, read: 4 },
  { name: 'ext4-default', kind: 'ext4', journal: 'clean', written: 7, read: 3 },
  { name: 'ext4-inline', kind: 'ext4', journal: 'none', written: 4, read: 3 },
  { name: 'ext4-fragments', kind: 'ext4', journal: 'none', written: 6, read: 3 },
  { name: 'ext4-bigalloc', kind: 'ext4', journal: 'none', written: 7, read: 3 },
  { name: 'ext4-meta-bg', kind: 'ext4', journal: 'none', written: 10, read: 2 },
  { name: 'ext4-64k-blocks', kind: 'ext4', journal: 'none', written: 8, read: 5 },
  { name: 'ext4-encrypted', kind: 'ext4', journal: 'clean', written: 5, read: 3 },
  { name: 'ext4-casefold-verity', kind: 'ext4', journal: 'none', written: 3, read: 1 },
  { name: 'ext4-primary-gone', kind: 'ext4', journal: 'none', written: 7, read: 6 },
  { name: 'ext4-dirty', kind: 'ext4', journal: 'replayed', written: 4, read: 3 },
  { name: 'ext3-dirty', kind: 'ext3', journal: 'replayed', written: 15, read: 4 },
  { name: 'ext4-fast-commits', kind: 'ext4', journal: 'replayed', written: 8, read: 4 },
]

describe.each(FIXTURES)('$name', ({ name, kind, journal, written, read }) => {
  test('is listed as the kernel lists it', async () => {
    const fs = await expectListing(extDriver, await loadExtFixture(name))
    expect({ kind: fs.kind, journal: fs.journal.state }).toEqual({ kind, journal })
  })

  test('is listed the same through a cache of two blocks', async () => {
    const fixture = await loadExtFixture(name)
    const fs = await expectListing(extDriver, fixture, 1)
    expect(fs.reader.cacheBytes).toBe(2 * fixture.source.blockSize)
  })

  test(`is walked with ${read} of ${written} blocks`, async () => {
    await expectCost(extDriver, await loadExtFixture(name), { written, read })
  })

  test('stat, readdir and lookup agree with the walk', async () => {
    await expectAgreement(extDriver, await loadExtFixture(name), Number.POSITIVE_INFINITY)
  })
})

describe('ext: what the file system refuses', () => {
  test('each call on an inode of another type', async () => {
    const { source, truth } = await loadExtFixture('ext4-default')
    const { fs } = await mountSource(extDriver, source)
    const inode = (type: string): number => truth.find((entry) => entry.type === type)!.ino
    await expect(fs.open(inode('dir'))).rejects.toMatchObject({ code: 'PATH', errno: 'EISDIR' })
    await expect(fs.open(inode('symlink'))).rejects.toMatchObject({ code: 'PATH', errno: 'EINVAL' })
    await expect(fs.open(inode('fifo'))).rejects.toMatchObject({ code: 'PATH', errno: 'EINVAL' })
    await expect(fs.readdir(inode('file'))).rejects.toMatchObject({ code: 'PATH', errno: 'ENOTDIR' })
    await expect(fs.lookup(inode('file'), 'x')).rejects.toMatchObject({ code: 'PATH', errno: 'ENOTDIR' })
    await expect(fs.readlink(inode('file'))).rejects.toMatchObject({ code: 'PATH', errno: 'EINVAL' })
    for (const ino of [0, -1, 2 ** 32, 2 ** 53]) await expect(fs.stat(ino), String(ino)).rejects.toHaveProperty('code')
  })

  test('encrypted files, naming the feature', async () => {
    const { source, truth } = await loadExtFixture('ext4-encrypted')
    const { fs } = await mountSource(extDriver, source)
    const file = truth.find((entry) => entry.type === 'file' && entry.size > 0)!
    expect((await fs.stat(file.ino)).encrypted).toBe(true)
    await expect(fs.open(file.ino)).rejects.toMatchObject({ code: 'UNSUPPORTED', feature: expect.stringContaining('encrypt') })
  })

  test('reads beyond the end of a file', async () => {
    const { source, truth } = await loadExtFixture('ext4-default')
    const { fs } = await mountSource(extDriver, source)
    const file = await fs.open(truth.find((entry) => entry.size === 9000)!.ino)
    expect((await file.read(8990, 10)).length).toBe(10)
    expect((await file.read(9000, 0)).length).toBe(0)
    for (const [offset, length] of [
      [8990, 11],
      [9000, 1],
      [-1, 2],
    ] as const) {
      await expect(Promise.resolve().then(() => file.read(offset, length))).rejects.toMatchObject({ code: 'IO' })
    }
  })

  test('a walk stops at its bound, at a signal, and before a skipped directory', async () => {
    const { source, truth } = await loadExtFixture('ext3-htree')
    const { fs } = await mountSource(extDriver, source)
    await expect(fs.walk(() => undefined, { maxEntries: 10 })).rejects.toMatchObject({ code: 'LIMIT', limit: 10 })
    const reason = new Error('enough')
    await expect(fs.walk(() => undefined, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const paths: string[] = []
    await fs.walk(({ path }) => {
      paths.push(path)
      return path === '/many' ? 'skip' : undefined
    })
    expect(paths.sort()).toEqual(
      truth
        .map((entry) => entry.path)
        .filter((path) => !path.startsWith('/many/'))
        .sort(),
    )
  })
})
