// The menu of GRUB 0.97: https://www.gnu.org/software/grub/manual/legacy/grub.html#Menu_002dspecific-commands

export interface GrubLegacyMenu {
  /** Number of an entry, or `saved`. */
  readonly default: number | 'saved'
  readonly entries: readonly GrubLegacyEntry[]
}

export interface GrubLegacyEntry {
  readonly title: string
  /** The kernel's path with its device, `(hd0)/boot/vmlinuz-…`; absent for an entry that loads none. */
  readonly kernel?: string
}

/** A menu.lst or grub.conf. A command is parted from its arguments by blanks or by `=`. */
export function parseGrubLegacy(text: string): GrubLegacyMenu {
  let chosen: GrubLegacyMenu['default'] = 0
  const entries: { title: string; kernel?: string }[] = []
  for (const line of text.split('\n')) {
    const [, command, rest = ''] = /^\s*(\w+)(?:[\s=]+(.*))?$/.exec(line.trimEnd()) ?? []
    const entry = entries.at(-1)
    if (command === 'title') entries.push({ title: rest })
    else if (command === 'default' && !entry) chosen = rest === 'saved' ? 'saved' : Number.parseInt(rest, 10) || 0
    else if (command === 'kernel' && entry && entry.kernel === undefined) {
      const path = rest.split(/\s+/).find((word) => !word.startsWith('--'))
      if (path) entry.kernel = path
    }
  }
  return { default: chosen, entries }
}
