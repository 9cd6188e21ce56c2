import { LimitError } from '../../errors.js'
import { type BlsEntry, blsEntryId, parseBlsEntry } from '../../formats/bls.js'
import { compareGrubEntries } from '../../formats/bls-order.js'
import type { BootFiles } from './files.js'
import type { GrubMenuEntry } from './grub-menu.js'

const ENTRIES = '/loader/entries'
const MAX_ENTRIES = 1_000

/** Every entry of a folder that starts a kernel, in no order. @throws LimitError */
export async function readBlsEntries(files: BootFiles, folder: string): Promise<readonly BlsEntry[]> {
  const names = (await files.readdir(folder)).filter((name) => blsEntryId(name) !== undefined).sort()
  if (names.length > MAX_ENTRIES) throw new LimitError('boot loader entries', MAX_ENTRIES)
  const entries: BlsEntry[] = []
  for (const name of names) {
    const text = await files.text(`${folder}/${name}`)
    const entry = text === undefined ? undefined : parseBlsEntry(blsEntryId(name)!, text)
    if (entry?.linux !== undefined) entries.push(entry)
  }
  return entries
}

/** What `blscfg` adds to a menu of GRUB. */
export async function readGrubBls(files: BootFiles, folder: string): Promise<readonly GrubMenuEntry[]> {
  const found = await files.find(folder || ENTRIES)
  if (found === undefined) return []
  const entries = [...(await readBlsEntries(files, found))].sort(compareGrubEntries)
  return entries.map(({ id, title, linux }) => ({ title: title ?? linux!, id, body: [], submenu: false, kernel: linux! }))
}
