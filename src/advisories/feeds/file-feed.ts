import { join } from 'node:path'
import { streamFile } from '../sources/stream-file.js'
import { downloadFile } from './download.js'
import { servedAt } from './mirror.js'
import type { Feed, FeedRequest, FetchedFeed } from './types.js'

/** A feed that is one file, of any of the formats, compressed with gzip or not. */
export function fileFeed(name: string, publicUrl: string, terms: Pick<Feed, 'license' | 'attribution'>): Feed {
  return {
    name,
    ...terms,
    async fetch(request: FeedRequest): Promise<FetchedFeed | undefined> {
      const url = servedAt(publicUrl, request.baseUrl)
      const path = join(request.folder, `${encodeURIComponent(name)}.feed`)
      // Validators of another address say nothing about this one.
      const previous = request.previous?.url === url ? request.previous : undefined
      const validators = await downloadFile(url, path, previous, request)
      return validators && { source: streamFile.open(path), validators: { url, ...validators } }
    },
  }
}
