import type { OsLifecycle, OsRelease } from '../model.js'

/**
 * What is known of the life of releases, as of 2026-11-23. First what Amazon Inspector holds for discontinued, and since when
 * (https://docs.aws.amazon.com/inspector/latest/user/supported.html); for releases that it does not list, what their vendors say
 * (https://endoflife.date). Ubuntu's LTS releases last as long as Ubuntu Pro mends them, Debian's as long as their LTS.
 */
const RELEASES: Readonly<Record<string, string>> = {
  alpine: `
    2.1 2012-11-01, 2.2 2013-05-01, 2.3 2013-11-01, 2.4 2014-05-01, 2.5 2014-11-01, 2.6 2015-05-01, 2.7 2015-11-01, 3.0 2016-05-01,
    3.1 2016-11-01, 3.2 2017-05-01, 3.3 2017-11-01, 3.4 2018-05-01, 3.5 2018-11-01, 3.6 2019-05-01, 3.7 2019-11-01, 3.8 2020-05-01,
    3.9 2020-11-01, 3.10 2021-05-01, 3.11 2021-11-01, 3.12 2022-05-01, 3.13 2022-11-01, 3.14 2023-05-01, 3.15 2023-11-01,
    3.16 2024-05-23, 3.17 2024-11-22, 3.18 2025-05-09, 3.19 2025-11-01, 3.20 2026-04-01, 3.21 2026-11-01, 3.22 2027-05-01,
    3.23 2027-11-01, 3.24`,
  almalinux: '8 2029-05-31, 9 2032-05-31, 10 2035-05-31',
  amzn: '1 2021-12-31, 2 2026-06-30, 2023 2029-06-30',
  azurelinux: '3 2027-08-31',
  centos: '5 2017-03-31, 6 2020-11-30, 7 2024-06-30, 8 2021-12-31',
  'centos-stream': '8 2024-05-31, 9 2027-05-31, 10 2030-01-01',
  debian: `
    4 2010-02-15, 5 2012-02-06, 6 2016-02-29, 7 2018-05-31, 8 2020-06-30, 9 2022-06-30, 10 2024-06-30, 11 2026-08-31, 12 2028-06-30,
    13 2030-06-30`,
  fedora: `
    20 2015-06-23, 21 2015-12-01, 22 2016-07-19, 23 2016-12-20, 24 2017-08-08, 25 2017-12-12, 26 2018-05-29, 27 2018-11-30,
    28 2019-05-28, 29 2019-11-26, 30 2020-05-26, 31 2020-11-24, 32 2021-05-25, 33 2021-11-30, 34 2022-06-07, 35 2022-12-13,
    36 2023-05-16, 37 2023-12-15, 38 2024-05-21, 39 2024-11-26, 40 2025-05-13, 41 2025-11-19, 42 2026-05-13, 43 2026-12-09, 44`,
  mariner: '1 2023-08-31, 2 2025-07-31',
  ol: '5 2017-06-30, 6 2021-03-01, 7 2024-12-31, 8 2029-07-31, 9 2032-06-30, 10 2035-06-30',
  'opensuse-leap': `
    42.1 2017-05-17, 42.2 2018-01-26, 42.3 2019-07-01, 15.0 2019-12-03, 15.1 2021-02-02, 15.2 2021-12-01, 15.3 2022-12-01,
    15.4 2023-12-07, 15.5 2024-12-31, 15.6 2026-04-30, 16.0 2027-10-31`,
  photon: '1 2022-02-28, 2 2021-12-02, 3 2024-03-01, 4, 5',
  rhel: '4 2012-02-29, 5 2017-03-31, 6 2020-06-30, 7 2024-06-30, 8 2029-05-31, 9 2032-05-31, 10 2035-05-31',
  rocky: '8 2029-05-31, 9 2032-05-31, 10 2035-05-31',
  'sle-micro': '5.0 2022-03-31, 5.1 2025-10-31, 5.2 2026-04-30, 5.3 2026-10-30, 5.4 2027-04-30, 5.5 2027-10-31',
  sles: `
    11 2010-12-31, 11.1 2012-08-31, 11.2 2014-01-31, 11.3 2016-01-31, 11.4 2019-03-31, 12 2016-06-30, 12.1 2017-05-31, 12.2 2018-03-31,
    12.3 2019-06-30, 12.4 2020-06-30, 12.5 2024-10-31, 15 2019-12-31, 15.1 2021-01-31, 15.2 2021-12-31, 15.3 2022-12-31,
    15.4 2023-12-31, 15.5 2024-12-31, 15.6 2025-12-31, 15.7 2031-07-31, 16.0 2027-11-30`,
  // With the long-term support of service packs: a product of its own, and part of SLES for SAP.
  'sles-ltss': `
    11 2010-12-31, 11.1 2015-08-30, 11.2 2017-01-30, 11.3 2019-01-30, 11.4 2022-03-31, 12 2019-07-01, 12.1 2020-05-31, 12.2 2021-03-31,
    12.3 2022-06-30, 12.4 2023-06-30, 12.5 2027-10-31, 15 2022-12-31, 15.1 2024-01-31, 15.2 2024-12-31, 15.3 2025-12-31,
    15.4 2026-12-31, 15.5 2027-12-31, 15.6 2028-12-31, 15.7 2031-07-31, 16.0 2027-11-30`,
  ubuntu: `
    12.04 2017-04-28, 12.10 2014-05-16, 13.04 2014-01-27, 13.10 2014-07-17, 14.04 2024-04-01, 14.10 2015-07-23, 15.04 2016-02-04,
    15.10 2016-07-28, 16.04 2026-04-01, 16.10 2017-07-20, 17.04 2018-01-13, 17.10 2018-07-19, 18.04 2028-04-30, 18.10 2019-07-18,
    19.04 2020-01-23, 19.10 2020-07-17, 20.04 2030-04-30, 20.10 2021-07-22, 21.04 2022-01-20, 21.10 2022-07-31, 22.04 2032-04-30,
    22.10 2023-07-20, 23.04 2024-01-25, 23.10 2024-07-11, 24.04 2034-04-30, 24.10 2025-07-10, 25.04 2026-01-15, 25.10 2026-07-09,
    26.04 2036-04-30`,
}

/** Ids whose releases are those of another, under a name of its own. */
const SAME_AS: ReadonlyMap<string, string> = new Map([
  ['opensuse', 'opensuse-leap'],
  ['sles_sap', 'sles-ltss'],
  ['suse-microos', 'sle-micro'],
])

/** Products that bring the long-term support of service packs along. */
const LTSS_PRODUCTS = new Set(['SLES_SAP', 'SLES-LTSS'])

/** Releases by id and number: the end of support, or undefined where none is announced. */
const ENDS: ReadonlyMap<string, ReadonlyMap<string, string | undefined>> = new Map(
  Object.entries(RELEASES).map(([id, list]) => [id, parseReleases(list)]),
)

function parseReleases(list: string): ReadonlyMap<string, string | undefined> {
  return new Map(
    list.split(',').map((item): [string, string | undefined] => {
      const [release = '', end] = item.trim().split(' ')
      return [release, end]
    }),
  )
}

/** Whether a release is supported at a time. Undefined for one that is not known: a later one, a rolling one, a derivative. */
export function lifecycleOf(os: OsRelease, now: Date): OsLifecycle | undefined {
  const ends = ENDS.get(familyOf(os))
  const release = ends && releaseNumber(os, ends)
  if (!ends || release === undefined) return undefined
  const endOfLife = ends.get(release)
  const discontinued = endOfLife !== undefined && now.getTime() >= Date.parse(endOfLife)
  return {
    state: discontinued ? 'discontinued' : 'supported',
    ...(endOfLife && { endOfLife }),
    severity: discontinued ? 'critical' : 'none',
  }
}

function familyOf({ id, variantId, products = [] }: OsRelease): string {
  if (id === 'centos' && variantId === 'stream') return 'centos-stream'
  if (id === 'sles' && products.some((product) => LTSS_PRODUCTS.has(product))) return 'sles-ltss'
  return SAME_AS.get(id) ?? id
}

/** The number under which a release is listed: `9` for 9.4, `3.18` for 3.18.4. */
function releaseNumber({ id, versionId = '' }: OsRelease, listed: ReadonlyMap<string, unknown>): string | undefined {
  // The Amazon Linux AMI was released by year and month until 2018.03.
  if (id === 'amzn' && /^201\d\.\d\d$/.test(versionId)) return '1'
  if (!/^\d+(\.\d+)*$/.test(versionId)) return undefined
  const [major = '', minor] = versionId.split('.')
  return [minor === undefined ? major : `${major}.${minor}`, ...(hasMinorReleases(listed) ? [] : [major])].find((number) =>
    listed.has(number),
  )
}

function hasMinorReleases(listed: ReadonlyMap<string, unknown>): boolean {
  return [...listed.keys()].some((number) => number.includes('.'))
}
