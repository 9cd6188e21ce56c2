import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CompareOptions } from './compare.js'
import type { Entry } from './entry.js'
import { folderIn, run, sparseFile, withMount } from './image.js'
import { kernelManifest } from './manifest.js'
import type { Recipe } from './recipes.js'
import { prototypeOf } from './xfs-proto.js'

/** One XFS image: how it is made, filled, changed, and what is known of it then. */
export interface XfsRow {
  readonly name: string
  /** Of the image file: `320M`. */
  readonly size: string
  /** Options of mkfs.xfs, separated by blanks. */
  readonly make: string
  /** Options of the mount for the fill. */
  readonly mount?: string
  readonly fill: readonly Recipe[]
  /** This kernel cannot mount it: `mkfs.xfs -p` copies a filled folder, which is the truth. */
  readonly copied?: boolean
  /** While it is mounted, after the fill. */
  readonly online?: (folder: string, device: string) => unknown
  /** After the unmount, before the truth is taken. */
  readonly offline?: (image: string) => unknown
  /** Changes after the truth was taken: they must not be seen. */
  readonly after?: (image: string) => unknown
  readonly compare?: CompareOptions
  /** The image must have come out so that it tests what it is meant to: what these commands of xfs_db print must match. */
  readonly proof?: readonly [commands: readonly string[], output: RegExp]
}

// The same UUID every time, so that a failure can be had again; `nouuid` lets the kernel mount two that have it.
const UUID = '5e6c0f7e-1d3b-4c9a-8f21-0a1b2c3d4e5f'

// With these mkfs.xfs makes filesystems of less than 300 MB, of one AG, and with smaller logs, as its own tests need them.
const LIFTED = ['TEST_DIR=1', 'TEST_DEV=1', 'QA_CHECK_FS=1']

/** Make the row's image in `folder` and take its truth. */
export async function buildXfs(row: XfsRow, folder: string): Promise<{ image: string; truth: Entry[] }> {
  const image = join(folder, 'image')
  sparseFile(image, row.size)
  if (row.copied) return { image, truth: await buildCopied(row, folder, image) }
  makeXfs(['-m', `uuid=${UUID}`, ...row.make.split(' ')], image)
  await withMount(image, 'xfs', ['nouuid', ...(row.mount ? row.mount.split(',') : [])], async (root, device) => {
    for (const recipe of row.fill) await recipe(root)
    row.online?.(root, device)
  })
  row.offline?.(image)
  proveXfs(row, image)
  const truth = await withMount(image, 'xfs', ['nouuid', 'ro', 'norecovery'], kernelManifest)
  row.after?.(image)
  return { image, truth }
}

async function buildCopied(row: XfsRow, folder: string, image: string): Promise<Entry[]> {
  const tree = folderIn(folder, 'tree')
  for (const recipe of row.fill) await recipe(tree)
  const prototype = join(folder, 'prototype')
  writeFileSync(prototype, prototypeOf(tree))
  makeXfs(['-m', `uuid=${UUID}`, ...row.make.split(' '), '-p', prototype], image)
  row.offline?.(image)
  proveXfs(row, image)
  const truth = await kernelManifest(tree)
  row.after?.(image)
  return truth
}

function makeXfs(options: readonly string[], image: string): void {
  run('env', [...LIFTED, 'mkfs.xfs', '-q', '-f', ...options, image])
}

function proveXfs(row: XfsRow, image: string): void {
  if (!row.proof) return
  const [commands, output] = row.proof
  const printed = xfsDb(image, ...commands)
  if (!output.test(printed)) throw new Error(`${row.name}: ${commands.join('; ')} does not show ${output}: ${printed.slice(0, 2000)}`)
}

/** What commands of xfs_db print, read-only. */
export function xfsDb(image: string, ...commands: readonly string[]): string {
  return run('xfs_db', ['-r', ...commands.flatMap((command) => ['-c', command]), image])
}
