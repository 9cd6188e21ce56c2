import { ScanError } from '../../errors.js'
import type { OsTree } from '../os-tree.js'
import { readText } from '../read-text.js'

/** The tree of one system with everything its fstab mounts. */
export interface BootTree extends OsTree {
  /** Where a path leads, symlinks followed. @throws PathError */
  resolve(path: string): Promise<{ readonly path: string }>
}

/** Where the filesystem that a boot loader reads may be mounted. */
const MOUNT_POINTS = ['', '/boot', '/boot/efi', '/efi']

/** Files as a boot loader names them: with a device, from the root of the filesystem they are on. */
export class BootFiles {
  readonly #tree: BootTree
  readonly #mountPoints: readonly string[]

  /** `mounts`: paths at which the tree has a filesystem of its own; one for `/boot` is what the boot loader reads. */
  constructor(tree: BootTree, mounts: readonly string[]) {
    this.#tree = tree
    const own = MOUNT_POINTS.filter((path) => path === '/boot' && mounts.includes(path))
    this.#mountPoints = [...own, ...MOUNT_POINTS.filter((path) => !own.includes(path))]
  }

  /** The path in the tree, symlinks followed, of a file the boot loader names; undefined where there is none. */
  async find(path: string): Promise<string | undefined> {
    const local = withoutDevice(path)
    for (const mountPoint of this.#mountPoints) {
      const found = await this.#resolve(mountPoint + local)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** Where a file that the boot loader names would be, though it is not there. */
  guess(path: string): string {
    const local = withoutDevice(path)
    return local.startsWith('/boot/') ? local : `/boot${local}`
  }

  text(path: string): Promise<string | undefined> {
    return readText(this.#tree, path)
  }

  readdir(path: string): Promise<readonly string[]> {
    return this.#tree.readdir(path)
  }

  /** Whether a name is there that leads nowhere: to a filesystem that is not read, most likely. */
  async isDangling(folder: string, name: string): Promise<boolean> {
    return (await this.#tree.stat(`${folder}/${name}`)) === undefined && (await this.#tree.readdir(folder)).includes(name)
  }

  async #resolve(path: string): Promise<string | undefined> {
    try {
      return (await this.#tree.resolve(path)).path
    } catch (error) {
      if (error instanceof ScanError && error.code === 'PATH') return undefined
      throw error
    }
  }
}

/** `(hd0,gpt1)/vmlinuz` and `($root)/vmlinuz` as `/vmlinuz`. */
function withoutDevice(path: string): string {
  const local = path.replace(/^\([^)]*\)/, '')
  return local.startsWith('/') ? local : `/${local}`
}
