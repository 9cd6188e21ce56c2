import { osvBucketFeed } from './osv-bucket.js'
import type { Feed } from './types.js'

export const feeds: readonly Feed[] = [
  osvBucketFeed('Debian', { license: 'https://www.debian.org/license', attribution: 'Debian Security Tracker, by way of OSV.dev' }),
  osvBucketFeed('Ubuntu', { license: 'CC-BY-SA-4.0', attribution: 'Canonical Ubuntu Security Notices, by way of OSV.dev' }),
]
