import { describe, expect, it } from 'vitest'
import type { OsRelease } from '../../src/model.js'
import { lifecycleOf } from '../../src/os/lifecycle.js'

const NOW = new Date('2026-11-23T12:00:00Z')
const at = (id: string, versionId: string | undefined, more: Partial<OsRelease> = {}, now: Date = NOW): ReturnType<typeof lifecycleOf> =>
  lifecycleOf({ id, idLike: [], name: id, ...(versionId === undefined ? {} : { versionId }), ...more }, now)

describe('the life of a release', () => {
  // https://docs.aws.amazon.com/inspector/latest/user/supported.html#formerly-supported-os, autumn 2026
  it.each([
    ['alpine', '3.2.3', '2017-05-01'],
    ['alpine', '3.10.9', '2021-05-01'],
    ['alpine', '3.20.9', '2026-04-01'],
    ['amzn', '2018.03', '2021-12-31'],
    ['amzn', '2012.09', '2021-12-31'],
    ['amzn', '2', '2026-06-30'],
    ['centos', '7', '2024-06-30'],
    ['centos', '7.9.2009', '2024-06-30'],
    ['centos', '8', '2021-12-31'],
    ['debian', '8', '2020-06-30'],
    ['debian', '10', '2024-06-30'],
    ['debian', '11', '2026-08-31'],
    ['fedora', '33', '2021-11-30'],
    ['fedora', '42', '2026-05-13'],
    ['opensuse-leap', '15.2', '2021-12-01'],
    ['opensuse-leap', '15.6', '2026-04-30'],
    ['ol', '6.10', '2021-03-01'],
    ['ol', '7.9', '2024-12-31'],
    ['photon', '3.0', '2024-03-01'],
    ['rhel', '6.10', '2020-06-30'],
    ['rhel', '7.9', '2024-06-30'],
    ['sles', '12', '2016-06-30'],
    ['sles', '12.5', '2024-10-31'],
    ['sles', '15', '2019-12-31'],
    ['sles', '15.6', '2025-12-31'],
    ['ubuntu', '14.04', '2024-04-01'],
    ['ubuntu', '16.04', '2026-04-01'],
    ['ubuntu', '25.10', '2026-07-09'],
  ])('%s %s is discontinued since %s', (id, version, endOfLife) => {
    expect(at(id, version)).toEqual({ state: 'discontinued', endOfLife, severity: 'critical' })
  })

  // The same page lists these as supported.
  it.each([
    ['almalinux', '8.10'],
    ['almalinux', '10.0'],
    ['amzn', '2023'],
    ['debian', '12'],
    ['debian', '13'],
    ['fedora', '43'],
    ['fedora', '44'],
    ['ol', '8.10'],
    ['ol', '10.0'],
    ['rhel', '8.10'],
    ['rhel', '9.4'],
    ['rhel', '10.1'],
    ['rocky', '8.9'],
    ['rocky', '9.3'],
    ['sles', '15.7'],
    ['sles', '16.0'],
    ['ubuntu', '18.04'],
    ['ubuntu', '24.04'],
    ['ubuntu', '26.04'],
    ['alpine', '3.23.0'],
    ['alpine', '3.24.1'],
    ['photon', '5.0'],
    ['azurelinux', '3.0'],
  ])('%s %s is supported', (id, version) => {
    expect(at(id, version)).toMatchObject({ state: 'supported', severity: 'none' })
  })

  it.each([
    ['amzn', '2027'],
    ['amzn', '2022'],
    ['rhel', '11.0'],
    ['ubuntu', '26.10'],
    ['ubuntu', '6'],
    ['alpine', '3.21.0_alpha20240923'],
    ['alpine', '3.99.0'],
    ['sles', '15.9'],
    ['debian', undefined],
    ['kali', '2021.1'],
    ['linuxmint', '19'],
    ['wolfi', '20230201'],
    ['bottlerocket', '1.19.2'],
    ['constructor', '1'],
    ['ubuntu', 'constructor'],
  ])('nothing is said of %s %s', (id, version) => {
    expect(at(id, version)).toBeUndefined()
  })

  it('CentOS Stream lives longer than CentOS', () => {
    expect(at('centos', '8', { variantId: 'stream' })).toMatchObject({ endOfLife: '2024-05-31' })
    expect(at('centos', '9', { variantId: 'stream' })).toMatchObject({ state: 'supported' })
    expect(at('centos', '9')).toBeUndefined()
  })

  it('SUSE supports a service pack longer for those who have the product for it', () => {
    expect(at('sles', '15.5')).toMatchObject({ state: 'discontinued' })
    expect(at('sles', '15.5', { products: ['SLES', 'SLES-LTSS'] })).toMatchObject({ state: 'supported', endOfLife: '2027-12-31' })
    expect(at('sles', '15.3', { products: ['SLES_SAP'] })).toMatchObject({ state: 'discontinued', endOfLife: '2025-12-31' })
    expect(at('sles_sap', '12.5')).toMatchObject({ state: 'supported', endOfLife: '2027-10-31' })
  })

  it('ends with the day', () => {
    expect(at('debian', '12', {}, new Date('2028-06-29T23:59:59Z'))).toMatchObject({ state: 'supported' })
    expect(at('debian', '12', {}, new Date('2028-06-30T00:00:00Z'))).toMatchObject({ state: 'discontinued', endOfLife: '2028-06-30' })
  })
})
