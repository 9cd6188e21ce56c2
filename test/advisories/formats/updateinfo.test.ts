import { describe, expect, it } from 'vitest'
import { amazonEcosystem, amazonUrl } from '../../../src/advisories/formats/amazon-ids.js'
import { parseOsv } from '../../../src/advisories/osv.js'
import { outcomesOf, recordsOf } from '../support/outcomes.js'
import { type UpdateFields, update, updates } from '../support/rpm.js'

const one = (fields: Partial<UpdateFields> & Pick<UpdateFields, 'id' | 'short'>): string =>
  updates(update({ packages: ['p 1:2-3'], ...fields }))

describe('ids of Amazon Linux', () => {
  it.each([
    ['ALAS-2018-1', 'amazon-linux-ami', 'Amazon Linux:1', 'ALAS-2018-1.html'],
    ['ALAS2-2018-939', 'amazon-linux-2', 'Amazon Linux:2', 'AL2/ALAS-2018-939.html'],
    ['ALAS2KERNEL-5.15-2022-001', 'amazon-linux-2---kernel-5.15', 'Amazon Linux:2:kernel-5.15', 'AL2/ALASKERNEL-5.15-2022-001.html'],
    ['ALAS2KERNEL-5.15-2022-001', '', 'Amazon Linux:2:kernel-5.15', 'AL2/ALASKERNEL-5.15-2022-001.html'],
    ['ALAS2022-2021-001', 'amazon-linux-2022', 'Amazon Linux:2022', 'AL2022/ALAS-2021-001.html'],
    ['ALAS2023-2025-1052', 'Amazon-Linux-2023', 'Amazon Linux:2023', 'AL2023/ALAS-2025-1052.html'],
    ['ALAS2023LIVEPATCH-2023-001', '', 'Amazon Linux:2023:kernel-livepatch', 'AL2023/ALASLIVEPATCH-2023-001.html'],
    ['ALAS2023NVIDIA-2024-001', 'amazon-linux-2023---nvidia', 'Amazon Linux:2023:nvidia', 'AL2023/ALASNVIDIA-2024-001.html'],
  ])('%s in %j is of %s', (id, collection, ecosystem, page) => {
    expect(amazonEcosystem(id, collection)).toBe(ecosystem)
    expect(amazonUrl(id)).toBe(`https://alas.aws.amazon.com/${page}`)
  })
})

describe('updateinfo', () => {
  it.each([
    ['ALSA-2023:7549', 'almalinux-9-for-x86_64-appstream-rpms__9_default', undefined, 'AlmaLinux:9'],
    ['RLSA-2021:2575', 'RL8', 'Rocky Linux 8', 'Rocky Linux:8'],
    ['FEDORA-2024-0123456789', 'F40', 'Fedora 40', 'Fedora:40'],
    ['FEDORA-EPEL-2024-0123456789', 'FEDORA-EPEL-9', 'Fedora EPEL 9', 'EPEL:9'],
    ['BRSA-1bwujdrkn6nc', 'bottlerocket', undefined, 'Bottlerocket'],
    ['ELSA-2024-1', 'ol8_baseos_latest', 'Oracle Linux 8', 'Oracle Linux:8'],
    ['RHSA-2024:1', 'rhel-9-for-x86_64-baseos-rpms', undefined, 'Red Hat:enterprise_linux:9'],
  ])('%s of %s is for %s', async (id, short, release, ecosystem) => {
    const [record] = await recordsOf(one({ id, short, ...(release === undefined ? {} : { release }) }))
    expect(record?.advisories).toMatchObject([{ id, ecosystem, packageName: 'p' }])
  })

  it.each([
    ['2018-01-11 21:05', '2018-01-11T21:05:00Z'],
    ['2023-02-17 20:41:00', '2023-02-17T20:41:00Z'],
    ['2025-06-11T19:52:52Z', '2025-06-11T19:52:52Z'],
    ['2024-02-27', '2024-02-27T00:00:00Z'],
    ['soon', undefined],
    ['2024-13-45 99:99', undefined],
  ])('the date %j', async (issued, published) => {
    const [record] = await recordsOf(one({ id: 'ALAS2-2018-939', short: 'amazon-linux-2', issued }))
    expect(record?.details.published).toBe(published)
  })

  it("takes CVEs from the references; Fedora's from the titles of bugs", async () => {
    const bugs = '<reference href="https://b/1" id="1" type="bugzilla" title="TRIAGE CVE-2024-24989 CVE-2024-24990 nginx: crash"/>'
    const fedora = one({ id: 'FEDORA-2024-1', short: 'F40' }).replace('<references>', `<references>${bugs}`)
    expect((await recordsOf(fedora))[0]?.advisories[0]?.upstream).toEqual(['CVE-2024-24989', 'CVE-2024-24990'])
    const amazon = one({ id: 'ALAS2-2018-939', short: 'amazon-linux-2' }).replace('<references>', `<references>${bugs}`)
    expect((await recordsOf(amazon))[0]?.advisories[0]?.upstream).toEqual([])
  })

  it('has one range for each fix, with its architectures and module stream', async () => {
    const packages = [
      'ruby 2.6.10-1.module+el8.7.0+1+a x86_64',
      'ruby 2.6.10-1.module+el8.7.0+1+a aarch64',
      'ruby 2.6.10-2.module+el8.7.0+1+a s390x',
      'ruby 9-9 src',
      'ruby-doc 2.6.10-1.module+el8.7.0+1+a noarch',
      'tool 1-1.el8',
    ]
    const fixed = (version: string, more: object): object => ({
      type: 'ECOSYSTEM',
      events: [{ introduced: '0' }, { fixed: version }],
      ...more,
    })
    const xml = one({ id: 'RLSA-2019:1972', short: 'RL8', title: 'Important: ruby:2.6 security update', packages })
    const [record] = await recordsOf(xml)
    expect(record?.advisories.map(({ packageName, ranges }) => [packageName, ranges])).toEqual([
      [
        'ruby',
        [
          fixed('2.6.10-1.module+el8.7.0+1+a', { arches: ['aarch64', 'x86_64'], modules: ['ruby:2.6'] }),
          fixed('2.6.10-2.module+el8.7.0+1+a', { arches: ['s390x'], modules: ['ruby:2.6'] }),
        ],
      ],
      ['ruby-doc', [fixed('2.6.10-1.module+el8.7.0+1+a', { modules: ['ruby:2.6'] })]],
      ['tool', [fixed('1-1.el8', { arches: ['x86_64'] })]],
    ])
    const listed = one({
      id: 'FEDORA-MODULAR-2024-1',
      short: 'F38M',
      collection: '<module name="nginx" stream="mainline" version="1"/>',
      packages: packages.slice(0, 1),
    })
    expect((await recordsOf(listed))[0]?.advisories[0]?.ranges[0]?.modules).toEqual(['nginx:mainline'])
  })

  it('says why an update is of no use, and goes on', async () => {
    const xml = updates(
      update({ id: 'ALAS2-2018-1', short: 'amazon-linux-2', packages: ['p 1-1'], type: 'bugfix' }),
      update({ id: '', short: 'amazon-linux-2', packages: ['p 1-1'] }),
      update({ id: 'ALAS2-2018-2', short: 'amazon-linux-2', packages: [] }),
      update({ id: 'XYZ-1', short: 'z', packages: ['p 1-1'] }),
      update({ id: 'ALAS2-2018-3', short: 'amazon-linux-2', packages: ['p 1-1', 'q 1-1'] }).replace('name="p"', ''),
      '<update/>',
      update({ id: 'ALAS2-2018-4', short: 'amazon-linux-2', packages: ['p 1-1'] }).replace('epoch="0"', 'epoch="x"'),
    )
    const outcomes = await outcomesOf(xml)
    expect(outcomes.map((outcome) => ('reason' in outcome ? [outcome.reason, outcome.id] : outcome.kind))).toEqual([
      ['not a security update', 'ALAS2-2018-1'],
      ['no usable id', undefined],
      ['no affected packages', 'ALAS2-2018-2'],
      ['collection of an unknown distribution', 'XYZ-1'],
      'record',
      ['no usable id', undefined],
      ['package without a name, version or release', 'ALAS2-2018-4'],
    ])
    expect(outcomes[4]).toMatchObject({ skipped: ['package without a name, version or release'] })
  })
})

describe('OSV records of rpm distributions', () => {
  it.each(['ALBA-2019:2715', 'ALEA-2022:2093'])('%s is no security advisory', (id) => {
    const affected = [{ package: { ecosystem: 'AlmaLinux:8', name: 'p' }, ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }] }] }]
    expect(parseOsv({ id, affected })).toEqual({ kind: 'rejected', reason: 'not a security advisory', id })
  })
})
