import { describe, expect, it } from 'vitest'
import type { Package } from '../../../src/model.js'
import { outcomesOf, recordsOf } from '../support/outcomes.js'
import { affected, deb, debian, fixedIn, osv, ubuntu } from '../support/records.js'
import { brief, match, os, rpm, storeOf, update, updates } from '../support/rpm.js'

const RHEL8 = os('rhel', '8.9', 'fedora')

/** A VEX file as Red Hat writes it, for products by id and CPE. */
function vex(cve: string, status: Record<string, string[]>, more: object = {}): string {
  const cpes = {
    'AppStream-8.9': 'cpe:/a:redhat:enterprise_linux:8::appstream',
    rhel_8: 'cpe:/o:redhat:enterprise_linux:8',
    'EUS-8.6': 'cpe:/a:redhat:rhel_eus:8.6::appstream',
  }
  const branches = Object.entries(cpes).map(([id, cpe]) => ({ product: { product_id: id, product_identification_helper: { cpe } } }))
  const ids = [...new Set(Object.values(status).flat())]
  const relationships = ids.map((id) => {
    const product = Object.keys(cpes).find((known) => id.startsWith(`${known}:`))!
    return { product_reference: id.slice(product.length + 1), relates_to_product_reference: product, full_product_name: { product_id: id } }
  })
  return JSON.stringify({
    document: {
      category: 'csaf_vex',
      csaf_version: '2.0',
      publisher: { name: 'Red Hat Product Security' },
      aggregate_severity: { text: 'Moderate' },
      tracking: { id: cve, current_release_date: '2024-08-04T10:17:22+00:00' },
    },
    product_tree: { branches: [{ branches }], relationships },
    vulnerabilities: [
      { cve, product_status: status, scores: [{ cvss_v3: { vectorString: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H' } }], ...more },
    ],
  })
}

describe("Red Hat's VEX", () => {
  it('tells what is fixed, affected without a fix, given up, and being looked into', async () => {
    const text = vex(
      'CVE-2023-6212',
      {
        fixed: [
          'AppStream-8.9:firefox-0:115.5.0-1.el8_9.x86_64',
          'AppStream-8.9:firefox-0:115.5.0-1.el8_9.src',
          'EUS-8.6:firefox-0:115.5.0-1.el8_6.x86_64',
        ],
        known_affected: ['rhel_8:thunderbird', 'rhel_8:mozjs60'],
        under_investigation: ['rhel_8:gjs'],
        known_not_affected: ['rhel_8:samba'],
      },
      { remediations: [{ category: 'no_fix_planned', product_ids: ['rhel_8:mozjs60'] }] },
    )
    const store = await storeOf({ 'vex.json': text })
    const packages = ['firefox', 'thunderbird', 'mozjs60', 'gjs', 'samba'].map((name) => rpm(name, '1-1.el8', RHEL8))
    const found = match(store, ...packages)
    expect(brief(found)).toEqual([
      ['CVE-2023-6212', 'firefox', 'fix-available', '115.5.0-1.el8_9'],
      ['CVE-2023-6212', 'gjs', 'unknown', undefined],
      ['CVE-2023-6212', 'mozjs60', 'will-not-fix', undefined],
      ['CVE-2023-6212', 'thunderbird', 'no-fix', undefined],
    ])
    expect(found[0]).toMatchObject({
      severity: 'medium',
      cvss: [{ baseScore: 8.8, source: 'REDHAT-CVE-2023-6212' }],
      url: 'https://access.redhat.com/security/cve/CVE-2023-6212',
    })
    expect(match(store, rpm('firefox', '115.5.0-1.el8_9', RHEL8))).toEqual([])
  })

  it('what is not affected is not, though a bulletin lists it with others', async () => {
    const bulletin = osv('RHSA-2023:1', [affected('Red Hat:enterprise_linux:8::appstream', 'samba', fixedIn('2-1.el8'))], {
      upstream: ['CVE-2023-4154', 'CVE-2023-3961'],
    })
    const store = await storeOf({
      'osv.json': JSON.stringify(bulletin),
      'vex.json': vex('CVE-2023-4154', { known_not_affected: ['rhel_8:samba'] }),
    })
    expect(brief(match(store, rpm('samba', '1-1.el8', RHEL8)))).toEqual([['CVE-2023-3961', 'samba', 'fix-available', '2-1.el8']])
  })

  it('a module has its stream before its name', async () => {
    const text = vex('CVE-2024-1', {
      fixed: ['AppStream-8.9:nodejs:18:8090020240101000000:a75119d5:nodejs-1:18.20.4-1.module+el8.9.0+1+a.x86_64'],
      known_affected: ['rhel_8:nodejs:16/nodejs'],
      known_not_affected: ['rhel_8:nodejs:20/nodejs'],
    }).replaceAll('CVE-2024-1', 'CVE-2024-10001')
    const store = await storeOf({ 'vex.json': text })
    const at = (stream: string, version: string): unknown[] =>
      match(store, rpm('nodejs', `1:${version}-1.module+el8.9.0+1+a`, RHEL8, { modularity: `nodejs:${stream}:1:a` })).map(
        ({ state, fixedVersion }) => [state, fixedVersion],
      )
    expect(at('18', '18.19.0')).toEqual([['fix-available', '1:18.20.4-1.module+el8.9.0+1+a']])
    expect(at('18', '18.20.4')).toEqual([])
    expect(at('16', '16.20.0')).toEqual([['no-fix', undefined]])
    expect(at('20', '20.0.0')).toEqual([])
  })

  it('or is a component of the module', async () => {
    const module = 'AppStream-8.9:nodejs:18:8090020240101000000:a75119d5'
    const build = 'nodejs-1:18.20.4-1.module+el8.9.0+1+a.x86_64'
    const file = JSON.parse(vex('CVE-2024-10001', { fixed: [module] }))
    const component = {
      product_reference: build,
      relates_to_product_reference: module,
      full_product_name: { product_id: `${module}:${build}` },
    }
    file.product_tree.relationships.unshift(component)
    file.vulnerabilities[0].product_status = { fixed: [`${module}:${build}`] }
    expect((await recordsOf(JSON.stringify(file)))[0]?.advisories).toMatchObject([
      {
        ecosystem: 'Red Hat:enterprise_linux:8::appstream',
        packageName: 'nodejs',
        ranges: [
          { events: [{ introduced: '0' }, { fixed: '1:18.20.4-1.module+el8.9.0+1+a' }], arches: ['x86_64'], modules: ['nodejs:18'] },
        ],
      },
    ])
  })

  it('is refused where it is of another vendor, or has no CVE', async () => {
    const reasons = async (text: string): Promise<unknown> =>
      (await outcomesOf(text)).map((outcome) => 'reason' in outcome && outcome.reason)
    expect(await reasons(vex('CVE-2023-4154', {}).replace('Red Hat Product Security', 'Example'))).toEqual([
      'CSAF of another vendor than Red Hat',
    ])
    expect(await reasons(vex('CVE-2023-4154', {}).replaceAll('CVE-2023-4154', 'x'))).toEqual(['vulnerability without a CVE'])
    expect(await reasons(vex('CVE-2023-4154', {}))).toEqual(['no packages of Red Hat products'])
    expect(await reasons('{"document": {"csaf_version": "2.0"}}')).toEqual(['CSAF of another vendor than Red Hat'])
  })
})

describe('secdb', () => {
  const secdb = (distroversion: string, packages: object): string =>
    JSON.stringify({
      apkurl: '{{urlprefix}}/…',
      urlprefix: 'https://dl-cdn.alpinelinux.org/alpine',
      distroversion,
      packages: Object.entries(packages).map(([name, secfixes]) => ({ pkg: { name, secfixes } })),
    })
  const main = secdb('v3.16', {
    apache2: { '2.4.27-r1': ['CVE-2017-9798'], '2.4.35-r0': ['CVE-2018-11763'], 0: ['CVE-2019-10082'] },
    'util-linux': { '2.29.2-r0': ['CVE-2017-2616 (+ regression fix)', 'CVE-2018-0001 CVE-2018-0002', 'XSA-1'] },
  })
  const alpine = os('alpine', '3.16.2')
  const apk = (name: string, version: string, distro = alpine, more: Partial<Package> = {}): Package => ({
    ...rpm(name, version, distro, { sourceVersion: version, ...more }),
    type: 'apk',
  })

  it('names source packages; what never affected one does not, whoever says so', async () => {
    const wrong = osv('ALPINE-CVE-2019-99', [affected('Alpine:v3.16', 'apache2', fixedIn('9-r0'))], { upstream: ['CVE-2019-10082'] })
    const store = await storeOf({
      'main.json': main,
      'other.json': secdb('v3.17', { apache2: { '9.9-r0': ['CVE-2017-9798'] } }),
      'osv.json': JSON.stringify(wrong),
    })
    expect(brief(match(store, apk('apache2/apache2-utils', '2.4.27-r0')))).toEqual([
      ['CVE-2017-9798', 'apache2-utils', 'fix-available', '2.4.27-r1'],
      ['CVE-2018-11763', 'apache2-utils', 'fix-available', '2.4.35-r0'],
    ])
    expect(brief(match(store, apk('apache2', '2.4.35-r0')))).toEqual([])
    expect(brief(match(store, apk('apache2', '2.4.35-r0', os('alpine', '3.17.0'))))).toHaveLength(1)
    expect(match(store, apk('util-linux', '2.29.1-r0')).map(({ vulnerability }) => vulnerability)).toEqual([
      'CVE-2017-2616',
      'CVE-2018-0001',
      'CVE-2018-0002',
    ])
    expect(match(store, apk('other/apache2', '1-r0'))).toEqual([])
  })

  it('Wolfi has one of its own, without releases', async () => {
    const text = secdb('', { curl: { '8.1-r0': ['CVE-2023-0001'] } }).replace('dl-cdn.alpinelinux.org/alpine', 'packages.wolfi.dev/os')
    expect((await recordsOf(text))[0]).toMatchObject({ details: { id: 'WOLFI-CVE-2023-0001' }, advisories: [{ ecosystem: 'Wolfi' }] })
    expect(brief(match(await storeOf({ 'security.json': text }), apk('curl', '8.0-r0', os('wolfi', '20230201'))))).toHaveLength(1)
  })
})

describe("Debian's tracker", () => {
  const tracker = JSON.stringify({
    '389-ds-base': {
      'CVE-2016-5416': {
        scope: 'local',
        releases: { bullseye: { status: 'open', urgency: 'low', nodsa: 'Minor issue', nodsa_reason: 'ignored' } },
      },
      'CVE-2016-5405': { releases: { bullseye: { status: 'resolved', fixed_version: '1.4.4.12-1', urgency: 'not yet assigned' } } },
      'CVE-2012-0833': { releases: { bullseye: { status: 'resolved', fixed_version: '0', urgency: 'unimportant' } } },
      'CVE-2022-0001': { releases: { bullseye: { status: 'undetermined' }, woody: { status: 'open' } } },
      'TEMP-0000000-0CA7E3': { releases: { bullseye: { status: 'open' } } },
    },
  })

  it('adds what will not be fixed, and what never was affected', async () => {
    const wrong = osv('DSA-1-1', [affected('Debian:11', '389-ds-base', fixedIn('9'))], { upstream: ['CVE-2012-0833'] })
    const store = await storeOf({ 'tracker.json': tracker, 'osv.json': JSON.stringify(wrong) })
    const found = match(store, deb('389-ds-base', '1.4.4.11-2', debian('11')))
    expect(brief(found)).toEqual([
      ['CVE-2016-5405', '389-ds-base', 'fix-available', '1.4.4.12-1'],
      ['CVE-2016-5416', '389-ds-base', 'will-not-fix', undefined],
    ])
    expect(match(store, deb('389-ds-base', '1.4.4.12-1', debian('11')))).toHaveLength(1)
    expect((await outcomesOf(tracker)).map((outcome) => ('reason' in outcome ? outcome.reason : outcome.kind))).toEqual([
      'record',
      'record',
      'record',
      'issue with nothing decided for any release',
      'issue without a CVE',
    ])
  })
})

describe("Ubuntu's VEX", () => {
  const statement = (status: string, products: string[], more: object = {}): object => ({
    vulnerability: { name: 'CVE-2025-0167', description: 'curl could leak the password' },
    status,
    products: products.map((id) => ({ '@id': id })),
    ...more,
  })
  const text = JSON.stringify({
    metadata: { '@context': 'https://openvex.dev/ns/v0.2.0', timestamp: '2025-02-06T16:37:20.173026' },
    statements: [
      statement('not_affected', [
        'pkg:deb/ubuntu/curl@7.68.0-1ubuntu2.25?arch=source&distro=focal',
        'pkg:deb/ubuntu/curl@7.68.0?arch=amd64',
      ]),
      statement('affected', ['pkg:deb/ubuntu/curl@7.81.0-1ubuntu1.20?arch=source&distro=jammy']),
      statement('affected', ['pkg:deb/ubuntu/curl@8.9.1-2ubuntu2.2?arch=source&distro=oracular'], {
        action_statement: 'This will not be fixed.',
      }),
      statement('fixed', [
        'pkg:deb/ubuntu/curl@7.47.0-1ubuntu2.19%2Besm13?arch=source&distro=esm-infra/xenial',
        'pkg:deb/ubuntu/curl@1?arch=source&distro=fips/xenial',
      ]),
    ],
  })

  it('tells what is affected and will not be fixed, and what is not affected', async () => {
    const wrong = osv('USN-1-1', [affected('Ubuntu:20.04:LTS', 'curl', fixedIn('9'))], { upstream: ['CVE-2025-0167'] })
    const store = await storeOf({ 'vex.json': text, 'osv.json': JSON.stringify(wrong) })
    const at = (release: string, version: string): unknown[] =>
      match(store, deb('curl', version, ubuntu(release))).map(({ state, fixedVersion }) => [state, fixedVersion])
    expect(at('20.04', '7.68.0-1ubuntu2.20')).toEqual([])
    expect(at('22.04', '7.81.0-1ubuntu1.20')).toEqual([['no-fix', undefined]])
    expect(at('24.10', '8.9.1-2ubuntu2.2')).toEqual([['will-not-fix', undefined]])
    expect(at('16.04', '7.47.0-1ubuntu2.19')).toEqual([['needs-pro', '7.47.0-1ubuntu2.19+esm13']])
  })
})

describe('what is known of a CVE besides', () => {
  const kev = {
    catalogVersion: '2025.08.25',
    vulnerabilities: [
      { cveID: 'CVE-2024-1086', dateAdded: '2024-05-30', dueDate: '2024-06-20', knownRansomwareCampaignUse: 'Known' },
      { cveID: 'CVE-2024-1087', dateAdded: 'soon' },
      {},
    ],
  }
  const epss =
    '#model_version:v2025.03.14,score_date:2026-05-18T00:00:00+0000\ncve,epss,percentile\nCVE-2024-1086,0.85581,0.99338\nCVE-2024-1087,2,0.5\nCVE-2024-1088,1e-05,0.1'
  const kernel = updates(
    update({
      id: 'ALAS2023-2024-1',
      cves: ['CVE-2024-1086', 'CVE-2024-1088'],
      short: 'amazon-linux-2023',
      severity: '',
      packages: ['kernel 6.1.77-99.164.amzn2023'],
    }),
  )
  const ubuntuRecord = osv('UBUNTU-CVE-2024-1086', [affected('Ubuntu:22.04:LTS', 'linux')], {
    upstream: ['CVE-2024-1086'],
    severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H' }],
  })

  it('exploitation and its probability are joined, and a score of another record where the vendor gives none', async () => {
    const store = await storeOf({
      'kev.json': JSON.stringify(kev),
      'epss.csv': epss,
      'al2023.xml': kernel,
      'ubuntu.json': JSON.stringify(ubuntuRecord),
    })
    const [first, second] = match(store, rpm('kernel', '6.1.1-1.amzn2023', os('amzn', '2023')))
    expect(first).toMatchObject({
      vulnerability: 'CVE-2024-1086',
      exploited: { since: '2024-05-30', dueDate: '2024-06-20', ransomware: true },
      epss: { probability: 0.85581, percentile: 0.99338 },
      cvss: [{ baseScore: 7.8, source: 'UBUNTU-CVE-2024-1086' }],
      severity: 'high',
    })
    expect(second).toMatchObject({ vulnerability: 'CVE-2024-1088', epss: { probability: 0.00001 }, cvss: [], severity: 'unknown' })
    expect(second).not.toHaveProperty('exploited')
  })

  it('what cannot be used is told', async () => {
    const reasons = async (text: string): Promise<unknown> =>
      (await outcomesOf(text)).flatMap((outcome) => ('reason' in outcome ? [[outcome.reason, outcome.id]] : []))
    expect(await reasons(JSON.stringify(kev))).toEqual([
      ['entry without a date', 'CVE-2024-1087'],
      ['entry without a CVE', undefined],
    ])
    expect(await reasons(epss)).toEqual([['line that is no EPSS score', 'CVE-2024-1087']])
    await expect(outcomesOf(`cve,epss,percentile\n${'x'.repeat(5_000)}`)).rejects.toMatchObject({ code: 'PARSE' })
  })
})
