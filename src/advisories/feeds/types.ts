import type { SourceInfo } from '../schema.js'
import type { RecordSource } from '../sources/types.js'
import type { DownloadOptions } from './download.js'

export interface FeedRequest extends DownloadOptions {
  /** Where the feeds of the bucket are served, and on a mirror the others. */
  readonly baseUrl: string
  /** For temporary files; emptied afterwards. */
  readonly folder: string
  /** The feed as the earlier database has it. */
  readonly previous: SourceInfo | undefined
}

/** A feed as it is now. */
export interface FetchedFeed {
  readonly source: RecordSource
  /** What will tell whether it has changed. */
  readonly validators: Pick<SourceInfo, 'url' | 'etag' | 'lastModified' | 'hash'>
}

/** Advisories that are published at some address. A new one is one file here and one line in `feeds/index.ts`. */
export interface Feed {
  /** Its ecosystem, without a suffix, or what it adds to any. */
  readonly name: string
  readonly license: string
  readonly attribution: string
  /** The feed as documents; undefined where it is unchanged. @throws IoError where it cannot be had. */
  fetch(request: FeedRequest): Promise<FetchedFeed | undefined>
}
