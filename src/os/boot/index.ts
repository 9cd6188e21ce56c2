import { parseGrubLegacy } from '../../formats/grub-legacy.js'
import type { BootKernel } from '../../model.js'
import { chooseBlsEntry } from './bls.js'
import { extlinuxKernel } from './extlinux.js'
import { BootFiles, type BootTree } from './files.js'
import { runGrubConfig } from './grub.js'
import { releaseOfImage } from './release.js'

export type { BootTree } from './files.js'

const GRUB_CONFIGS = ['/boot/grub2/grub.cfg', '/boot/grub/grub.cfg']
const EFI_FOLDER = '/boot/efi/EFI'
const EXTLINUX_CONFIGS = ['/boot/extlinux/extlinux.conf', '/boot/extlinux.conf', '/boot/syslinux/syslinux.cfg', '/extlinux.conf']
const LEGACY_CONFIGS = ['/boot/grub/menu.lst', '/boot/grub/grub.conf']
/** What `savedefault` of GRUB 0.97 writes. */
const LEGACY_SAVED = '/boot/grub/default'
const MAX_EFI_FOLDERS = 20

/** A kernel as a boot loader's configuration names it. */
interface Choice {
  readonly kernel: string
  /** Where its path does not say it. */
  readonly release?: string | undefined
  readonly how: string
}

/**
 * The kernel that the machine would start next without anyone at its keyboard, by the first boot loader's configuration that says it.
 * `mounts`: paths at which the tree has a filesystem of its own.
 * @throws ParseError, LimitError, IoError, CorruptError
 */
export async function findBootKernel(tree: BootTree, mounts: readonly string[]): Promise<BootKernel | undefined> {
  const files = new BootFiles(tree, mounts)
  for (const choose of [chooseByGrub, chooseByEntries, chooseByExtlinux, chooseByLegacyGrub]) {
    const choice = await choose(files)
    if (choice === undefined) continue
    const path = await files.find(choice.kernel)
    const release = releaseOfImage(path ?? choice.kernel) ?? choice.release
    return release === undefined ? undefined : { release, path: path ?? files.guess(choice.kernel), how: choice.how }
  }
  return undefined
}

async function chooseByGrub(files: BootFiles): Promise<Choice | undefined> {
  const vendors = [...(await files.readdir(EFI_FOLDER))].sort().slice(0, MAX_EFI_FOLDERS)
  for (const path of [...GRUB_CONFIGS, ...vendors.map((vendor) => `${EFI_FOLDER}/${vendor}/grub.cfg`)]) {
    const choice = await runGrubConfig(path, files)
    if (choice) return { kernel: choice.kernel, how: `${path}: ${choice.how}` }
  }
  return undefined
}

async function chooseByEntries(files: BootFiles): Promise<Choice | undefined> {
  for (const path of GRUB_CONFIGS) if ((await files.text(path)) !== undefined) return undefined
  const choice = await chooseBlsEntry(files)
  return choice && { kernel: choice.entry.linux!, release: choice.entry.version, how: choice.how }
}

async function chooseByExtlinux(files: BootFiles): Promise<Choice | undefined> {
  for (const path of EXTLINUX_CONFIGS) {
    const text = await files.text(path)
    const kernel = text === undefined ? undefined : extlinuxKernel(text)
    if (kernel === undefined) continue
    const folder = path.slice(0, path.lastIndexOf('/'))
    return { kernel: kernel.startsWith('/') ? kernel : normalize(`${folder}/${kernel}`), how: `${path}: default label` }
  }
  return undefined
}

async function chooseByLegacyGrub(files: BootFiles): Promise<Choice | undefined> {
  for (const path of LEGACY_CONFIGS) {
    const text = await files.text(path)
    if (text === undefined) continue
    const menu = parseGrubLegacy(text)
    const saved = menu.default === 'saved'
    const number = menu.default === 'saved' ? Number.parseInt((await files.text(LEGACY_SAVED)) ?? '', 10) || 0 : menu.default
    const kernel = menu.entries[number]?.kernel
    if (kernel !== undefined) return { kernel, how: `${path}: ${saved ? 'saved entry' : 'default entry'} ${number}` }
  }
  return undefined
}

/** `/boot/extlinux/../vmlinuz` as `/boot/vmlinuz`. */
function normalize(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}
