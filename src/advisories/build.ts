import { type IngestOptions, type IngestResult, ingest } from './ingest.js'
import { openSource } from './sources/index.js'
import { asWriteError, DatabaseWriter } from './writer.js'

export interface BuildOptions extends IngestOptions {
  /** Files of advisories in the forms in which they are published (JSON, JSON lines, XML, CSV, gzip), zips and folders of them. */
  readonly from: readonly string[]
  /** Where the database goes; an earlier one there is replaced as a whole when the new one is complete. */
  readonly to: string
}

export interface BuildResult {
  readonly path: string
  /** Records in the database. */
  readonly records: number
  readonly sources: readonly (IngestResult & { readonly name: string })[]
}

/**
 * Builds an advisory database from advisories on disk, each file recognised by its contents. Of several records with one id the latest `modified` counts.
 *
 * @throws ConfigError, IoError, CorruptError where a source or the database as a whole cannot be read or written; the earlier
 *   database is then still in its place.
 */
export async function buildDatabase(options: BuildOptions): Promise<BuildResult> {
  const sources = options.from.map(openSource)
  const writer = new DatabaseWriter(options.to)
  try {
    const results: (IngestResult & { name: string })[] = []
    for (const source of sources) results.push({ name: source.path, ...(await ingest(source, source.path, writer, options)) })
    const built = new Date().toISOString()
    const meta = writer.finish({ built, sources: results.map(({ name }) => ({ name, updated: built })) })
    return { path: options.to, records: meta.records, sources: results }
  } catch (error) {
    throw asWriteError(error, options.to)
  } finally {
    writer.abandon()
  }
}
