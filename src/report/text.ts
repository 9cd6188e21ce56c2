import type { Location } from '../errors.js'

const LONE_SURROGATE = /\p{Surrogate}/gu
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** Every lone surrogate (a byte of a name that is not UTF-8) as U+FFFD. */
export function wellFormed(text: string): string {
  return text.replace(LONE_SURROGATE, '\ufffd')
}

/** Safe on a terminal and on one line: no control characters, no bidirectional overrides. Names on a disk are anyone's. */
export function printable(text: string): string {
  return wellFormed(text).replace(CONTROL, '\ufffd')
}

/** `vol-1:2/var/lib/dpkg/status`: volume, partition, path. */
export function locationText(where: Location): string {
  const partition = where.partition === undefined ? '' : `:${where.partition}`
  return printable(`${where.volume ?? ''}${partition}${where.path ?? ''}`)
}

/** `8.0 GiB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

/** `1 package`, `2 packages`. */
export function countText(count: number, noun: string, plural: string = `${noun}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? noun : plural}`
}

/** At most `length` UTF-16 units, never ending in half a character. */
export function clip(text: string, length: number): string {
  if (text.length <= length) return text
  return `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
