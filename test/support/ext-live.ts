import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Entry } from './entry.js'
import { run, sparseFile, withMount } from './image.js'
import { LiveWork } from './live-work.js'
import { kernelManifest } from './manifest.js'
import { Random } from './random.js'

/** A filesystem that is copied while it is in use. */
export interface LiveRow {
  readonly name: string
  readonly size: string
  /** Options of mke2fs, separated by blanks. */
  readonly make: string
  /** Options of the mount while it is in use. */
  readonly mount?: string
  /** Before it is mounted. */
  readonly prepare?: (image: string) => unknown
  /** The journal has fast commits: how directories grow is then up to whoever replays them. */
  readonly fastCommits?: boolean
}

/** The kernel's clock for files may stand still for so long. */
const CLOCK_MS = 5

/** Use a filesystem and copy its image at `count` random moments; returns the copies' paths. */
export async function liveCopies(row: LiveRow, seed: number, folder: string, count: number): Promise<string[]> {
  return inUse(row, folder, (root, copy) => {
    const random = new Random(seed)
    const work = new LiveWork(root, random)
    try {
      for (let i = 0; i < count; i++) {
        work.run(1 + random.below(random.below(2) ? 300 : 30))
        copy()
      }
    } finally {
      work.end()
    }
  })
}

/** The same while another process goes on working, so that copies meet it in the middle of what it does. */
export async function busyCopies(row: LiveRow, seed: number, folder: string, count: number): Promise<string[]> {
  return inUse(row, folder, async (root, copy) => {
    const script = join(import.meta.dirname, 'live-child.ts')
    const child = spawn(process.execPath, ['--import', 'tsx', script, root, String(seed)], { stdio: 'ignore' })
    const ended = once(child, 'close')
    try {
      while (readdirSync(root).length < 5 && child.exitCode === null) await sleep(10)
      for (let i = 0; i < count; i++) {
        await sleep(20 * (1 + (i % 7)))
        copy()
      }
    } finally {
      child.kill('SIGKILL')
      await ended
    }
  })
}

/** Mount a fresh filesystem for the time of `body`, which copies its image as often as it calls `copy`. */
async function inUse(row: LiveRow, folder: string, body: (root: string, copy: () => void) => Promise<void> | void): Promise<string[]> {
  const image = join(folder, 'image')
  sparseFile(image, row.size)
  run('mke2fs', ['-q', '-F', ...row.make.split(' '), image])
  await row.prepare?.(image)
  const copies: string[] = []
  await withMount(image, 'ext4', row.mount?.split(',') ?? [], (root) =>
    body(root, () => {
      const copy = join(folder, `copy${copies.length}`)
      run('cp', ['--sparse=always', image, copy])
      copies.push(copy)
    }),
  )
  rmSync(image)
  return copies
}

/** What the kernel shows when it has replayed the journal; times that it set in doing so are taken from `ours`. */
export async function replayedByKernel(copy: string, ours: readonly Entry[]): Promise<Entry[]> {
  const replayed = `${copy}.kernel`
  copyFileSync(copy, replayed)
  try {
    const since = Date.now() - CLOCK_MS
    await withMount(replayed, 'ext4', [], () => undefined)
    const truth = await withMount(replayed, 'ext4', ['ro'], kernelManifest)
    const found = new Map(ours.map((entry) => [entry.path, entry]))
    return truth.map((entry) => {
      const own = found.get(entry.path)
      return own && entry.mtime * 1000 + entry.mtimeNs / 1e6 >= since ? { ...entry, mtime: own.mtime, mtimeNs: own.mtimeNs } : entry
    })
  } finally {
    rmSync(replayed, { force: true })
  }
}

/** What the kernel refused to mount, as far as it had replayed the journal before it gave up. */
export async function leftByKernel(copy: string): Promise<Entry[]> {
  const left = `${copy}.kernel`
  copyFileSync(copy, left)
  try {
    const mounted = await withMount(left, 'ext4', [], () => true).catch(() => false)
    if (mounted) throw new Error('the kernel mounts it now')
    return await withMount(left, 'ext4', ['ro', 'noload'], kernelManifest)
  } finally {
    rmSync(left, { force: true })
  }
}
