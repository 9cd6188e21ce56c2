import { compareRuns } from './runs.js'

interface DebVersion {
  /** Decimal digits without leading zeros; empty for 0. */
  readonly epoch: string
  readonly upstream: string
  /** Empty where there is none, which orders like `0`. */
  readonly revision: string
}

const EPOCH = /^(?:\+?\d+|-0+)$/
const NOT_ASCII = /[^\0-\x7f]/
// deb-version(7): what upstream version and revision may be made of.
const UPSTREAM = /^\d[A-Za-z0-9.+~:-]*$/
const REVISION = /^[A-Za-z0-9.+~]+$/
const INT_MAX = 2_147_483_647

/** `[epoch:]upstream[-revision]`. What dpkg refuses as an epoch stays a part of the upstream version. */
function splitDeb(version: string): DebVersion {
  const trimmed = version.trim()
  // dpkg orders bytes: a character beyond ASCII counts as its UTF-8 bytes.
  let text = NOT_ASCII.test(trimmed) ? Buffer.from(trimmed, 'utf8').toString('latin1') : trimmed
  let epoch = ''
  const colon = text.indexOf(':')
  if (colon > 0 && EPOCH.test(text.slice(0, colon))) {
    epoch = text.slice(0, colon).replace(/^[+-]?0*/, '')
    text = text.slice(colon + 1)
  }
  const hyphen = text.lastIndexOf('-')
  if (hyphen === -1) return { epoch, upstream: text, revision: '' }
  return { epoch, upstream: text.slice(0, hyphen), revision: text.slice(hyphen + 1) }
}

function compareEpochs(a: string, b: string): number {
  if (a.length !== b.length) return a.length < b.length ? -1 : 1
  return a === b ? 0 : a < b ? -1 : 1
}

/**
 * Orders two Debian package versions exactly as `dpkg --compare-versions` does: -1, 0 or 1. An empty version is below every
 * other; versions that dpkg refuses have a place in the same total order.
 *
 * deb-version(7)
 */
export function compareDeb(a: string, b: string): number {
  if (a === b) return 0
  const left = splitDeb(a)
  const right = splitDeb(b)
  if (isEmpty(left) || isEmpty(right)) return Number(isEmpty(right)) - Number(isEmpty(left))
  return compareEpochs(left.epoch, right.epoch) || compareRuns(left.upstream, right.upstream) || compareRuns(left.revision, right.revision)
}

function isEmpty({ epoch, upstream, revision }: DebVersion): boolean {
  return epoch === '' && upstream === '' && revision === ''
}

/** Whether deb-version(7) allows this version. */
export function isDebVersion(version: string): boolean {
  const colon = version.indexOf(':')
  if (colon !== -1 && !(/^\d{1,10}$/.test(version.slice(0, colon)) && Number(version.slice(0, colon)) <= INT_MAX)) return false
  const text = version.slice(colon + 1)
  const hyphen = text.lastIndexOf('-')
  if (hyphen === -1) return UPSTREAM.test(text)
  return UPSTREAM.test(text.slice(0, hyphen)) && REVISION.test(text.slice(hyphen + 1))
}
