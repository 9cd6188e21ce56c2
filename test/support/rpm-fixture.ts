import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

const FOLDER = new URL('../../fixtures/catalogers/rpm/', import.meta.url)

/** The same packages, in every format. */
export const RPM_DATABASES = ['rpmdb.sqlite', 'Packages.le', 'Packages.be', 'Packages.db'] as const

export type RpmDatabaseName = (typeof RPM_DATABASES)[number]

/** A copy of its own, to be damaged at will. */
export function rpmDatabase(name: RpmDatabaseName): Buffer {
  return gunzipSync(readFileSync(new URL(`${name}.gz`, FOLDER)))
}

/** What rpm lists of each of them, as `recordLines` prints it. */
export function rpmTruth(): string[] {
  return readFileSync(new URL('packages.tsv', FOLDER), 'utf8').trimEnd().split('\n')
}
