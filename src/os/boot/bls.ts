import type { BlsEntry } from '../../formats/bls.js'
import { compareBlsEntries, compareGrubEntries } from '../../formats/bls-order.js'
import { parseGrubEnv } from '../../formats/grub-env.js'
import type { BootFiles } from './files.js'
import { readBlsEntries } from './loader-entries.js'

/** Where GRUB keeps its environment block beside a configuration on the EFI system partition. */
const GRUB_FOLDERS = ['/boot/grub2', '/boot/grub']
/** Where a filesystem with entries is mounted. */
const LOADER_FOLDERS = ['/boot/loader', '/efi/loader', '/boot/efi/loader']

/** The entry that a boot loader starts by the Boot Loader Specification. */
export interface BlsChoice {
  readonly entry: BlsEntry
  readonly folder: string
  /** File that says so, and by what in it. */
  readonly how: string
}

/**
 * The default of a boot loader whose configuration is nowhere but in its entries: GRUB where it has an environment block, as its saved
 * entry or the newest; else systemd-boot, as its loader.conf says or the first. Undefined where what is saved cannot be read, or where
 * there are unified kernel images, which stand in the same menu.
 */
export async function chooseBlsEntry(files: BootFiles): Promise<BlsChoice | undefined> {
  for (const folder of LOADER_FOLDERS) {
    const entries = await readBlsEntries(files, `${folder}/entries`)
    if (entries.length === 0) continue
    for (const grub of GRUB_FOLDERS) {
      if (await files.isDangling(grub, 'grubenv')) return undefined
      const env = await files.text(`${grub}/grubenv`)
      if (env !== undefined) return chooseByGrub(entries, `${folder}/entries`, env, `${grub}/grubenv`)
    }
    return chooseBySystemd(files, entries, folder)
  }
  return undefined
}

function chooseByGrub(entries: readonly BlsEntry[], folder: string, env: string, envPath: string): BlsChoice {
  const sorted = [...entries].sort(compareGrubEntries)
  const variables = parseGrubEnv(env)
  const value = variables.get('next_entry') || variables.get('saved_entry') || ''
  const named = sorted.find(({ id, title }) => id === value || title === value)
  const saved = named ?? (/^\d{1,9}$/.test(value) ? sorted[Number(value)] : undefined)
  return saved ? { entry: saved, folder, how: `${envPath}: saved entry` } : { entry: sorted[0]!, folder, how: `${folder}: first entry` }
}

async function chooseBySystemd(files: BootFiles, entries: readonly BlsEntry[], folder: string): Promise<BlsChoice | undefined> {
  const sorted = [...entries].sort(compareBlsEntries)
  const path = `${folder}/loader.conf`
  const value = parseLoaderDefault((await files.text(path)) ?? '')
  if (value?.startsWith('@')) return undefined // saved in the firmware
  const matches = value === undefined ? undefined : globPattern(value)
  const named = matches && sorted.find(({ id }) => matches(`${id}.conf`) || matches(id))
  if (named) return { entry: named, folder: `${folder}/entries`, how: `${path}: default` }
  const images = await files.readdir(`${folder.slice(0, -'/loader'.length)}/EFI/Linux`)
  if (images.some((name) => name.toLowerCase().endsWith('.efi'))) return undefined
  return { entry: sorted[0]!, folder: `${folder}/entries`, how: `${folder}/entries: first entry` }
}

/** `default` of loader.conf(5). */
function parseLoaderDefault(text: string): string | undefined {
  return text
    .split('\n')
    .map((line) => /^\s*default\s+(\S{1,255})\s*$/.exec(line)?.[1])
    .findLast((value) => value !== undefined)
}

/** A pattern with `*` and `?`, in time proportional to the product of the lengths. */
function globPattern(pattern: string): (text: string) => boolean {
  const glob = pattern.toLowerCase()
  return (name) => {
    const text = name.toLowerCase()
    let at = 0
    let star = -1
    let resume = 0
    for (let i = 0; i < text.length; ) {
      if (at < glob.length && (glob[at] === '?' || glob[at] === text[i]) && glob[at] !== '*') {
        at++
        i++
      } else if (glob[at] === '*') {
        star = at++
        resume = i
      } else if (star >= 0) {
        at = star + 1
        i = ++resume
      } else return false
    }
    while (glob[at] === '*') at++
    return at === glob.length
  }
}
