import { describe, expect, it } from 'vitest'
import { outcomesOf, recordsOf } from '../support/outcomes.js'
import { brief, match, os, rpm, storeOf } from '../support/rpm.js'

function document(...definitions: string[]): string {
  return `<oval_definitions xmlns:linux-def="urn:x"><definitions>${definitions.join('')}</definitions></oval_definitions>`
}

const criterion = (comment: string): string => `<criterion test_ref="oval:x:tst:1" comment="${comment}"/>`
const and = (...inner: string[]): string => `<criteria operator="AND">${inner.join('')}</criteria>`
const or = (...inner: string[]): string => `<criteria operator="OR">${inner.join('')}</criteria>`

function elsa(id: string, cves: readonly string[], criteria: string): string {
  const references = cves.map((cve) => `<reference source="CVE" ref_id="${cve}" ref_url="https://linux.oracle.com/cve/${cve}.html"/>`)
  return `<definition id="oval:com.oracle.elsa:def:1" class="patch"><metadata><title>\n${id}:  Moderate: security update (MODERATE)\n</title>
    ${references.join('')}<advisory><severity>MODERATE</severity><issued date="2007-06-26"/></advisory></metadata>${criteria}</definition>`
}

describe('OVAL of Oracle', () => {
  const OL8 = os('ol', '8.9', 'fedora')
  const per = (arch: string, fixed: string): string =>
    and(
      criterion(`Oracle Linux arch is ${arch}`),
      or(and(criterion(`openssl is earlier than ${fixed}`), criterion('openssl is signed with the Oracle Linux 8 key'))),
    )
  const xml = document(
    elsa(
      'ELSA-2023-1405',
      ['CVE-2022-4304', 'CVE-2023-0286'],
      and(criterion('Oracle Linux 8 is installed'), or(per('x86_64', '1:1.1.1k-9.el8_7'), per('aarch64', '1:1.1.1k-9.0.1.el8_7'))),
    ),
    elsa('ELSA-2023-12205', ['CVE-2023-0001'], and(criterion('Oracle Linux 8 is installed'), per('x86_64', '2:1.1.1k-9.ksplice1.el8_7'))),
    elsa('ELSA-2023-32790', ['CVE-2023-0002'], and(criterion('Oracle Linux 8 is installed'), per('x86_64', '10:1.1.1k-9.el8_7_fips'))),
    elsa(
      'ELSA-2023-12342',
      ['CVE-2022-2211'],
      and(
        criterion('Oracle Linux 8 is installed'),
        criterion('Oracle Linux arch is aarch64'),
        criterion('Module virt:kvm_utils is enabled'),
        criterion('hivex is earlier than 0:1.3.18-21.module+el8.7.0+21037+8ee66348'),
      ),
    ),
  )

  it('each architecture has its fix, and each flavour its advisories', async () => {
    const store = await storeOf({ 'elsa.xml': xml })
    const at = (version: string, arch = 'x86_64'): unknown[] => brief(match(store, rpm('openssl', version, OL8, { arch })))
    expect(at('1:1.1.1k-7.el8_6')).toEqual([
      ['CVE-2022-4304', 'openssl', 'fix-available', '1:1.1.1k-9.el8_7'],
      ['CVE-2023-0286', 'openssl', 'fix-available', '1:1.1.1k-9.el8_7'],
    ])
    expect(at('1:1.1.1k-9.el8_7')).toEqual([])
    expect(at('1:1.1.1k-9.el8_7', 'aarch64')).toHaveLength(2)
    expect(at('2:1.1.1k-7.ksplice1.el8_6')).toEqual([['CVE-2023-0001', 'openssl', 'fix-available', '2:1.1.1k-9.ksplice1.el8_7']])
    expect(at('10:1.1.1k-7.el8_6_fips')).toEqual([['CVE-2023-0002', 'openssl', 'fix-available', '10:1.1.1k-9.el8_7_fips']])
  })

  it('the lines of its own kernel are kept apart', async () => {
    const fix = (version: string): string =>
      and(criterion('Oracle Linux arch is x86_64'), criterion(`kernel-uek is earlier than 0:${version}`))
    const kernels = document(
      elsa('ELSA-2023-12001', ['CVE-2023-0003'], and(criterion('Oracle Linux 8 is installed'), fix('5.4.17-2136.315.5.el8uek'))),
      elsa('ELSA-2023-12002', ['CVE-2023-0004'], and(criterion('Oracle Linux 8 is installed'), fix('5.15.0-6.80.3.1.el8uek'))),
    )
    const store = await storeOf({ 'elsa.xml': kernels })
    expect(match(store, rpm('kernel-uek', '5.4.17-2136.300.7.el8uek', OL8)).map(({ vulnerability }) => vulnerability)).toEqual([
      'CVE-2023-0003',
    ])
    expect(match(store, rpm('kernel-uek', '5.15.0-3.60.5.1.el8uek', OL8)).map(({ vulnerability }) => vulnerability)).toEqual([
      'CVE-2023-0004',
    ])
  })

  it('modules are matched by their stream', async () => {
    const store = await storeOf({ 'elsa.xml': xml })
    const hivex = (stream: string): unknown[] =>
      match(
        store,
        rpm('hivex', '1.3.18-20.module+el8.4.0+1+a', OL8, { arch: 'aarch64', modularity: `virt:${stream}:8040020210429:9f9e2e7e` }),
      ) as unknown[]
    expect(hivex('kvm_utils')).toHaveLength(1)
    expect(hivex('ol')).toEqual([])
  })
})

describe('OVAL of SUSE', () => {
  const suse = (cve: string, criteria: string): string => `<definition id="oval:org.opensuse.security:def:1" class="vulnerability">
    <metadata><title>${cve}</title><reference ref_id="Mitre ${cve}" ref_url="https://x/${cve}" source="CVE"/><reference ref_id="SUSE ${cve}" ref_url="https://y/${cve}" source="SUSE CVE"/>
    <advisory from="security@suse.de"><issued date="2021-08-10"/><severity>Low</severity><cve cvss3="3.7/CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:L/A:N" href="x">${cve}</cve></advisory>
    </metadata>${criteria}</definition>`
  const leap = criterion('openSUSE Leap 15.2 is installed')
  const xml = document(
    suse(
      'CVE-2010-2322',
      and(leap, and(criterion('fastjar-0.98-lp152.4.3.1 is installed'), criterion('fastjar is signed with openSUSE key'))),
    ),
    suse(
      'CVE-2020-0001',
      or(
        and(
          or(leap, criterion('SUSE Linux Enterprise Server 15 SP2 is installed')),
          or(criterion('fastjar is affected'), criterion('rpcbind is not affected')),
        ),
      ),
    ),
  )

  it('tells what is fixed, affected without a fix, and not affected', async () => {
    const records = await recordsOf(xml)
    expect(records.map(({ details }) => [details.id, details.severity[0]?.score])).toEqual([
      ['SUSE-CVE-2010-2322', 'CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:L/A:N'],
      ['SUSE-CVE-2020-0001', 'CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:L/A:N'],
    ])
    expect(records[1]?.advisories.map(({ ecosystem, packageName, status }) => [ecosystem, packageName, status])).toEqual([
      ['openSUSE:Leap 15.2', 'fastjar', undefined],
      ['SUSE:Linux Enterprise Server 15 SP2', 'fastjar', undefined],
      ['openSUSE:Leap 15.2', 'rpcbind', 'not-affected'],
      ['SUSE:Linux Enterprise Server 15 SP2', 'rpcbind', 'not-affected'],
    ])
    const store = await storeOf({ 'suse.xml': xml })
    expect(brief(match(store, rpm('fastjar', '0.98-lp152.3.1', os('opensuse-leap', '15.2'))))).toEqual([
      ['CVE-2010-2322', 'fastjar', 'fix-available', '0.98-lp152.4.3.1'],
      ['CVE-2020-0001', 'fastjar', 'no-fix', undefined],
    ])
    expect(match(store, rpm('rpcbind', '0-1', os('opensuse-leap', '15.2')))).toEqual([])
  })

  it('what is not affected is not, whatever a bulletin says', async () => {
    const bulletin = {
      id: 'SUSE-SU-2020:1-1',
      related: ['CVE-2020-0001'],
      affected: [
        {
          package: { ecosystem: 'openSUSE:Leap 15.2', name: 'rpcbind' },
          ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1-1' }] }],
        },
      ],
    }
    const pkg = rpm('rpcbind', '0.2-1', os('opensuse-leap', '15.2'))
    expect(match(await storeOf({ 'osv.json': JSON.stringify(bulletin) }), pkg)).toHaveLength(1)
    expect(match(await storeOf({ 'osv.json': JSON.stringify(bulletin), 'suse.xml': xml }), pkg)).toEqual([])
  })
})

describe('OVAL of Azure Linux', () => {
  const azure = (
    cve: string,
    ...comments: string[]
  ): string => `<definition class="vulnerability" id="oval:com.microsoft.azurelinux:def:1"><metadata>
    <title>${cve} affecting package golang</title><reference ref_id="${cve}" ref_url="https://x/${cve}" source="CVE"/><severity>High</severity></metadata>${and(...comments.map(criterion))}</definition>`
  const states =
    '<states><linux-def:rpminfo_state><linux-def:evr operation="less than">0:1.20.7-1.azl3</linux-def:evr></linux-def:rpminfo_state></states>'
  const xml = document(
    azure(
      'CVE-2023-29409',
      'Package golang is earlier than 1.20.7-1, affected by CVE-2023-29409',
      'Package golang is greater than 0.0.0, affected by CVE-2023-29409',
    ),
    azure(
      'CVE-2024-0001',
      'Package golang is earlier than or equal to 1.21.0-1, affected by CVE-2024-0001',
      'Package golang is greater than 1.19.0, affected by CVE-2024-0001',
    ),
  ).replace('</definitions>', `</definitions>${states}`)

  it('names source packages, and its release only in the states', async () => {
    const store = await storeOf({ 'azure.xml': xml })
    const at = (version: string): unknown[] => brief(match(store, rpm('golang/golang-bin', version, os('azurelinux', '3.0'))))
    expect(at('1.18.0-1.azl3')).toEqual([['CVE-2023-29409', 'golang-bin', 'fix-available', '1.20.7-1']])
    expect(at('1.20.7-1.azl3')).toEqual([['CVE-2024-0001', 'golang-bin', 'unknown', undefined]])
    expect(match(store, rpm('golang', '1.18.0-1.cm2', os('mariner', '2.0')))).toEqual([])
  })
})

describe('OVAL of others', () => {
  it('is refused by definition', async () => {
    const foreign = '<definition id="oval:org.example:def:1"><metadata><title>Something</title></metadata></definition>'
    expect(await outcomesOf(document(foreign))).toMatchObject([
      { kind: 'rejected', reason: expect.stringContaining('no vendor that is known') },
    ])
  })
})
