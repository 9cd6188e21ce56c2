import { describe, expect, test } from 'vitest'
import { xfsDriver } from '../../../src/fs/xfs/index.js'
import { expectAgreement, expectCost, expectListing } from '../../support/fixture-checks.js'
import { mountSource } from '../../support/mount.js'
import { loadXfsFixture } from '../../support/xfs-fixture.js'

// What mounting and walking costs of the 512 KiB blocks that were written.
const FIXTURES = [
  { name: 'xfs-default', journal: 'clean', written: 11, read: 5 },
  { name: 'xfs-forms', journal: 'clean', written: 6, read: 4 },
  { name: 'xfs-scattered', journal: 'clean', written: 6, read: 6 },
  { name: 'xfs-sparse-inodes', journal: 'clean', written: 13, read: 13 },
  { name: 'xfs-shared', journal: 'clean', written: 13, read: 3 },
  { name: 'xfs-meta-uuid', journal: 'clean', written: 7, read: 5 },
  { name: 'xfs-64k-blocks', journal: 'clean', written: 11, read: 9 },
  { name: 'xfs-v4', journal: 'clean', written: 4, read: 4 },
  { name: 'xfs-v4-ci', journal: 'clean', written: 2, read: 2 },
  { name: 'xfs-primary-gone', journal: 'clean', written: 3, read: 3 },
  { name: 'xfs-dirty', journal: 'dirty', written: 7, read: 5 },
]

describe.each(FIXTURES)('$name', ({ name, journal, written, read }) => {
  test('is listed as the kernel lists it', async () => {
    const fs = await expectListing(xfsDriver, await loadXfsFixture(name))
    expect({ kind: fs.kind, journal: fs.journal.state }).toEqual({ kind: 'xfs', journal })
  })

  test(`is walked with ${read} of ${written} blocks`, async () => {
    await expectCost(xfsDriver, await loadXfsFixture(name), { written, read })
  })

  test('stat, readdir and lookup agree with the walk', async () => {
    await expectAgreement(xfsDriver, await loadXfsFixture(name), 20)
  })
})

describe('xfs: what the file system tells', () => {
  test('features in the words of xfs_info, label, sizes', async () => {
    const { fs } = await mountSource(xfsDriver, (await loadXfsFixture('xfs-shared')).source)
    expect(fs.features).toEqual(expect.arrayContaining(['crc', 'finobt', 'sparse', 'rmapbt', 'reflink', 'bigtime', 'inobtcount', 'ftype']))
    expect(fs).toMatchObject({
      kind: 'xfs',
      uuid: '5e6c0f7e-1d3b-4c9a-8f21-0a1b2c3d4e5f',
      label: '',
      blockSize: 4096,
      sizeBytes: 32 * 2 ** 20,
    })
  })

  test('the UUID of the user, where metadata bears another', async () => {
    const { fs } = await mountSource(xfsDriver, (await loadXfsFixture('xfs-meta-uuid')).source)
    expect(fs.uuid).toBe('11111111-2222-4333-8444-555555555555')
    expect(fs.features).toContain('meta_uuid')
  })

  test('names in any case where the filesystem knows none', async () => {
    const { fs } = await mountSource(xfsDriver, (await loadXfsFixture('xfs-v4-ci')).source)
    const types = await fs.lookup(fs.root, 'types')
    expect(await fs.lookup(fs.root, 'TYPES')).toBe(types)
    const found = await fs.lookup(types!, 'Mode-4711')
    expect(found).toBe(await fs.lookup(types!, 'mode-4711'))
    expect(found).toBeDefined()
    const { fs: other } = await mountSource(xfsDriver, (await loadXfsFixture('xfs-v4')).source)
    expect(await other.lookup(other.root, 'TYPES')).toBeUndefined()
  })

  test('a dirty log leaves the list incomplete', async () => {
    const { fs } = await mountSource(xfsDriver, (await loadXfsFixture('xfs-dirty')).source)
    expect(fs.issues).toEqual([expect.objectContaining({ code: 'UNSUPPORTED', incomplete: true })])
  })

  test('a copy of the superblock stands in for the primary', async () => {
    const { fs } = await mountSource(xfsDriver, (await loadXfsFixture('xfs-primary-gone')).source)
    expect(fs.issues).toEqual([expect.objectContaining({ code: 'CORRUPT', incomplete: false })])
  })
})

describe('xfs: what the file system refuses', () => {
  test('each call on an inode of another type', async () => {
    const { source, truth } = await loadXfsFixture('xfs-default')
    const { fs } = await mountSource(xfsDriver, source)
    const inode = (type: string): number => truth.find((entry) => entry.type === type)!.ino
    await expect(fs.open(inode('dir'))).rejects.toMatchObject({ code: 'PATH', errno: 'EISDIR' })
    await expect(fs.open(inode('symlink'))).rejects.toMatchObject({ code: 'PATH', errno: 'EINVAL' })
    await expect(fs.open(inode('fifo'))).rejects.toMatchObject({ code: 'PATH', errno: 'EINVAL' })
    await expect(fs.readdir(inode('file'))).rejects.toMatchObject({ code: 'PATH', errno: 'ENOTDIR' })
    await expect(fs.lookup(inode('file'), 'x')).rejects.toMatchObject({ code: 'PATH', errno: 'ENOTDIR' })
    await expect(fs.readlink(inode('file'))).rejects.toMatchObject({ code: 'PATH', errno: 'EINVAL' })
    for (const ino of [0, -1, 1.5, 127, 2 ** 32, 2 ** 53, 2 ** 60]) await expect(fs.stat(ino), String(ino)).rejects.toHaveProperty('code')
  })

  test('a walk stops at its bound, at a signal, and before a skipped directory', async () => {
    const { source, truth } = await loadXfsFixture('xfs-forms')
    const { fs } = await mountSource(xfsDriver, source)
    await expect(fs.walk(() => undefined, { maxEntries: 10 })).rejects.toMatchObject({ code: 'LIMIT', limit: 10 })
    const reason = new Error('enough')
    await expect(fs.walk(() => undefined, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const paths: string[] = []
    await fs.walk(({ path }) => {
      paths.push(path)
      return path === '/grown-300' ? 'skip' : undefined
    })
    const expected = truth.map((entry) => entry.path).filter((path) => !path.startsWith('/grown-300/'))
    expect(paths.sort()).toEqual(expected.sort())
  })
})
