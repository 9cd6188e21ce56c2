import { OSV_BUCKET } from './osv-bucket.js'

/** Where a feed is served: its public address, or under a mirror by host and path (`<mirror>/cdn.amazonlinux.com/2/…`). */
export function servedAt(url: string, baseUrl: string): string {
  if (baseUrl === OSV_BUCKET) return url
  const { host, pathname } = new URL(url)
  return `${baseUrl.replace(/\/+$/, '')}/${host}${pathname}`
}
