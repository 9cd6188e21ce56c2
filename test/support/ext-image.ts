import { spawnSync } from 'node:child_process'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, utimesSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { CompareOptions } from './compare.js'
import type { Entry } from './entry.js'
import { folderIn, parseSize, run, sparseFile, withMount } from './image.js'
import { kernelManifest } from './manifest.js'
import type { Recipe } from './recipes.js'

/** One ext2/3/4 image: how it is made, filled, changed, and what is known of it then. */
export interface ExtRow {
  readonly name: string
  /** Of the image file: `16M`. */
  readonly size: string
  /** Options of mke2fs, separated by blanks. */
  readonly make: string
  /** The image is full of this byte before: what nobody initialised is then not zero. */
  readonly garbage?: number
  /** Options of mke2fs for a filesystem that the device held before: its copies of the superblock may still be there. */
  readonly older?: string
  /** Blocks of the filesystem where it does not fill the image. */
  readonly blocks?: number
  /** Options of the mount for the fill. */
  readonly mount?: string
  readonly fill: readonly Recipe[]
  /** Why the row cannot be had on this machine, or undefined. */
  readonly unless?: () => string | undefined
  /** The kernel cannot mount it (large blocks): `mke2fs -d` copies a filled folder, which is the truth. */
  readonly copied?: boolean
  /** While it is mounted, after the fill. */
  readonly online?: (folder: string, device: string) => unknown
  /** After the unmount, before the truth is taken. */
  readonly offline?: (image: string) => unknown
  /** What the kernel shows, as it is stored. */
  readonly stored?: (truth: readonly Entry[]) => Entry[]
  /** Mounted again, these are written and synced; the image is then a copy of the backing file while the filesystem is in use, and the truth what the kernel replays. */
  readonly crashed?: readonly Recipe[]
  /** Changes after the truth was taken: they must not be seen. */
  readonly after?: (image: string) => unknown
  readonly compare?: CompareOptions
  /** The image must have come out so that it tests what it is meant to: what debugfs prints for the command must match. */
  readonly proof?: readonly [command: string, output: RegExp]
}

// The same UUID and hash seed every time, so that a failure can be had again.
const UUID = '5e6c0f7e-1d3b-4c9a-8f21-0a1b2c3d4e5f'

/** Make the row's image in `folder` and take its truth. */
export async function buildExt(row: ExtRow, folder: string): Promise<{ image: string; truth: Entry[] }> {
  const image = join(folder, 'image')
  sparseFile(image, row.size)
  if (row.garbage !== undefined) overwrite(0, row.size, row.garbage)(image)
  if (row.older !== undefined) {
    run('env', ['E2FSPROGS_FAKE_TIME=1600000000', 'mke2fs', '-q', '-F', ...row.older.split(' '), image])
    await withMount(image, 'ext4', [], (root) => writeFileSync(join(root, 'of-the-older-filesystem'), 'old'))
  }
  const command = ['-q', '-F', '-U', UUID, '-E', `hash_seed=${UUID}`, ...row.make.split(' ')]
  const blocks = row.blocks === undefined ? [] : [String(row.blocks)]
  if (row.copied) return { image, truth: await buildCopied(row, folder, image, command) }
  run('mke2fs', [...mergeExtended(command), image, ...blocks])
  const options = row.mount ? row.mount.split(',') : []
  await withMount(image, 'ext4', options, async (root, device) => {
    for (const recipe of row.fill) await recipe(root)
    row.online?.(root, device)
  })
  if (row.crashed) await crash(row, row.crashed, image, options)
  row.offline?.(image)
  proveExt(row, image)
  const kernel = row.crashed ? await replayedManifest(image) : await withMount(image, 'ext4', ['ro'], kernelManifest)
  const truth = row.stored?.(kernel) ?? kernel
  row.after?.(image)
  return { image, truth }
}

/**
 * What a snapshot of a running machine holds: the newest metadata is in the journal alone, and a removed file is still held open. Not so
 * with fast commits: the kernel refuses to replay one of a file without a name.
 */
async function crash(row: ExtRow, recipes: readonly Recipe[], image: string, options: readonly string[]): Promise<void> {
  await withMount(image, 'ext4', options, async (root) => {
    for (const recipe of recipes) await recipe(root)
    const held = openSync(join(root, 'held'), 'w')
    if (!row.make.includes('fast_commit')) rmSync(join(root, 'held'))
    // fsync commits to the journal; syncfs would write everything to its place too.
    fsyncSync(held)
    run('cp', ['--sparse=always', image, `${image}.copy`])
    closeSync(held)
  })
  renameSync(`${image}.copy`, image)
}

/** What the kernel shows of a copy of the image when it has replayed the journal. */
async function replayedManifest(image: string): Promise<Entry[]> {
  const replayed = `${image}.replayed`
  run('cp', ['--sparse=always', image, replayed])
  try {
    await withMount(replayed, 'ext4', [], () => undefined)
    return await withMount(replayed, 'ext4', ['ro'], kernelManifest)
  } finally {
    rmSync(replayed)
  }
}

async function buildCopied(row: ExtRow, folder: string, image: string, options: string[]): Promise<Entry[]> {
  const tree = folderIn(folder, 'tree')
  folderIn(tree, 'lost+found')
  for (const recipe of row.fill) await recipe(tree)
  run('mke2fs', [...mergeExtended(options), '-d', tree, image])
  row.offline?.(image)
  // The root is mke2fs's own, made when it ran.
  debugfs('set_inode_field / mtime @1700000000')(image)
  utimesSync(tree, 1_700_000_000, 1_700_000_000)
  proveExt(row, image)
  return kernelManifest(tree)
}

function proveExt(row: ExtRow, image: string): void {
  if (!row.proof) return
  const [command, output] = row.proof
  const printed = run('debugfs', ['-R', command, image])
  if (!output.test(printed)) throw new Error(`${row.name}: ${command} does not show ${output}: ${printed.slice(0, 2000)}`)
}

/** mke2fs takes the last `-E` only: join them. */
function mergeExtended(options: readonly string[]): string[] {
  const extended: string[] = []
  const rest: string[] = []
  for (let i = 0; i < options.length; i++) {
    if (options[i] === '-E') extended.push(options[++i]!)
    else rest.push(options[i]!)
  }
  return [...rest, '-E', extended.join(',')]
}

/** Commands of debugfs, run in one go with write access. Its exit status tells nothing: a complaint is a failure. */
export function debugfs(...commands: readonly string[]): (image: string) => void {
  return (image) => {
    const { stderr } = spawnSync('debugfs', ['-w', '-f', '-', image], { encoding: 'utf8', input: `${commands.join('\n')}\n` })
    const complaints = stderr.split('\n').filter((line) => line !== '' && !/^debugfs \d/.test(line))
    if (complaints.length > 0) throw new Error(`debugfs: ${complaints.slice(0, 5).join('; ')}`)
  }
}

/** Set bits in the flags of inodes. */
export function setFlags(bits: number, ...paths: readonly string[]): (image: string) => void {
  return (image) => {
    const commands = paths.map((path) => {
      const flags = /Flags: 0x([0-9a-f]+)/.exec(run('debugfs', ['-R', `stat ${path}`, image]))?.[1]
      if (flags === undefined) throw new Error(`no inode ${path}`)
      return `set_inode_field ${path} flags 0x${(Number.parseInt(flags, 16) | bits).toString(16)}`
    })
    debugfs(...commands)(image)
  }
}

/** Overwrite bytes of an image; sizes as `4K`. */
export function overwrite(offset: number | string, length: number | string, value = 0): (image: string) => void {
  return (image) => {
    const bytes = Buffer.alloc(typeof length === 'string' ? parseSize(length) : length, value)
    const file = openSync(image, 'r+')
    try {
      writeSync(file, bytes, 0, bytes.length, typeof offset === 'string' ? parseSize(offset) : offset)
    } finally {
      closeSync(file)
    }
  }
}

/** One step after another. */
export function steps(...parts: readonly ((image: string) => unknown)[]): (image: string) => void {
  return (image) => {
    for (const part of parts) part(image)
  }
}
