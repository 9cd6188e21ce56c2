import { describe, expect, it } from 'vitest'
import type { OsRelease, Package, SystemInfo } from '../../src/model.js'
import { markBootKernels, ownsKernel } from '../../src/os/boot/kernel-package.js'

const pkg = (type: Package['type'], name: string, version: string, arch: string): Package => ({
  ...{ type, name, version, arch, purl: '', path: '/', evidence: {}, foundBy: 'test' },
})

// Names and versions as the repositories have them; releases as `uname -r` prints them there.
describe('the package of a kernel', () => {
  it.each([
    ['linux-image-6.1.0-18-cloud-amd64', '6.1.0-18-cloud-amd64', true],
    ['linux-image-6.1.0-18-cloud-amd64-unsigned', '6.1.0-18-cloud-amd64', true],
    ['linux-image-unsigned-5.15.0-1053-aws', '5.15.0-1053-aws', true],
    ['linux-image-6.1.0-18-amd64', '6.1.0-18-cloud-amd64', false],
    ['linux-image-cloud-amd64', '6.1.0-18-cloud-amd64', undefined],
    ['linux-headers-6.1.0-18-cloud-amd64', '6.1.0-18-cloud-amd64', undefined],
    ['linux-modules-5.15.0-1053-aws', '5.15.0-1053-aws', undefined],
  ])('deb %s and %s: %s', (name, release, expected) => {
    expect(ownsKernel(pkg('deb', name, '1', 'amd64'), release)).toBe(expected)
  })

  it.each([
    ['kernel', '4.14.355-271.569.amzn2', '4.14.355-271.569.amzn2.x86_64', true],
    ['kernel', '6.1.119-129.201.amzn2023', '6.1.119-129.201.amzn2023.x86_64', true],
    ['kernel6.12', '6.12.20-23.97.amzn2023', '6.12.20-23.97.amzn2023.x86_64', true],
    ['kernel', '6.1.119-129.201.amzn2023', '6.12.20-23.97.amzn2023.x86_64', false],
    ['kernel-core', '5.14.0-427.13.1.el9_4', '5.14.0-427.13.1.el9_4.x86_64', true],
    ['kernel', '2.6.18-419.el5', '2.6.18-419.el5', true],
    ['kernel-core', '5.14.0-427.13.1.el9_4', '5.14.0-427.13.1.el9_4.x86_64+rt', false],
    ['kernel-rt-core', '5.14.0-427.13.1.el9_4', '5.14.0-427.13.1.el9_4.x86_64+rt', true],
    ['kernel-rt-core', '5.14.0-427.13.1.el9_4', '5.14.0-427.13.1.el9_4.x86_64', false],
    ['kernel-rt-core', '4.18.0-513.5.1.rt7.307.el8_9', '4.18.0-513.5.1.rt7.307.el8_9.x86_64', true],
    ['kernel-debug-core', '5.14.0-427.13.1.el9_4', '5.14.0-427.13.1.el9_4.x86_64', false],
    ['kernel-debug-core', '5.14.0-427.13.1.el9_4', '5.14.0-427.13.1.el9_4.x86_64+debug', true],
    ['kernel-uek', '5.4.17-2136.315.5.el8uek', '5.4.17-2136.315.5.el8uek.x86_64', true],
    ['kernel-uek-core', '5.15.0-206.153.7.el9uek', '5.15.0-206.153.7.el9uek.x86_64', true],
    ['kernel-default', '5.14.21-150400.24.100.2', '5.14.21-150400.24.100-default', true],
    ['kernel-default-base', '5.14.21-150400.24.100.2.150400.24.46.1', '5.14.21-150400.24.100-default', true],
    ['kernel-default-base', '5.14.21-150400.24.100.2.150400.24.46.1', '5.14.21-150400.24.10-default', false],
    ['kernel-azure', '5.14.21-150400.24.100.2', '5.14.21-150400.24.100-default', false],
    ['kernel-default', '5.14.21-150400.24.10.1', '5.14.21-150400.24.100-default', false],
    ['linux', '5.10.103-2.ph4', '5.10.103-2.ph4', true],
    ['linux-esx', '5.10.103-2.ph4', '5.10.103-2.ph4-esx', true],
    ['linux-esx', '5.10.103-2.ph4', '5.10.103-2.ph4', false],
    ['kernel', '5.15.48.1-1.cm2', '5.15.48.1-1.cm2', true],
    ['kernel-headers', '6.1.119-129.201.amzn2023', '6.1.119-129.201.amzn2023.x86_64', undefined],
    ['kernel-modules-core', '5.14.0-427.13.1.el9_4', '5.14.0-427.13.1.el9_4.x86_64', undefined],
    ['kernel-livepatch-6.1.119-129.201', '1.0-1.amzn2023', '6.1.119-129.201.amzn2023.x86_64', undefined],
    ['kernel-debug-devel', '5.14.0-427.13.1.el9_4', '5.14.0-427.13.1.el9_4.x86_64+debug', undefined],
    ['linux-firmware', '20230625-1.ph4', '5.10.103-2.ph4', undefined],
    ['bash', '5.1.8-9.el9', '5.14.0-427.13.1.el9_4.x86_64', undefined],
  ])('rpm %s %s and %s: %s', (name, version, release, expected) => {
    expect(ownsKernel(pkg('rpm', name, version, 'x86_64'), release)).toBe(expected)
  })
})

describe('marking', () => {
  const distro: OsRelease = { id: 'debian', idLike: [], name: 'Debian GNU/Linux' }
  const system = (id: string, release?: string): SystemInfo => ({
    ...{ id, os: distro, root: {}, mounts: [] },
    ...(release === undefined ? {} : { bootKernel: { release, path: '/boot/vmlinuz', how: '' } }),
  })
  const image = (abi: number, more: Partial<Package> = {}): Package => ({
    ...pkg('deb', `linux-image-6.1.0-${abi}-amd64`, '1', 'amd64'),
    ...{ system: '/', distro, ...more },
  })

  it('marks the kernels of a system whose boot loader says which it starts', () => {
    const bash: Package = { ...pkg('deb', 'bash', '5', 'amd64'), system: '/', distro }
    const packages = [image(9), image(18), bash, image(18, { system: 'vol-2:1' })]
    const marked = markBootKernels(packages, [system('/', '6.1.0-18-amd64'), system('vol-2:1')])
    expect(marked.map(({ bootKernel }) => bootKernel)).toEqual([false, true, undefined, undefined])
    expect(marked[2]).toBe(bash)
    expect(markBootKernels(packages, [system('/')])).toBe(packages)
  })
})
