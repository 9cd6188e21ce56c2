import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { extDriver } from '../../src/fs/ext/index.js'
import type { JournalState } from '../../src/fs/types.js'
import { compareEntries } from '../support/compare.js'
import type { Entry } from '../support/entry.js'
import { buildExt, debugfs } from '../support/ext-image.js'
import { replayedByKernel } from '../support/ext-live.js'
import { folderIn, oracleMissing, run, scratchFolder, sparseFile, withLoop, withMount } from '../support/image.js'
import { listing } from '../support/listing.js'
import { kernelManifest } from '../support/manifest.js'
import { withImage } from '../support/mount.js'
import * as fill from '../support/recipes.js'
import { SOME } from './ext-fills.js'

const missing = oracleMissing('mke2fs', 'debugfs')
let scratch: ReturnType<typeof scratchFolder>
beforeAll(() => {
  scratch = scratchFolder()
})
afterAll(() => scratch?.remove())
let count = 0

async function listed(image: string): Promise<{ entries: Entry[]; journal: JournalState }> {
  return withImage(extDriver, image, async (fs) => ({ entries: await listing(fs), journal: fs.journal }))
}

describe.skipIf(missing)('ext: journals', () => {
  test.each([
    ['-t ext4 -b 1024', 'rw'],
    ['-t ext4 -b 4096', 'rw'],
    ['-t ext3 -b 1024', 'rw'],
    ['-t ext4 -b 1024 -O ^metadata_csum', 'data=journal'],
    ['-t ext4 -b 1024 -O orphan_file', 'journal_async_commit,data=writeback'],
  ])('what waits in it is applied: %s, %s', async (make, mount) => {
    const row = { name: make, size: '64M', make, mount, fill: SOME, crashed: [fill.churn(11, 300), fill.deep(5)] }
    const { image, truth } = await buildExt(row, folderIn(scratch.path, String(count++)))
    const { entries, journal } = await listed(image)
    expect(journal.state).toBe('replayed')
    expect(truth.length).toBeGreaterThan(100)
    expect(compareEntries(truth, entries)).toEqual([])
  })

  test.each([
    [2, '64bit'],
    [2, '^64bit'],
    [3, '64bit'],
    [3, '^64bit'],
  ])('one that debugfs wrote, with checksums v%i and %s, is applied', async (version, feature) => {
    const folder = folderIn(scratch.path, String(count++))
    const [image, contents] = [join(folder, 'image'), join(folder, 'contents')]
    sparseFile(image, '32M')
    run('mke2fs', ['-q', '-F', '-t', 'ext4', '-b', '1024', '-O', feature, image])
    await withMount(image, 'ext4', [], (root) => {
      for (const name of ['first', 'second']) writeFileSync(join(root, name), name.repeat(1000))
    })
    const blockOf = (path: string): number => Number.parseInt(run('debugfs', ['-R', `blocks ${path}`, image]), 10)
    const [first, second] = [blockOf('/first'), blockOf('/second')]
    const escaped = Buffer.concat([Buffer.from('c03b3998', 'hex'), Buffer.alloc(1020, 7)])
    writeFileSync(contents, Buffer.concat([Buffer.alloc(1024, 1), escaped, Buffer.alloc(1024, 2)]))
    debugfs(`jo -c -v ${version}`, `jw -b ${first},${first + 1},${second} ${contents}`, `jw -r ${second}`, 'jc')(image)
    const truth = await replayedByKernel(image, [])
    const { entries, journal } = await listed(image)
    expect(journal).toEqual({ state: 'replayed', detail: '2 transactions, 2 blocks, 1 revoked' })
    expect(compareEntries(truth, entries)).toEqual([])
  })

  test.each([
    ['-t ext2', 'none'],
    ['-t ext4 -O ^has_journal', 'none'],
    ['-t ext3', 'clean'],
    ['-t ext4', 'clean'],
  ])('%s has a journal that is %s', async (make, state) => {
    const image = join(folderIn(scratch.path, String(count++)), 'image')
    sparseFile(image, '16M')
    run('mke2fs', ['-q', '-F', ...make.split(' '), image])
    expect((await listed(image)).journal.state).toBe(state)
    await withMount(image, 'ext4', [], (root) => fill.deep(3)(root))
    expect((await listed(image)).journal.state).toBe(state)
  })

  test('an external journal is named', async () => {
    const folder = folderIn(scratch.path, String(count++))
    const [image, journal] = [join(folder, 'image'), join(folder, 'journal')]
    sparseFile(image, '32M')
    sparseFile(journal, '8M')
    const uuid = '0badcafe-1111-4222-8333-444455556666'
    run('mke2fs', ['-q', '-F', '-b', '1024', '-O', 'journal_dev', '-U', uuid, journal])
    const truth = await withLoop(journal, async (journalDevice) => {
      run('mke2fs', ['-q', '-F', '-t', 'ext4', '-b', '1024', '-J', `device=${journalDevice}`, image])
      await withMount(image, 'ext4', [], async (root) => {
        for (const recipe of SOME) await recipe(root)
      })
      return withMount(image, 'ext4', ['ro'], kernelManifest)
    })
    const found = await listed(image)
    expect(compareEntries(truth, found.entries)).toEqual([])
    expect(found.journal.detail).toContain(uuid)
    await expect(listed(journal)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })
})
