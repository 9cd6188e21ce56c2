import { join } from 'node:path'
import { zipFile } from '../sources/zip-file.js'
import { downloadFile } from './download.js'
import type { Feed, FeedRequest, FetchedFeed } from './types.js'

/** https://google.github.io/osv.dev/data/#data-dumps */
export const OSV_BUCKET = 'https://osv-vulnerabilities.storage.googleapis.com'

/** All records of one ecosystem and of its releases, as OSV.dev exports them. */
export function osvBucketFeed(name: string, terms: Pick<Feed, 'license' | 'attribution'>): Feed {
  return {
    name,
    ...terms,
    async fetch(request: FeedRequest): Promise<FetchedFeed | undefined> {
      const url = `${request.baseUrl.replace(/\/+$/, '')}/${encodeURIComponent(name)}/all.zip`
      const path = join(request.folder, `${encodeURIComponent(name)}.zip`)
      // Validators of another address say nothing about this one.
      const previous = request.previous?.url === url ? request.previous : undefined
      const validators = await downloadFile(url, path, previous, request)
      return validators && { source: zipFile.open(path), validators: { url, ...validators } }
    },
  }
}
