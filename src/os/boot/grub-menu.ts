import type { GrubStatement } from '../../formats/grub-script.js'

/** An entry of a menu of GRUB 2. */
export interface GrubMenuEntry {
  readonly title: string
  /** The title where the entry has no other. */
  readonly id: string
  /** What is run when it is chosen: the commands that boot, or the menu below. */
  readonly body: readonly GrubStatement[]
  readonly submenu: boolean
  /** For an entry that needs no running: the path of its kernel, as its filesystem has it. */
  readonly kernel?: string
}

const OPTIONS_WITH_VALUE = new Set(['--class', '--users', '--hotkey', '--id', '--source'])

/** The title and the id of `menuentry TITLE [--class=class …] [--id=id]`; undefined without a title. */
export function decodeMenuEntry(args: readonly string[]): { title: string; id: string } | undefined {
  let title: string | undefined
  let id: string | undefined
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (arg.startsWith('--id=')) id = arg.slice('--id='.length)
    else if (OPTIONS_WITH_VALUE.has(arg)) {
      i++
      if (arg === '--id') id = args[i]
    } else if (!arg.startsWith('--')) title ??= arg
  }
  return title === undefined ? undefined : { title, id: id ?? title }
}

/**
 * The entry that `default` means: a number, a title or an id, and behind `>` what is meant of its submenu (`>>` is a `>` of the title).
 * Where it means none, it is the first.
 */
export function chooseEntry(
  menu: readonly GrubMenuEntry[],
  value: string,
): { readonly entry: GrubMenuEntry | undefined; readonly rest: string } {
  const [, first = '', rest = ''] = /^((?:[^>]|>>)*)(?:>(.*))?$/s.exec(value) ?? []
  const name = first.replaceAll('>>', '>')
  const named = menu.find((entry) => entry.title === name || entry.id === name)
  const numbered = /^\d{1,9}$/.test(name) ? menu[Number(name)] : undefined
  return { entry: named ?? numbered ?? menu[0], rest: named || numbered ? rest : '' }
}
