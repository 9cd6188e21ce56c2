import { describe, expect, it } from 'vitest'
import type { Package } from '../../../src/model.js'
import { brief, match, os, rpm, storeOf, update, updates } from '../support/rpm.js'

const AL1 = os('amzn', '2018.03', 'rhel', 'fedora')
const AL2 = os('amzn', '2', 'centos', 'rhel', 'fedora')
const AL2023 = os('amzn', '2023', 'fedora')

/** Advisories of Amazon Linux 2 on two kernels, core's and an extra's. */
const KERNELS = updates(
  update({
    id: 'ALAS2-2022-1768',
    cves: ['CVE-2022-0492'],
    short: 'amazon-linux-2',
    packages: ['kernel 4.14.268-205.500.amzn2', 'kernel 4.14.268-205.500.amzn2 aarch64', 'kernel-headers 4.14.268-205.500.amzn2 i686'],
  }),
  update({
    id: 'ALAS2KERNEL-5.4-2022-023',
    cves: ['CVE-2022-0492'],
    short: 'amazon-linux-2---kernel-5.4',
    packages: ['kernel 5.4.181-99.354.amzn2'],
  }),
  update({
    id: 'ALAS2KERNEL-5.15-2022-001',
    cves: ['CVE-2022-0847'],
    short: 'amazon-linux-2---kernel-5.15',
    packages: ['kernel 5.15.25-14.106.amzn2'],
  }),
)

describe('Amazon Linux', () => {
  it('an update is one finding for each CVE it lists, with the words of Amazon', async () => {
    const store = await storeOf({
      'al2023.xml': updates(
        update({
          id: 'ALAS2023-2023-001',
          cves: ['CVE-2022-24903', 'CVE-2014-3634'],
          short: 'amazon-linux-2023',
          severity: 'Important',
          title: 'Amazon Linux 2023 - ALAS2023-2023-001: Important priority package update for rsyslog',
          description: 'Not about CVE-2020-9999. rsyslog&amp;#039;s reception modules',
          packages: ['rsyslog 8.2204.0-3.amzn2023.0.2', 'rsyslog-doc 8.2204.0-3.amzn2023.0.2 noarch'],
        }),
      ),
    })
    const findings = match(store, rpm('rsyslog', '8.2204.0-3.amzn2023.0.1', AL2023))
    expect(brief(findings)).toEqual([
      ['CVE-2014-3634', 'rsyslog', 'fix-available', '8.2204.0-3.amzn2023.0.2'],
      ['CVE-2022-24903', 'rsyslog', 'fix-available', '8.2204.0-3.amzn2023.0.2'],
    ])
    expect(findings[1]).toMatchObject({
      ids: ['CVE-2022-24903', 'ALAS2023-2023-001'],
      severity: 'high',
      vendorSeverity: 'Important',
      title: 'Amazon Linux 2023 - ALAS2023-2023-001: Important priority package update for rsyslog',
      description: "Not about CVE-2020-9999. rsyslog's reception modules",
      url: 'https://explore.alas.aws.amazon.com/CVE-2022-24903.html',
      references: expect.arrayContaining(['https://alas.aws.amazon.com/AL2023/ALAS-2023-001.html']),
      published: '2023-02-17T20:41:00Z',
      modified: '2023-02-22T23:22:00Z',
      matches: [{ advisory: 'ALAS2023-2023-001', ecosystem: 'Amazon Linux:2023', by: 'name', range: { fixed: '8.2204.0-3.amzn2023.0.2' } }],
    })
    expect(findings[1]?.matches[0]).not.toHaveProperty('note')
    expect(match(store, rpm('rsyslog', '8.2204.0-3.amzn2023.0.2', AL2023))).toEqual([])
    expect(match(store, rpm('rsyslog', '8.2204.0-3.amzn2023.0.1', AL2023, { arch: 'aarch64' }))).toEqual([])
    expect(match(store, rpm('rsyslog/rsyslog-doc', '8.2102.0-1.amzn2023', AL2023, { arch: 'noarch' }))).toHaveLength(2)
  })

  it('epochs count', async () => {
    const vim = update({
      id: 'ALAS2022-2021-001',
      cves: ['CVE-2021-3875'],
      short: 'amazon-linux-2022',
      packages: ['vim-common 2:8.2.3512-1.amzn2022'],
    })
    const store = await storeOf({ 'al2022.xml': updates(vim) })
    const findings = (version: string): unknown[] => brief(match(store, rpm('vim/vim-common', version, os('amzn', '2022'))))
    expect(findings('2:8.2.3000-1.amzn2022')).toEqual([['CVE-2021-3875', 'vim-common', 'fix-available', '2:8.2.3512-1.amzn2022']])
    expect(findings('9.0.0-1.amzn2022')).toHaveLength(1)
    expect(findings('2:8.2.3512-1.amzn2022')).toEqual([])
    expect(findings('3:1.0-1.amzn2022')).toEqual([])
  })

  it('the releases are kept apart', async () => {
    const al1 = update({ id: 'ALAS-2011-1', cves: ['CVE-2011-3192'], short: 'amazon-linux-ami', packages: ['httpd 2.2.21-1.18.amzn1'] })
    const store = await storeOf({ 'al1.xml': updates(al1), 'kernels.xml': KERNELS })
    const [finding] = match(store, rpm('httpd', '2.2.20-1.amzn1', AL1))
    expect(finding).toMatchObject({
      vulnerability: 'CVE-2011-3192',
      references: expect.arrayContaining(['https://alas.aws.amazon.com/ALAS-2011-1.html']),
    })
    expect(match(store, rpm('httpd', '2.2.20-1.amzn2', AL2))).toEqual([])
    expect(match(store, rpm('kernel', '4.14.100-1.amzn1', AL1))).toEqual([])
  })

  it.each([
    ['4.14.200-155.322.amzn2', undefined, ['CVE-2022-0492', 'Amazon Linux:2', 'repository-assumed']],
    ['4.14.268-205.500.amzn2', undefined, undefined],
    ['5.4.100-1.amzn2', undefined, ['CVE-2022-0492', 'Amazon Linux:2:kernel-5.4', 'repository-assumed']],
    ['5.4.181-99.354.amzn2', undefined, undefined],
    ['5.10.50-1.amzn2', undefined, undefined],
    ['5.15.20-1.amzn2', undefined, ['CVE-2022-0847', 'Amazon Linux:2:kernel-5.15', 'repository-assumed']],
    ['4.14.200-155.322.amzn2', 'amzn2-core', ['CVE-2022-0492', 'Amazon Linux:2', undefined]],
    ['5.4.100-1.amzn2', 'amzn2extra-kernel-5.4', ['CVE-2022-0492', 'Amazon Linux:2:kernel-5.4', undefined]],
    ['5.4.100-1.amzn2', 'amzn2extra-kernel-5.15', ['CVE-2022-0847', 'Amazon Linux:2:kernel-5.15', undefined]],
  ])('the kernel %s of repository %s is held against its own line: %j', async (version, repository, expected) => {
    const store = await storeOf({ 'kernels.xml': KERNELS })
    const findings = match(store, rpm('kernel', version, AL2, repository === undefined ? {} : { repository }))
    const seen = findings.map(({ vulnerability, matches }) => [vulnerability, matches[0]?.ecosystem, matches[0]?.note])
    expect(seen).toEqual(expected ? [expected] : [])
  })

  it('packages of core move on to later upstream lines', async () => {
    const firefox = update({ id: 'ALAS2-2022-1900', cves: ['CVE-2022-1'], short: 'amazon-linux-2', packages: ['firefox 102.3.0-1.amzn2'] })
    const curl = update({ id: 'ALAS2-2022-1', cves: ['CVE-2022-0002'], short: 'amazon-linux-2', packages: ['curl 8.0.1-1.amzn2'] })
    const store = await storeOf({ 'al2.xml': updates(firefox, curl) })
    expect(match(store, rpm('curl', '7.79.1-1.amzn2', AL2))).toMatchObject([
      { vulnerability: 'CVE-2022-0002', fixedVersion: '8.0.1-1.amzn2' },
    ])
  })

  describe('kernel 6.12 of Amazon Linux 2023, whose tools have the names of the other kernel', () => {
    const shared = updates(
      update({
        id: 'ALAS2023-2025-1052',
        cves: ['CVE-2025-21999'],
        short: 'amazon-linux-2023',
        packages: ['kernel6.12 6.12.25-32.101.amzn2023', 'bpftool 6.12.25-32.101.amzn2023', 'kernel-tools 6.12.25-32.101.amzn2023'],
      }),
      update({
        id: 'ALAS2023-2025-900',
        cves: ['CVE-2025-1000'],
        short: 'amazon-linux-2023',
        packages: ['bpftool 6.1.130-139.222.amzn2023'],
      }),
    )
    const tool = rpm('kernel/bpftool', '6.1.129-138.220.amzn2023', AL2023)

    it('says nothing of a machine without it', async () => {
      const found = match(await storeOf({ 'a.xml': shared }), rpm('kernel', '6.1.129-138.220.amzn2023', AL2023), tool)
      expect(brief(found)).toEqual([['CVE-2025-1000', 'bpftool', 'fix-available', '6.1.130-139.222.amzn2023']])
    })

    it('applies where it is installed', async () => {
      const kernel = rpm('kernel6.12', '6.12.20-23.97.amzn2023', AL2023)
      const found = match(await storeOf({ 'a.xml': shared }), kernel, rpm('kernel6.12/kernel-tools', '6.12.20-23.97.amzn2023', AL2023))
      expect(found.map((finding) => finding.package.name)).toEqual(['kernel-tools', 'kernel6.12'])
    })
  })

  describe('kernel live patches', () => {
    const feeds = {
      'core.xml': updates(
        update({
          id: 'ALAS2023-2023-150',
          cves: ['CVE-2023-26545', 'CVE-2023-1281'],
          short: 'amazon-linux-2023',
          packages: ['kernel 6.1.19-30.43.amzn2023'],
        }),
      ),
      'livepatch.xml': updates(
        update({
          id: 'ALAS2023LIVEPATCH-2023-001',
          cves: ['CVE-2023-26545'],
          short: 'amazon-linux-2023---kernel-livepatch',
          packages: ['kernel-livepatch-6.1.12-19.43 1.0-1.amzn2023'],
        }),
      ),
    }
    const kernel = rpm('kernel', '6.1.12-19.43.amzn2023', AL2023)
    const patch = (name: string, version: string, more: Partial<Package> = {}): Package => rpm(name, version, AL2023, more)
    const states = async (...packages: Package[]): Promise<unknown[]> =>
      match(await storeOf(feeds), kernel, ...packages)
        .filter((finding) => finding.package.name === 'kernel')
        .map(({ vulnerability, state, fixedVersion }) => [vulnerability, state, fixedVersion])

    it('mitigate what they patch, and the fix stays named', async () => {
      expect(await states(patch('kernel-livepatch-6.1.12-19.43', '1.0-1.amzn2023'))).toEqual([
        ['CVE-2023-1281', 'fix-available', '6.1.19-30.43.amzn2023'],
        ['CVE-2023-26545', 'mitigated-by-livepatch', '6.1.19-30.43.amzn2023'],
      ])
    })

    it.each([
      ['an earlier one', patch('kernel-livepatch-6.1.12-19.43', '1.0-0.amzn2023')],
      ['one of another kernel', patch('kernel-livepatch-6.1.12-17.42', '1.0-9.amzn2023')],
      ['one for another architecture', patch('kernel-livepatch-6.1.12-19.43', '1.0-1.amzn2023', { arch: 'aarch64' })],
      ['one of another system', patch('kernel-livepatch-6.1.12-19.43', '1.0-1.amzn2023', { system: 'vol-2:1' })],
    ])('%s does not', async (_, pkg) => {
      expect(await states(pkg)).toEqual(['CVE-2023-1281', 'CVE-2023-26545'].map((cve) => [cve, 'fix-available', '6.1.19-30.43.amzn2023']))
    })

    it('one that lacks a patch is told of itself', async () => {
      const found = match(await storeOf(feeds), patch('kernel-livepatch-6.1.12-19.43', '0.9-1.amzn2023'))
      expect(found).toMatchObject([{ vulnerability: 'CVE-2023-26545', state: 'fix-available', fixedVersion: '1.0-1.amzn2023' }])
      expect(found[0]?.matches[0]).not.toHaveProperty('note')
    })

    it('each installed kernel is told of', async () => {
      const found = match(await storeOf(feeds), kernel, rpm('kernel', '6.1.15-28.43.amzn2023', AL2023))
      expect(found.map((finding) => finding.package.version)).toEqual([
        '6.1.12-19.43.amzn2023',
        '6.1.12-19.43.amzn2023',
        '6.1.15-28.43.amzn2023',
        '6.1.15-28.43.amzn2023',
      ])
    })
  })
})
