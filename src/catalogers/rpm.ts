import { LimitError, ParseError, ScanError } from '../errors.js'
import { packageUrl } from '../formats/purl.js'
import { readRpmDatabase } from '../formats/rpm/database.js'
import type { RpmRecord } from '../formats/rpm/record.js'
import type { OsRelease } from '../model.js'
import { openRepositories } from './rpm-repository.js'
import type { CatalogContext, Cataloger, FoundPackage } from './types.js'

const FOLDERS = ['var/lib/rpm', 'usr/lib/sysimage/rpm', 'usr/share/rpm']
/** Berkeley DB, NDB, SQLite; told apart by their contents, not by these names. */
const FILES = ['Packages', 'Packages.db', 'rpmdb.sqlite']
const FOLDER_OF_DATABASE = new RegExp(`/(?:${FOLDERS.join('|')})/[^/]+$`)
/** Fedora has some 70,000 packages in all. */
const MAX_PACKAGES = 200_000
/** Damaged records after which a database counts as garbage and is read no further. */
const MAX_PROBLEMS = 1_000
/** The records in which rpm keeps the public keys it trusts; they are no packages. */
const PUBLIC_KEY = 'gpg-pubkey'
const SOURCE_RPM = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/

/** What SQLite keeps beside its file: a write-ahead log that is not yet merged, a rollback journal of what may have to be taken back. */
const UNMERGED = [
  ['-wal', 'packages installed last may be missing'],
  ['-journal', 'an interrupted transaction is not rolled back'],
] as const

/** Packages of rpm, in any of its databases. */
export const rpm: Cataloger = {
  name: 'rpm',
  patterns: FOLDERS.flatMap((folder) => FILES.map((file) => `**/${folder}/${file}`)),
  async catalog({ path, file }, context) {
    await reportUnmerged(path, context)
    const root = path.replace(FOLDER_OF_DATABASE, '') || '/'
    const os = await context.osRelease(root)
    const repositoryOf = await openRepositories(root, context)
    const found: { number: number; pkg: FoundPackage }[] = []
    let problems = 0
    for await (const record of readRpmDatabase(file)) {
      context.signal?.throwIfAborted()
      if (record instanceof ScanError) {
        context.report(record, path)
        if (++problems < MAX_PROBLEMS) continue
        context.report(new LimitError('damaged records of an rpm database', MAX_PROBLEMS), path)
        break
      }
      if (record.name === PUBLIC_KEY) continue
      if (found.length === MAX_PACKAGES) {
        context.report(new LimitError('packages of an rpm database', MAX_PACKAGES), path)
        break
      }
      found.push({ number: record.number, pkg: toPackage(record, os, await repositoryOf(record)) })
    }
    return found.sort((a, b) => a.number - b.number).map(({ pkg }) => pkg)
  },
}

async function reportUnmerged(path: string, context: CatalogContext): Promise<void> {
  for (const [suffix, meaning] of UNMERGED) {
    try {
      const stat = await context.tree.stat(path + suffix)
      if (stat?.type !== 'file' || stat.size === 0) continue
      context.report(new ParseError(`${stat.size} bytes of a database are not applied: ${meaning}`), path + suffix)
    } catch (error) {
      context.signal?.throwIfAborted()
      context.report(error as Error, path + suffix)
    }
  }
}

function toPackage(record: RpmRecord, os: OsRelease | undefined, repository: string | undefined): FoundPackage {
  const { name, epoch, arch, sourceRpm, license, vendor, sizeBytes, installTime, modularity, signingKey } = record
  const versionRelease = `${record.version}-${record.release}`
  const version = epoch === undefined ? versionRelease : `${epoch}:${versionRelease}`
  const [, source, sourceVersion] = SOURCE_RPM.exec(sourceRpm ?? '') ?? []
  return {
    type: 'rpm',
    name,
    version,
    ...(arch && { arch }),
    source: source ?? name,
    // The epoch of a binary package need not be its source's, so the source's version is without one.
    sourceVersion: source === undefined ? version : sourceVersion!,
    purl: packageUrl({
      type: 'rpm',
      namespace: os?.id,
      name,
      version: versionRelease,
      qualifiers: {
        arch,
        distro: os && (os.versionId === undefined ? os.id : `${os.id}-${os.versionId}`),
        epoch: epoch?.toString(),
        rpmmod: modularity,
        upstream: sourceRpm,
      },
    }),
    ...(os && { distro: os }),
    ...(license && { license }),
    ...(vendor && { vendor }),
    ...(sizeBytes !== undefined && { sizeBytes }),
    ...(installTime !== undefined && { installedAt: new Date(installTime * 1000).toISOString() }),
    ...(modularity && { modularity }),
    ...(signingKey && { signingKey }),
    ...(repository !== undefined && { repository }),
  }
}
