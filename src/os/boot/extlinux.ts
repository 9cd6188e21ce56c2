// https://wiki.syslinux.org/wiki/index.php?title=Config

interface Label {
  readonly name: string
  kernel?: string
}

/** The kernel of the label that an extlinux.conf starts by default, as the file has it: from its own folder, unless it begins with `/`. */
export function extlinuxKernel(text: string): string | undefined {
  const labels: Label[] = []
  let byDefault: string | undefined
  let byMenu: Label | undefined
  for (const line of text.split('\n')) {
    const [keyword = '', ...words] = line.trim().split(/\s+/)
    const [value = ''] = words
    const label = labels.at(-1)
    switch (keyword.toUpperCase()) {
      case 'DEFAULT':
        byDefault = words.join(' ')
        break
      case 'LABEL':
        labels.push({ name: words.join(' ') })
        break
      case 'MENU':
        if (value.toUpperCase() === 'DEFAULT') byMenu = label
        break
      case 'KERNEL':
      case 'LINUX':
        if (label && value) label.kernel ??= value
        break
    }
  }
  const named = labels.find(({ name }) => name === byDefault)
  return (byMenu ?? named ?? (byDefault === undefined ? labels[0] : undefined))?.kernel
}
