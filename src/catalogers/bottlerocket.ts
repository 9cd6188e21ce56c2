import { LimitError, ParseError } from '../errors.js'
import { packageUrl } from '../formats/purl.js'
import type { OsRelease } from '../model.js'
import type { Cataloger, FoundPackage } from './types.js'

const INVENTORY = /\/usr\/share\/bottlerocket\/application-inventory\.json$/
const MAX_BYTES = 16 * 1024 * 1024
/** A variant is built of some two hundred. */
const MAX_PACKAGES = 10_000
const NAME = /^[A-Za-z0-9][\w.+-]*$/
const VERSION = /^[\w.+~^]+$/

/**
 * What a Bottlerocket is built of. It keeps no database of packages, only this list of them.
 * https://bottlerocket.dev/en/os/latest/concepts/variants/ ("Software Inventory")
 */
export const bottlerocket: Cataloger = {
  name: 'bottlerocket',
  patterns: ['**/usr/share/bottlerocket/application-inventory.json'],
  async catalog({ path, file }, context) {
    if (file.size > MAX_BYTES) throw new LimitError('bytes of an application inventory', MAX_BYTES)
    const records = contentOf(Buffer.from(await file.read(0, file.size)).toString('utf8'))
    if (records.length > MAX_PACKAGES) throw new LimitError('packages of an application inventory', MAX_PACKAGES)
    const os = await context.osRelease(path.replace(INVENTORY, '') || '/')
    const packages = records.map((record) => toPackage(record, os))
    const broken = packages.filter((pkg) => pkg === undefined).length
    if (broken > 0) context.report(new ParseError(`${broken} records without a name, a version or a release`), path)
    return packages.filter((pkg) => pkg !== undefined)
  },
}

function contentOf(text: string): readonly unknown[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new ParseError('an application inventory that is no JSON')
  }
  const content = typeof parsed === 'object' && parsed !== null && 'Content' in parsed ? parsed.Content : undefined
  if (!Array.isArray(content)) throw new ParseError('an application inventory without its content')
  return content
}

function toPackage(record: unknown, os: OsRelease | undefined): FoundPackage | undefined {
  const given = (field: string): string => {
    const value: unknown = typeof record === 'object' && record !== null ? (record as Record<string, unknown>)[field] : undefined
    return typeof value === 'string' ? value.trim() : ''
  }
  const [name = '', number = '', release = ''] = ['Name', 'Version', 'Release'].map(given)
  if (!NAME.test(name) || !VERSION.test(number) || !VERSION.test(release)) return undefined
  const epoch = /^[1-9]\d{0,8}$/.exec(given('Epoch'))?.[0]
  const version = `${epoch === undefined ? '' : `${epoch}:`}${number}-${release}`
  const arch = given('Architecture')
  const vendor = given('Publisher')
  const installed = Date.parse(given('InstalledTime'))
  return {
    type: 'rpm',
    name,
    version,
    ...(arch && { arch }),
    source: name,
    sourceVersion: version,
    purl: packageUrl({
      type: 'rpm',
      namespace: 'bottlerocket',
      name,
      version: `${number}-${release}`,
      qualifiers: { arch: arch || undefined, distro: os?.versionId && `bottlerocket-${os.versionId}`, epoch },
    }),
    ...(os && { distro: os }),
    ...(vendor && { vendor }),
    ...(Number.isFinite(installed) && { installedAt: new Date(installed).toISOString() }),
  }
}
