import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Run a tool and return what it printed; its complaint is the error's message. */
export function run(
  command: string,
  args: readonly string[],
  options: { readonly input?: string; readonly okStatus?: number } = {},
): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8', input: options.input ?? '', stdio: 'pipe', maxBuffer: 256 * 1024 * 1024 })
  } catch (error) {
    const { status, stderr, stdout } = error as { status?: number; stderr?: string; stdout?: string }
    if (status !== undefined && status === options.okStatus) return stdout ?? ''
    throw new Error(
      `${command} ${args.join(' ')}: status ${status}: ${String(stderr ?? error)
        .trim()
        .slice(0, 600)}`,
    )
  }
}

/** Why the oracle tests cannot run here, or undefined: they mount through the kernel, so they need root and these tools. */
export function oracleMissing(...tools: readonly string[]): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux'
  const path = (process.env.PATH ?? '').split(':').concat('/usr/sbin', '/sbin')
  const absent = ['mount', 'umount', 'losetup', ...tools].filter((tool) => !path.some((folder) => existsSync(join(folder, tool))))
  if (absent.length > 0) return `needs ${absent.join(', ')}`
  return existsSync('/dev/loop-control') ? undefined : 'needs loop devices'
}

/** Why this process may not resize a mounted filesystem, or undefined. */
export function resizeDenied(): string | undefined {
  const CAP_SYS_RESOURCE = 24n
  const effective = /CapEff:\s*([0-9a-f]+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
  return (BigInt(`0x${effective}`) >> CAP_SYS_RESOURCE) & 1n ? undefined : 'needs CAP_SYS_RESOURCE'
}

/** A folder for images, in memory where the system has it: they are sparse, and every unmount would wait for the disk. */
export function scratchFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'snapsight-oracle-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

const UNITS: Readonly<Record<string, number>> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 }

/** Bytes of `64K`, `16M`, `1T`. */
export function parseSize(text: string): number {
  return Number.parseInt(text, 10) * (UNITS[text.slice(-1)] ?? 1)
}

/** A sparse file of `size`; an existing one is grown or cut. */
export function sparseFile(path: string, size: string | number): void {
  const file = openSync(path, existsSync(path) ? 'r+' : 'w')
  try {
    ftruncateSync(file, typeof size === 'number' ? size : parseSize(size))
  } finally {
    closeSync(file)
  }
}

/** Mount an image (or a device) for the time of `body`. `type` as for `mount -t`, options as for `-o`. */
export async function withMount<T>(
  image: string,
  type: string,
  options: readonly string[],
  body: (folder: string, device: string) => T | Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(`${image}-mount-`)
  const loop = image.startsWith('/dev/') ? [] : ['loop']
  try {
    run('mount', ['-t', type, '-o', [...loop, ...options].join(','), image, folder])
    try {
      const device = run('findmnt', ['-n', '-o', 'SOURCE', folder]).trim()
      return await body(folder, device)
    } finally {
      run('umount', [folder])
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Attach an image to a loop device for the time of `body`. */
export async function withLoop<T>(image: string, body: (device: string) => T | Promise<T>): Promise<T> {
  const device = run('losetup', ['--find', '--show', image]).trim()
  try {
    return await body(device)
  } finally {
    run('losetup', ['--detach', device])
  }
}

/** Make a folder below another and return its path. */
export function folderIn(parent: string, name: string): string {
  const path = join(parent, name)
  mkdirSync(path, { recursive: true })
  return path
}
