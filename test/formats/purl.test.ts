import { PackageURL } from 'packageurl-js'
import { describe, expect, it } from 'vitest'
import { packageUrl } from '../../src/formats/purl.js'

describe('packageUrl', () => {
  it.each([
    [
      { type: 'deb', namespace: 'debian', name: 'curl', version: '7.50.3-1', qualifiers: { distro: 'jessie', arch: 'i386' } },
      'pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie',
    ],
    [
      { type: 'deb', namespace: 'debian', name: 'libstdc++6', version: '12.2.0-14+deb12u1' },
      'pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1',
    ],
    [
      {
        type: 'deb',
        namespace: 'ubuntu',
        name: 'bind9',
        version: '1:9.18~rc1-1',
        qualifiers: { upstream: 'bind9@1:9.18~rc1+x', arch: undefined },
      },
      'pkg:deb/ubuntu/bind9@1:9.18~rc1-1?upstream=bind9%401:9.18~rc1%2Bx',
    ],
    [{ type: 'deb', name: 'a', version: '1' }, 'pkg:deb/a@1'],
  ])('%j', (parts, expected) => {
    expect(packageUrl(parts)).toBe(expected)
    const back = PackageURL.fromString(expected)
    expect([back.name, back.version]).toEqual([parts.name, parts.version])
  })
})
