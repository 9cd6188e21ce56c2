import type { DatabaseFile } from '../../src/formats/database-file.js'
import { readRpmDatabase } from '../../src/formats/rpm/database.js'
import type { RpmRecord } from '../../src/formats/rpm/record.js'

/** Bytes as the file of a database. */
export function databaseFile(bytes: Uint8Array): DatabaseFile {
  return {
    size: bytes.length,
    cacheBytes: 1 << 26,
    read: (offset, length) => bytes.subarray(offset, offset + length),
    prefetch: async () => {},
  }
}

export interface RpmContents {
  readonly records: readonly RpmRecord[]
  readonly problems: readonly string[]
}

export async function readRecords(bytes: Uint8Array): Promise<RpmContents> {
  const records: RpmRecord[] = []
  const problems: string[] = []
  for await (const record of readRpmDatabase(databaseFile(bytes))) {
    if (record instanceof Error) problems.push(record.message)
    else records.push(record)
  }
  return { records, problems }
}

/** As `rpmQuery` prints it. */
export function recordLines(records: readonly RpmRecord[]): string[] {
  return records
    .filter(({ name }) => name !== 'gpg-pubkey')
    .map((record) =>
      [
        record.name,
        record.epoch,
        record.version,
        record.release,
        record.arch,
        record.sourceRpm,
        record.vendor,
        record.license,
        record.sizeBytes,
        record.installTime,
        record.modularity,
        record.packager,
        record.signingKey,
        record
          .files()
          .map((file) => `${file}|`)
          .join(''),
      ].join('\t'),
    )
    .sort()
}

/** Such a line without the two fields that no digest of the header covers: when it was installed, and by whose key it was signed. */
export function coveredFields(line: string): string {
  const fields = line.split('\t')
  return fields.filter((_, i) => i !== 9 && i !== 12).join('\t')
}
