import { describe, expect, it } from 'vitest'
import { Tree } from '../../src/fs/tree.js'
import type { OsRelease } from '../../src/model.js'
import { identifyOs } from '../../src/os/index.js'
import { type MemoryEntry, MemoryFs } from '../support/memory-fs.js'
import { OS_RELEASES, RELATIVES, suseProduct } from './distributions.js'

const identify = (entries: Record<string, MemoryEntry>): Promise<OsRelease | undefined> => identifyOs(new Tree(new MemoryFs(entries)))
const osRelease = (distribution: string): Record<string, string> => ({ '/etc/os-release': OS_RELEASES[distribution]! })

describe('distributions by os-release', () => {
  it.each<[string, Partial<OsRelease>]>([
    ['Amazon Linux 1', { id: 'amzn', versionId: '2018.03', name: 'Amazon Linux AMI' }],
    ['Amazon Linux 2', { id: 'amzn', versionId: '2', prettyName: 'Amazon Linux 2' }],
    ['Amazon Linux 2023', { id: 'amzn', versionId: '2023', prettyName: 'Amazon Linux 2023.6.20250115' }],
    ['RHEL 9', { id: 'rhel', versionId: '9.4', idLike: ['fedora'] }],
    ['CentOS 7', { id: 'centos', versionId: '7', name: 'CentOS Linux' }],
    ['CentOS Stream 9', { id: 'centos', versionId: '9', variantId: 'stream' }],
    ['Rocky 9', { id: 'rocky', versionId: '9.3', idLike: ['rhel', 'centos', 'fedora'] }],
    ['AlmaLinux 8', { id: 'almalinux', versionId: '8.9' }],
    ['Oracle Linux 8', { id: 'ol', versionId: '8.9', variantId: 'server' }],
    ['Fedora 39', { id: 'fedora', versionId: '39', variantId: 'cloud' }],
    ['SLES 15 SP4', { id: 'sles', versionId: '15.4' }],
    ['SLES for SAP 12 SP5', { id: 'sles_sap', versionId: '12.5' }],
    ['SLE Micro 5.5', { id: 'sle-micro', versionId: '5.5' }],
    ['openSUSE Leap 15.5', { id: 'opensuse-leap', versionId: '15.5', idLike: ['suse', 'opensuse'] }],
    ['Photon 4', { id: 'photon', versionId: '4.0' }],
    ['CBL-Mariner 2', { id: 'mariner', versionId: '2.0' }],
    ['Azure Linux 3', { id: 'azurelinux', versionId: '3.0' }],
    ['Bottlerocket', { id: 'bottlerocket', versionId: '1.19.2', variantId: 'aws-k8s-1.29' }],
    ['Alpine 3.19', { id: 'alpine', versionId: '3.19.1' }],
    ['Wolfi', { id: 'wolfi', versionId: '20230201' }],
    ['Chainguard', { id: 'chainguard', versionId: '20230214' }],
  ])('%s', async (distribution, expected) => {
    expect(await identify(osRelease(distribution))).toMatchObject(expected)
  })

  it('a CentOS that is no Stream has no variant', async () => {
    expect(await identify(osRelease('CentOS 7'))).not.toHaveProperty('variantId')
  })

  it.each(['x86_64', 'aarch64'])('Bottlerocket keeps it in its %s system root', async (arch) => {
    const path = `/${arch}-bottlerocket-linux-gnu/sys-root/usr/lib/os-release`
    expect(await identify({ [path]: osRelease('Bottlerocket')['/etc/os-release']! })).toMatchObject({
      id: 'bottlerocket',
      versionId: '1.19.2',
    })
  })
})

describe('distributions by what is beside os-release', () => {
  it.each(RELATIVES)('%s: %j', async (path, text, id, versionId) => {
    expect(await identify({ [path]: text })).toMatchObject({ id, versionId })
  })

  it('the first line is how the system calls itself', async () => {
    expect(await identify({ '/etc/SuSE-release': RELATIVES.find(([path]) => path === '/etc/SuSE-release')![1] })).toMatchObject({
      prettyName: 'SUSE Linux Enterprise Server 11 (x86_64)',
    })
    expect(await identify({ '/etc/centos-release': 'CentOS Stream release 9\n' })).toMatchObject({
      variantId: 'stream',
      prettyName: 'CentOS Stream release 9',
    })
  })

  it('a distribution speaks for itself before the one it comes from', async () => {
    const redHat = { '/etc/redhat-release': 'Red Hat Enterprise Linux release 8.9 (Ootpa)\n' }
    expect(await identify({ ...redHat, '/etc/oracle-release': 'Oracle Linux Server release 8.9\n' })).toMatchObject({ id: 'ol' })
    expect(await identify({ ...redHat, '/etc/system-release': { symlink: 'redhat-release' } })).toMatchObject({ id: 'rhel' })
  })

  it.each([
    ['/etc/system-release', 'Amazon Linux AMI release\n'],
    ['/etc/redhat-release', 'Derived from Red Hat Enterprise Linux 8.9\n'],
    ['/etc/SuSE-release', 'SUSE Linux Enterprise Desktop 11 (x86_64)\nVERSION = 11\n'],
    ['/etc/SuSE-release', 'SUSE Linux Enterprise Server 11 (x86_64)\n'],
    ['/etc/photon-release', 'Photon\n'],
    ['/etc/lsb-release', 'DISTRIB_ID="SUSE LINUX"\nDISTRIB_RELEASE=10\n'],
    ['/etc/products.d/baseproduct', '<product><name>SLES</name></product>'],
    ['/etc/products.d/baseproduct', '<name>'.repeat(50_000)],
    ['/etc/oracle-release', ` release ${'1.'.repeat(100_000)}`],
  ])('%s: %.40j says nothing', async (path, text) => {
    expect(await identify({ [path]: text })).toBeUndefined()
  })
})

describe('products of SUSE', () => {
  const BASE = { '/etc/products.d/baseproduct': { symlink: 'SLES_SAP.prod' } }
  const products = {
    ...BASE,
    '/etc/products.d/SLES_SAP.prod': suseProduct('SLES_SAP', '15.4', 'SUSE Linux Enterprise Server for SAP Applications 15 SP4'),
    '/etc/products.d/sle-module-basesystem.prod': suseProduct('sle-module-basesystem', '15.4', 'Basesystem Module 15 SP4'),
    '/etc/products.d/README': 'no product',
    '/etc/products.d/broken.prod': '<product>',
  }

  it('are told beside a release that does not tell them apart, the base product first', async () => {
    expect(await identify({ ...osRelease('SLES 15 SP4'), ...products })).toMatchObject({
      id: 'sles',
      versionId: '15.4',
      products: ['SLES_SAP', 'sle-module-basesystem'],
    })
    expect(await identify(osRelease('SLES 15 SP4'))).not.toHaveProperty('products')
  })

  it('are not asked for elsewhere', async () => {
    expect(await identify({ ...osRelease('RHEL 9'), ...products })).not.toHaveProperty('products')
  })

  it('name the release where nothing else does', async () => {
    expect(await identify(products)).toMatchObject({
      id: 'sles',
      versionId: '15.4',
      prettyName: 'SUSE Linux Enterprise Server for SAP Applications 15 SP4',
      products: ['SLES_SAP', 'sle-module-basesystem'],
    })
  })

  it('lead nowhere out of the system', async () => {
    const link = { '/etc/products.d/baseproduct': { symlink: '../../../../../etc/passwd' } }
    expect(await identify({ ...osRelease('SLES 15 SP4'), ...link })).not.toHaveProperty('products')
  })
})
