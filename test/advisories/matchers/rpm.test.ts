import { describe, expect, it } from 'vitest'
import { advisorySourceFor, matchPackages } from '../../../src/advisories/match.js'
import { memoryStore } from '../../../src/advisories/memory-store.js'
import type { OsRelease, Package } from '../../../src/model.js'
import { affected, fixedIn, osv } from '../support/records.js'
import { brief, match, os, rpm, storeOf, update, updates } from '../support/rpm.js'

const ALMA8 = os('almalinux', '8.10', 'rhel', 'centos', 'fedora')
const ROCKY8 = os('rocky', '8.9', 'rhel', 'centos', 'fedora')
const RHEL9 = os('rhel', '9.4', 'fedora')

function findings(pkg: Package, ...records: object[]): unknown[] {
  return brief(matchPackages([pkg], memoryStore(records)).findings)
}

describe('which advisories apply', () => {
  it.each([
    [os('amzn', '2023'), 'Amazon Linux:2023'],
    [os('amzn', '2'), 'Amazon Linux:2'],
    [os('amzn', '2018.03'), 'Amazon Linux:1'],
    [os('rhel', '8.10'), 'Red Hat:enterprise_linux:8'],
    [os('centos', '7'), 'Red Hat:enterprise_linux:7'],
    [os('rocky', '9.3'), 'Rocky Linux:9'],
    [os('almalinux', '9.4'), 'AlmaLinux:9'],
    [os('ol', '8.9'), 'Oracle Linux:8'],
    [os('fedora', '40'), 'Fedora:40'],
    [os('sles', '15.5'), 'SUSE:Linux Enterprise Server 15 SP5'],
    [os('sles', '15'), 'SUSE:Linux Enterprise Server 15'],
    [os('sles_sap', '12.5'), 'SUSE:Linux Enterprise Server for SAP Applications 12 SP5'],
    [os('opensuse-leap', '15.5'), 'openSUSE:Leap 15.5'],
    [os('opensuse-tumbleweed', '20240101'), 'openSUSE:Tumbleweed'],
    [os('bottlerocket', '1.20.0'), 'Bottlerocket'],
    [os('azurelinux', '3.0'), 'Azure Linux:3'],
    [os('mariner', '2.0'), 'Azure Linux:2'],
    [os('photon', '5.0'), 'Photon OS:5.0'],
    [os('mageia', '9'), 'Mageia:9'],
  ])('%o', (distro, ecosystem) => {
    const source = advisorySourceFor(rpm('p', '1-1', distro))
    expect(source).toMatchObject({ kind: 'ecosystems', ecosystems: [ecosystem] })
    expect(source.kind === 'ecosystems' && source.includes?.(ecosystem)).toBe(true)
  })

  it.each([
    [os('amzn', '2024'), /no advisories are known for the release/],
    [os('rhel', ''), /no advisories are known for the release/],
    [os('virtuozzo', '7'), /no advisories are read for virtuozzo/],
    [undefined, /no distribution/],
  ])('none for %o', (distro, reason) => {
    expect(advisorySourceFor(rpm('p', '1-1', distro))).toMatchObject({ kind: 'none', reason: expect.stringMatching(reason) })
  })

  const vendors: [OsRelease, string][] = [
    [os('amzn', '2023'), 'Amazon Linux'],
    [os('amzn', '2'), 'Amazon.com'],
    [RHEL9, 'Red Hat, Inc.'],
    [os('centos', '7'), 'CentOS'],
    [ROCKY8, 'Rocky Enterprise Software Foundation'],
    [ALMA8, 'AlmaLinux'],
    [os('ol', '8.9'), 'Oracle America'],
    [os('fedora', '40'), 'Fedora Project'],
    [os('sles', '15.5'), 'SUSE LLC <https://www.suse.com/>'],
    [os('opensuse-leap', '15.5'), 'openSUSE'],
  ]
  it.each(vendors)('%o for what %s has built', (distro, vendor) => {
    expect(advisorySourceFor(rpm('p', '1-1', distro, { vendor })).kind).toBe('ecosystems')
    expect(advisorySourceFor(rpm('p', '1-1', distro, { vendor: 'Docker' }))).toEqual({
      kind: 'none',
      reason: expect.stringContaining('another vendor'),
    })
  })

  it("EPEL's for what Fedora has built for a rebuild of RHEL", () => {
    const source = (distro: OsRelease): unknown => advisorySourceFor(rpm('p', '1-1', distro, { vendor: 'Fedora Project' }))
    expect(source(ROCKY8)).toMatchObject({ ecosystems: ['EPEL:8'] })
    expect(source(os('amzn', '2023', 'fedora'))).toMatchObject({ kind: 'none' })
    const record = osv(
      'FEDORA-EPEL-2024-1',
      [affected('EPEL:8', 'p', fixedIn('1-2.el8')), affected('Rocky Linux:8', 'p', fixedIn('9-1'))],
      {
        upstream: ['CVE-2024-0001'],
      },
    )
    const found = findings(rpm('p', '1-1.el8', ROCKY8, { vendor: 'Fedora Project' }), record)
    expect(found).toEqual([['CVE-2024-0001', 'p', 'fix-available', '1-2.el8']])
  })

  it('a database without them leaves the package unmatched, and says so', () => {
    const store = memoryStore([osv('X-1', [affected('AlmaLinux:9', 'p', fixedIn('2-1'))])])
    expect(matchPackages([rpm('p', '1-1', ALMA8)], store)).toMatchObject({
      findings: [],
      unmatched: [{ reason: 'the database holds no advisories for AlmaLinux:8' }],
    })
  })
})

describe('AlmaLinux', () => {
  const alsa = (id: string, stream: string, fixed: string, cve: string): object =>
    osv(id, [affected('AlmaLinux:8', 'nodejs', fixedIn(fixed))], { summary: `Important: nodejs:${stream} security update`, related: [cve] })
  const records = [
    alsa('ALSA-2024:6148', '18', '1:18.20.4-1.module_el8.10.0+3890+5a092792', 'CVE-2024-22020'),
    alsa('ALSA-2024:5814', '20', '1:20.16.0-1.module_el8.10.0+3888+9d03b0d3', 'CVE-2024-22018'),
  ]
  const nodejs = (version: string, modularity?: string): Package =>
    rpm('nodejs', version, ALMA8, modularity === undefined ? {} : { modularity })

  it('a module is matched by its stream', () => {
    const at18 = nodejs('1:18.19.0-1.module_el8.9.0+3742+ed5b2b8e', 'nodejs:18:8090020240111:a75119d5')
    expect(findings(at18, ...records)).toEqual([['CVE-2024-22020', 'nodejs', 'fix-available', '1:18.20.4-1.module_el8.10.0+3890+5a092792']])
    expect(findings(nodejs('1:18.20.4-1.module_el8.10.0+3890+5a092792', 'nodejs:18:8100020240801:a75119d5'), ...records)).toEqual([])
    expect(findings(nodejs('1:16.20.2-4.module_el8.9.0+1+2', 'nodejs:16:8090020240111:a75119d5'), ...records)).toEqual([])
  })

  it('and by the line of its version where the database of packages does not say the stream', () => {
    expect(findings(nodejs('1:20.10.0-1.module_el8.9.0+1+2'), ...records)).toEqual([])
    expect(findings(nodejs('1:20.16.0-0.module_el8.9.0+1+2'), ...records)).toHaveLength(1)
  })

  it('a build outside of modules is none of a module, nor the other way round', () => {
    expect(findings(nodejs('1:10.24.0-1.el8'), ...records)).toEqual([])
    const plain = osv('ALSA-2024:1', [affected('AlmaLinux:8', 'nodejs', fixedIn('1:99-1.el8'))], {
      summary: 'Low: nodejs security update',
      related: ['CVE-2024-1111'],
    })
    expect(findings(nodejs('1:18.20.4-1.module_el8.10.0+3890+5a092792', 'nodejs:18:1:a'), plain)).toEqual([])
  })

  it('severity is the first word of the summary; bug fixes and enhancements are no vulnerabilities', () => {
    const pkg = nodejs('1:18.19.0-1.module_el8.9.0+3742+ed5b2b8e', 'nodejs:18:8090020240111:a75119d5')
    expect(matchPackages([pkg], memoryStore(records)).findings[0]).toMatchObject({ severity: 'high', vendorSeverity: 'Important' })
    const bugfix = osv('ALBA-2024:1', [affected('AlmaLinux:8', 'bash', fixedIn('9-1'))], { related: ['CVE-2024-0009'] })
    expect(findings(rpm('bash', '1-1', ALMA8), bugfix, ...records)).toEqual([])
  })

  it('several entries for one package: the highest fix counts', () => {
    const twice = osv('ALSA-2023:1', [affected('AlmaLinux:8', 'p', fixedIn('1-1.el8')), affected('AlmaLinux:8', 'p', fixedIn('1-3.el8'))], {
      related: ['CVE-2023-0001'],
    })
    expect(findings(rpm('p', '1-2.el8', ALMA8), twice)).toEqual([['CVE-2023-0001', 'p', 'fix-available', '1-3.el8']])
  })
})

describe('Rocky Linux', () => {
  const kernel = (id: string, fixed: string, purl: string): object =>
    osv(id, [{ package: { ecosystem: 'Rocky Linux:8', name: 'kernel', purl }, ranges: [{ type: 'ECOSYSTEM', events: fixedIn(fixed) }] }], {
      summary: 'Important: kernel security update',
      upstream: ['CVE-2022-2964'],
    })

  it('packages are named by their source, and take its epoch where the version is the same', () => {
    const bind = osv('RLSA-2023:3002', [affected('Rocky Linux:8', 'bind', fixedIn('32:9.11.36-8.el8'))], { upstream: ['CVE-2022-2795'] })
    const lib = (version: string, more: Partial<Package> = {}): Package => rpm('bind/bind-libs', version, ROCKY8, more)
    expect(findings(lib('32:9.11.36-3.el8'), bind)).toEqual([['CVE-2022-2795', 'bind-libs', 'fix-available', '32:9.11.36-8.el8']])
    expect(findings(lib('32:9.11.36-8.el8'), bind)).toEqual([])
    const perl = osv('RLSA-2021:1', [affected('Rocky Linux:8', 'perl', fixedIn('4:5.26.3-419.el8'))], { upstream: ['CVE-2020-10543'] })
    const errno = (sourceVersion: string): Package => rpm('perl/perl-Errno', '1.28-422.el8', ROCKY8, { sourceVersion })
    expect(findings(errno('5.26.3-416.el8'), perl)).toHaveLength(1)
    expect(findings(errno('5.26.3-422.el8'), perl)).toEqual([])
  })

  it('kernels of special interest groups are not the release', () => {
    const plain = kernel('RLSA-2023:0101', '4.18.0-425.10.1.el8_7', 'pkg:rpm/rocky-linux/kernel?distro=rocky-linux-8&epoch=0')
    const cloud = kernel(
      'RXSA-2023:0101',
      '4.18.0-425.10.1.el8_7.cloud',
      'pkg:rpm/rocky-linux/kernel?distro=rocky-linux-8-sig-cloud&epoch=0',
    )
    const pkg = rpm('kernel/kernel-core', '4.18.0-425.10.1.el8_7', ROCKY8)
    expect(findings(pkg, plain, cloud)).toEqual([])
    expect(findings(rpm('kernel/kernel-core', '4.18.0-425.3.1.el8', ROCKY8), plain, cloud)).toEqual([
      ['CVE-2022-2964', 'kernel-core', 'fix-available', '4.18.0-425.10.1.el8_7'],
    ])
  })

  it("a repository's own updateinfo names binary packages and their architectures", async () => {
    const lz4 = update({
      id: 'RLSA-2021:2575',
      cves: ['CVE-2021-3520'],
      short: 'RL8',
      release: 'Rocky Linux 8',
      severity: 'Moderate',
      packages: ['lz4 1.8.3-3.el8_4'],
    })
    const store = await storeOf({ 'updateinfo.xml': updates(lz4) })
    expect(brief(match(store, rpm('lz4', '1.8.3-2.el8', ROCKY8)))).toEqual([['CVE-2021-3520', 'lz4', 'fix-available', '1.8.3-3.el8_4']])
    expect(match(store, rpm('lz4', '1.8.3-2.el8', ROCKY8, { arch: 's390x' }))).toEqual([])
    expect(match(store, rpm('lz4/lz4-libs', '1.8.3-2.el8', ROCKY8))).toEqual([])
  })
})

describe('Red Hat', () => {
  const rhsa = (id: string, product: string, fixed: string): object =>
    osv(id, [affected(`Red Hat:${product}`, 'samba', fixedIn(fixed))], { upstream: ['CVE-2023-3961'] })

  it('the products of the release apply, those of extended support do not', () => {
    const records = [
      rhsa('RHSA-2023:6744', 'enterprise_linux:9::baseos', '0:4.18.6-101.el9_3'),
      rhsa('RHSA-2023:7464', 'rhel_eus:9.2::baseos', '0:4.17.5-104.el9_2'),
      rhsa('RHSA-2023:7467', 'enterprise_linux:8::baseos', '0:9.0-1.el8'),
    ]
    expect(findings(rpm('samba', '4.17.5-104.el9_2', RHEL9), ...records)).toEqual([
      ['CVE-2023-3961', 'samba', 'fix-available', '0:4.18.6-101.el9_3'],
    ])
    expect(findings(rpm('samba', '4.18.6-101.el9_3', RHEL9), ...records)).toEqual([])
  })

  it('of several bulletins the one with the highest fix counts', () => {
    const records = [
      rhsa('RHSA-2023:1', 'enterprise_linux:9::baseos', '4.18.6-100.el9'),
      rhsa('RHSA-2023:2', 'enterprise_linux:9::appstream', '4.18.6-102.el9'),
    ]
    expect(findings(rpm('samba', '4.18.6-101.el9', RHEL9), ...records)).toEqual([
      ['CVE-2023-3961', 'samba', 'fix-available', '4.18.6-102.el9'],
    ])
  })

  it('CentOS takes them as an approximation', () => {
    const record = rhsa('RHSA-2023:1', 'enterprise_linux:7::server', '4.10.16-25.el7_9')
    const { findings: found } = matchPackages([rpm('samba', '4.10.16-24.el7_9', os('centos', '7'))], memoryStore([record]))
    expect(found[0]?.matches).toMatchObject([{ ecosystem: 'Red Hat:enterprise_linux:7::server', note: 'approximate' }])
    expect(
      findings(rpm('samba', '4.10.16-25.el7.centos', os('centos', '7')), rhsa('RHSA-2023:1', 'enterprise_linux:7', '4.10.16-25.el7')),
    ).toEqual([])
  })
})

describe('SUSE', () => {
  const libqt4 = (ecosystem: string): object => ({
    package: { ecosystem, name: 'libqt4', purl: 'purl:rpm/suse/libqt4' },
    ranges: [{ type: 'ECOSYSTEM', events: fixedIn('4.8.6-7.1') }],
    ecosystem_specific: { binaries: [{ 'libqt4-x11': '4.8.6-7.1', 'libqt4-devel-doc': '4.8.6-7.3' }] },
  })

  it('binary packages have versions of their own', () => {
    const record = osv('SUSE-SU-2015:1359-1', [libqt4('SUSE:Linux Enterprise Server 12')], { related: ['CVE-2015-1858'] })
    const sles = os('sles', '12')
    expect(findings(rpm('libqt4/libqt4-devel-doc', '4.8.6-7.1', sles), record)).toEqual([
      ['CVE-2015-1858', 'libqt4-devel-doc', 'fix-available', '4.8.6-7.3'],
    ])
    expect(findings(rpm('libqt4/libqt4-x11', '4.8.6-7.1', sles), record)).toEqual([])
    expect(findings(rpm('libqt4/libqt4-linguist', '4.8.6-1.1', sles), record)).toEqual([])
  })

  it('the modules of a service pack are part of it; long-term support and other packs are not', () => {
    const at = (ecosystem: string): unknown[] =>
      findings(
        rpm('libqt4/libqt4-x11', '4.8.6-1.1', os('sles', '15.5')),
        osv('SUSE-SU-2023:1-1', [libqt4(ecosystem)], { related: ['CVE-2023-0001'] }),
      )
    expect(at('SUSE:Linux Enterprise Module for Basesystem 15 SP5')).toHaveLength(1)
    expect(at('SUSE:Linux Enterprise Server 15 SP5')).toHaveLength(1)
    expect(at('SUSE:Linux Enterprise Server 15 SP5-LTSS')).toEqual([])
    expect(at('SUSE:Linux Enterprise Module for Basesystem 15 SP4')).toEqual([])
    expect(at('SUSE:Linux Enterprise Desktop 15 SP5')).toEqual([])
  })
})
