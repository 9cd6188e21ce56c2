import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { xfsDriver } from '../../src/fs/xfs/index.js'
import { compareEntries } from '../support/compare.js'
import { folderIn, oracleMissing, run, scratchFolder, sparseFile, withLoop, withMount } from '../support/image.js'
import { listing } from '../support/listing.js'
import { kernelManifest } from '../support/manifest.js'
import { withImage } from '../support/mount.js'
import * as fill from '../support/recipes.js'
import { SOME } from './xfs-fills.js'

const missing = oracleMissing('mkfs.xfs', 'xfs_db', 'xfs_io')
const scratch = scratchFolder()
afterAll(() => scratch.remove())
let count = 0

const stateOf = (image: string) => withImage(xfsDriver, image, async (fs) => ({ journal: fs.journal, issues: fs.issues }))

function emptyImage(make: string, size = '320M'): { image: string; folder: string } {
  const folder = folderIn(scratch.path, String(count++))
  const image = join(folder, 'image')
  sparseFile(image, size)
  run('mkfs.xfs', ['-q', '-f', ...make.split(' '), image])
  return { image, folder }
}

describe.skipIf(missing)('xfs: logs', () => {
  test.each(['-b size=4096', '-b size=1024', '-l su=256k', '-l su=32k', '-s size=4096', '-l version=2,size=64m -b size=65536 -d size=1g'])(
    'clean as made, mounted, and unmounted many times; dirty between: %s',
    async (make) => {
      const { image, folder } = emptyImage(make, '1G')
      expect((await stateOf(image)).journal).toEqual({ state: 'clean' })
      for (let round = 0; round < 5; round++) {
        const copy = join(folder, 'copy')
        await withMount(image, 'xfs', [], async (root) => {
          fill.churn(round, 300)(folderIn(root, `round${round}`))
          run('sync', ['-f', root])
          run('cp', ['--sparse=always', image, copy])
        })
        const dirty = await stateOf(copy)
        expect(dirty.journal.state).toBe('dirty')
        expect(dirty.issues[0]).toMatchObject({ code: 'UNSUPPORTED', incomplete: true })
        expect(await stateOf(image)).toEqual({ journal: { state: 'clean' }, issues: [] })
      }
      rmSync(folder, { recursive: true })
    },
  )

  test('a log written over and over stays told', async () => {
    const { image, folder } = emptyImage('-b size=4096 -l size=64m')
    for (let round = 0; round < 6; round++) {
      await withMount(image, 'xfs', ['logbsize=256k'], (root) => {
        fill.manyFiles(15_000, { keep: 1000, folder: `r${round}` })(root)
        fill.manyFiles(15_000, { keep: 1000, folder: `s${round}` })(root)
      })
      expect((await stateOf(image)).journal).toEqual({ state: 'clean' })
    }
    rmSync(folder, { recursive: true })
  })

  test('what the kernel shut down without an unmount record is dirty; what was written is listed', async () => {
    const { image, folder } = emptyImage('-b size=4096')
    await withMount(image, 'xfs', [], async (root) => {
      for (const recipe of SOME) await recipe(root)
      run('sync', ['-f', root])
      run('xfs_io', ['-x', '-c', 'shutdown -f', root])
    })
    copyFileSync(image, `${image}.replayed`)
    const truth = await withMount(image, 'xfs', ['ro', 'norecovery'], kernelManifest)
    await withImage(xfsDriver, image, async (fs) => {
      expect(fs.journal.state).toBe('dirty')
      expect(compareEntries(truth, await listing(fs))).toEqual([])
    })
    await withMount(`${image}.replayed`, 'xfs', [], () => undefined)
    expect((await stateOf(`${image}.replayed`)).journal.state).toBe('clean')
    rmSync(folder, { recursive: true })
  })

  test('an external one is told', async () => {
    const folder = folderIn(scratch.path, String(count++))
    const [image, log] = [join(folder, 'image'), join(folder, 'log')]
    sparseFile(image, '320M')
    sparseFile(log, '128M')
    const truth = await withLoop(log, async (logDevice) => {
      run('mkfs.xfs', ['-q', '-f', '-l', `logdev=${logDevice}`, image])
      await withMount(image, 'xfs', [`logdev=${logDevice}`], async (root) => {
        for (const recipe of SOME) await recipe(root)
      })
      return withMount(image, 'xfs', ['ro', `logdev=${logDevice}`], kernelManifest)
    })
    await withImage(xfsDriver, image, async (fs) => {
      expect(compareEntries(truth, await listing(fs))).toEqual([])
      expect(fs.journal.detail).toContain('external')
      expect(fs.issues[0]).toMatchObject({ incomplete: true })
    })
    rmSync(folder, { recursive: true })
  })
})
