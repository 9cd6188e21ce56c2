import { symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { folderIn, run } from './image.js'
import { writeAt } from './pattern.js'
import type { Recipe } from './recipes.js'

/** A file of `pieces` single blocks with a hole after each: as many extents. */
export function fragments(pieces: number, blockSize: number): Recipe {
  return (root) => {
    const spans = Array.from({ length: pieces }, (_, i) => [i * 2 * blockSize, blockSize] as const)
    writeAt(join(folderIn(root, 'fragments'), `p${pieces}`), spans)
  }
}

/** Data at these offsets, holes between. */
export function sparse(name: string, offsets: readonly number[], size?: number): Recipe {
  return (root) => {
    const spans = offsets.map((offset) => [offset, 3000] as const)
    writeAt(join(folderIn(root, 'sparse'), name), spans, size)
  }
}

/** A file written in one go. */
export function plain(name: string, size: number): Recipe {
  return (root) => {
    const chunk = 4 * 1024 * 1024
    const spans = Array.from({ length: Math.ceil(size / chunk) }, (_, i) => [i * chunk, Math.min(chunk, size - i * chunk)] as const)
    writeAt(join(folderIn(root, 'plain'), name), spans)
  }
}

/** Preallocated, punched, zeroed, collapsed and inserted ranges: stale bytes lie under most of them. */
export const unwritten: Recipe = (root) => {
  const dir = folderIn(root, 'unwritten')
  const k = 1024
  writeAt(join(dir, 'stale'), [[0, 1024 * k]])
  run('sync', ['-f', dir])
  unlinkSync(join(dir, 'stale'))
  const fallocate = (name: string, ...args: string[]): void => {
    try {
      run('fallocate', [...args, join(dir, name)])
    } catch (error) {
      // Not every layout can do every operation: block-mapped files have no unwritten ranges, bigalloc moves whole clusters.
      if (!/unsupported|not supported|Invalid argument/.test(String(error))) throw error
    }
  }
  fallocate('only', '-l', String(256 * k))
  fallocate('partly', '-l', String(256 * k))
  writeAt(join(dir, 'partly'), [
    [64 * k, 3000],
    [128 * k, 64 * k],
    [255 * k, 1024],
  ])
  writeAt(join(dir, 'keep-size'), [[0, 5000]])
  fallocate('keep-size', '-n', '-o', String(64 * k), '-l', String(128 * k))
  for (const [name, flag] of [
    ['punched', '-p'],
    ['zeroed', '-z'],
    ['collapsed', '-c'],
    ['inserted', '-i'],
  ] as const) {
    writeAt(join(dir, name), [[0, 256 * k]])
    fallocate(name, flag, '-o', String(64 * k), '-l', String(64 * k))
  }
  writeAt(join(dir, 'mid-block'), [[0, 64 * k]])
  fallocate('mid-block', '-p', '-o', '1000', '-l', '30000')
}

/** Files and symlinks of every size up to `limit`. */
export function everySize(limit: number): Recipe {
  return (root) => {
    const dir = folderIn(root, `sizes-to-${limit}`)
    for (let size = 0; size <= limit; size++) {
      writeAt(join(dir, `f${size}`), [[0, size]])
      if (size > 0) symlinkSync('s'.repeat(size), join(dir, `l${size}`))
    }
    for (let entries = 1; entries <= 24; entries++) {
      const sub = folderIn(dir, `d${entries}`)
      for (let i = 0; i < entries; i++) writeFileSync(join(sub, `entry${i}`), '')
    }
    writeAt(join(dir, 'grown'), [[0, 30]])
    writeAt(join(dir, 'grown'), [[30, 8000]])
    writeAt(join(dir, 'shrunk'), [[0, 8000]], 20)
    writeAt(join(dir, 'tail-hole'), [[0, 20]], 50_000)
  }
}
