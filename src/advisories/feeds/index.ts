import { amazonFeed } from './amazon.js'
import { fileFeed } from './file-feed.js'
import { osvBucketFeed } from './osv-bucket.js'
import type { Feed } from './types.js'

export const feeds: readonly Feed[] = [
  amazonFeed,
  osvBucketFeed('Debian', { license: 'https://www.debian.org/license', attribution: 'Debian Security Tracker, by way of OSV.dev' }),
  osvBucketFeed('Ubuntu', { license: 'CC-BY-SA-4.0', attribution: 'Canonical Ubuntu Security Notices, by way of OSV.dev' }),
  osvBucketFeed('AlmaLinux', { license: 'MIT', attribution: 'AlmaLinux Errata, by way of OSV.dev' }),
  osvBucketFeed('Alpine', { license: 'not stated', attribution: 'Alpine Linux secdb, by way of OSV.dev' }),
  osvBucketFeed('Azure Linux', { license: 'MIT', attribution: 'Microsoft, by way of OSV.dev' }),
  osvBucketFeed('Chainguard', { license: 'CC-BY-ND-3.0', attribution: 'Chainguard, by way of OSV.dev' }),
  osvBucketFeed('Mageia', { license: 'CC-BY-SA-4.0', attribution: 'Mageia, by way of OSV.dev' }),
  osvBucketFeed('openEuler', { license: 'not stated', attribution: 'openEuler, by way of OSV.dev' }),
  osvBucketFeed('openSUSE', { license: 'CC-BY-4.0', attribution: 'SUSE, by way of OSV.dev' }),
  osvBucketFeed('Photon OS', { license: 'not stated', attribution: 'Photon OS, by way of OSV.dev' }),
  osvBucketFeed('Red Hat', { license: 'CC-BY-4.0', attribution: 'Red Hat Product Security, by way of OSV.dev' }),
  osvBucketFeed('Rocky Linux', { license: 'BSD-3-Clause', attribution: 'Rocky Enterprise Software Foundation, by way of OSV.dev' }),
  osvBucketFeed('SUSE', { license: 'CC-BY-4.0', attribution: 'SUSE, by way of OSV.dev' }),
  osvBucketFeed('Wolfi', { license: 'not stated', attribution: 'Chainguard, by way of OSV.dev' }),
  fileFeed('Bottlerocket', 'https://advisories.bottlerocket.aws/updateinfo.xml.gz', {
    license: 'Apache-2.0 OR MIT',
    attribution: 'Bottlerocket Security Advisories',
  }),
  fileFeed('Debian tracker', 'https://security-tracker.debian.org/tracker/data/json', {
    license: 'https://www.debian.org/license',
    attribution: 'Debian Security Tracker',
  }),
  fileFeed('CISA KEV', 'https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json', {
    license: 'CC0-1.0',
    attribution: 'CISA Known Exploited Vulnerabilities Catalog',
  }),
  fileFeed('EPSS', 'https://epss.empiricalsecurity.com/epss_scores-current.csv.gz', {
    license: 'https://www.first.org/epss/',
    attribution: 'FIRST Exploit Prediction Scoring System',
  }),
]
