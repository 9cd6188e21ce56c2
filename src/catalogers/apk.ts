import { LimitError, ParseError } from '../errors.js'
import { type ApkRecord, parseApkInstalled } from '../formats/apk.js'
import { packageUrl } from '../formats/purl.js'
import type { OsRelease } from '../model.js'
import type { Cataloger, FoundPackage } from './types.js'

const DATABASE = /\/(?:usr\/)?lib\/apk\/db\/installed$/
const MAX_BYTES = 128 * 1024 * 1024
/** Alpine has some 35,000 packages in all. */
const MAX_PACKAGES = 200_000
/** Broken stanzas after which a database counts as garbage and is read no further. */
const MAX_PROBLEMS = 1_000

/** Packages of Alpine, Wolfi and their kin. */
export const apk: Cataloger = {
  name: 'apk',
  patterns: ['**/lib/apk/db/installed'],
  async catalog({ path, file }, context) {
    if (file.size > MAX_BYTES) throw new LimitError('bytes of an apk database', MAX_BYTES)
    const os = await context.osRelease(path.replace(DATABASE, '') || '/')
    const packages: FoundPackage[] = []
    let problems = 0
    for (const record of parseApkInstalled(await file.read(0, file.size))) {
      if (record instanceof ParseError) {
        context.report(record, path)
        if (++problems < MAX_PROBLEMS) continue
        context.report(new LimitError('broken stanzas of an apk database', MAX_PROBLEMS), path)
        break
      }
      if (packages.length === MAX_PACKAGES) {
        context.report(new LimitError('packages of an apk database', MAX_PACKAGES), path)
        break
      }
      packages.push(toPackage(record, os))
    }
    return packages
  },
}

function toPackage({ name, version, arch, origin, license, installedSizeBytes }: ApkRecord, os: OsRelease | undefined): FoundPackage {
  return {
    type: 'apk',
    name,
    version,
    ...(arch && { arch }),
    // All packages of one APKBUILD have one version.
    source: origin ?? name,
    sourceVersion: version,
    purl: packageUrl({
      type: 'apk',
      namespace: os?.id,
      name,
      version,
      qualifiers: {
        arch,
        distro: os && (os.versionId === undefined ? os.id : `${os.id}-${os.versionId}`),
        upstream: origin === name ? undefined : origin,
      },
    }),
    ...(os && { distro: os }),
    ...(license && { license }),
    ...(installedSizeBytes !== undefined && { sizeBytes: installedSizeBytes }),
  }
}
