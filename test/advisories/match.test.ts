import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { matchPackages } from '../../src/advisories/match.js'
import { memoryStore } from '../../src/advisories/memory-store.js'
import type { AdvisoryStore } from '../../src/advisories/types.js'
import type { Finding } from '../../src/model.js'
import { affected, deb, debian, fixedIn, osv, ubuntu } from './support/records.js'

function fixtureStore(name: string): AdvisoryStore {
  const folder = new URL(`../../fixtures/advisories/${name}/`, import.meta.url)
  return memoryStore(readdirSync(folder).map((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as unknown))
}

/** Packages of a Debian 12.5 system as installed, some with another source version than their own. */
const BOOKWORM = [
  deb('glibc/libc6', '2.36-9+deb12u4'),
  deb('glibc/libc-bin', '2.36-9+deb12u4'),
  deb('zlib/zlib1g', '1:1.2.13.dfsg-1'),
  deb('openssl/libssl3', '3.0.11-1~deb12u2'),
  deb('gnutls28/libgnutls30', '3.7.9-2+deb12u2'),
  deb('systemd/libsystemd0', '252.22-1~deb12u1'),
  deb('util-linux/mount', '2.38.1-5+b1', debian('12'), { sourceVersion: '2.38.1-5' }),
  deb('tar', '1.34+dfsg-1.2+deb12u1'),
  deb('perl/perl-base', '5.36.0-7+deb12u1'),
  deb('bash', '5.2.15-2+b2', debian('12'), { sourceVersion: '5.2.15-2' }),
]

describe('matchPackages', () => {
  it('is not silent where the database has nothing for the distribution', () => {
    const store = memoryStore([osv('UBUNTU-CVE-2024-0001', [affected('Ubuntu:22.04:LTS', 'glibc', fixedIn('9'))])])
    expect(matchPackages(BOOKWORM, store).unmatched).toHaveLength(BOOKWORM.length)
    expect(matchPackages([deb('glibc', '1'), deb('glibc', '1', ubuntu('22.04')), deb('glibc', '1', ubuntu('20.04'))], store)).toMatchObject(
      {
        findings: [{ vulnerability: 'CVE-2024-0001' }],
        unmatched: [
          { reason: 'the database holds no advisories for Debian:12' },
          { reason: 'the database holds no advisories for Ubuntu:20.04:LTS' },
        ],
      },
    )
  })

  it('a Debian 12 base system', () => {
    const { findings, unmatched } = matchPackages(BOOKWORM, fixtureStore('debian-12'))
    expect(unmatched).toEqual([])
    expect(
      findings.map(({ package: { name }, vulnerability, severity, state, fixedVersion }) =>
        [name, vulnerability, severity, state, fixedVersion].join(' ').trim(),
      ),
    ).toEqual([
      ...['libc-bin', 'libc6'].flatMap((name) => [
        `${name} CVE-2010-4756 negligible no-fix`,
        `${name} CVE-2019-1010022 negligible no-fix`,
        `${name} CVE-2024-2961 high fix-available 2.36-9+deb12u6`,
        `${name} CVE-2024-33599 unknown fix-available 2.36-9+deb12u7`,
        `${name} CVE-2024-33600 unknown fix-available 2.36-9+deb12u7`,
      ]),
      'libssl3 CVE-2024-6119 high fix-available 3.0.14-1~deb12u2',
      'libsystemd0 CVE-2013-4392 negligible no-fix',
      'libsystemd0 CVE-2025-4598 medium fix-available 252.38-1~deb12u1',
      'mount CVE-2022-0563 negligible no-fix',
      'mount CVE-2024-28085 unknown fix-available 2.38.1-5+deb12u1',
      'perl-base CVE-2011-4116 negligible no-fix',
      'perl-base CVE-2024-56406 unknown fix-available 5.36.0-7+deb12u2',
      'tar CVE-2005-2541 negligible no-fix',
      'zlib1g CVE-2023-45853 critical no-fix',
    ])
  })

  it('a finding says all there is to say', () => {
    const { findings } = matchPackages([BOOKWORM[0]!], fixtureStore('debian-12'))
    expect(findings.find(({ vulnerability }) => vulnerability === 'CVE-2024-2961')).toEqual({
      vulnerability: 'CVE-2024-2961',
      ids: ['CVE-2024-2961', 'DEBIAN-CVE-2024-2961', 'DSA-5673-1'],
      package: BOOKWORM[0],
      severity: 'high',
      vendorSeverity: 'not yet assigned',
      cvss: [{ version: '3.1', vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:L/A:L', baseScore: 7.3, source: 'DEBIAN-CVE-2024-2961' }],
      state: 'fix-available',
      fixedVersion: '2.36-9+deb12u6',
      otherFixedVersions: [],
      matches: ['DEBIAN-CVE-2024-2961', 'DSA-5673-1'].map((advisory) => ({
        advisory,
        ecosystem: 'Debian:12',
        by: 'source',
        name: 'glibc',
        version: '2.36-9+deb12u4',
        range: { introduced: '0', fixed: '2.36-9+deb12u6' },
      })),
      title: 'CVE-2024-2961 - glibc',
      description: expect.stringContaining('ISO-2022-CN-EXT'),
      references: ['https://security-tracker.debian.org/tracker/CVE-2024-2961', 'https://security-tracker.debian.org/tracker/DSA-5673-1'],
      url: 'https://security-tracker.debian.org/tracker/CVE-2024-2961',
      published: '2024-04-17T00:00:00Z',
      modified: '2025-11-19T00:00:00Z',
    })
  })

  it('Ubuntu with Pro', () => {
    const jammy = [deb('openssh/openssh-server', '1:8.9p1-3ubuntu0.7', ubuntu('22.04')), deb('vips/libvips42', '8.12.1-1', ubuntu('22.04'))]
    const focal = deb('glibc/libc6', '2.31-0ubuntu9.9', ubuntu('20.04'))
    const { findings } = matchPackages([focal, ...jammy], fixtureStore('ubuntu'))
    expect(findings).toMatchObject([
      { vulnerability: 'CVE-2018-20796', severity: 'negligible', state: 'no-fix' },
      { vulnerability: 'CVE-2025-29769', severity: 'medium', state: 'needs-pro', fixedVersion: '8.12.1-1ubuntu0.1~esm1' },
      {
        vulnerability: 'CVE-2024-6387',
        severity: 'high',
        state: 'fix-available',
        ids: ['CVE-2024-6387', 'UBUNTU-CVE-2024-6387', 'USN-6859-1'],
      },
    ])
  })

  it('gives the same findings in the same order, whatever the order of the packages', () => {
    const store = fixtureStore('debian-12')
    const { findings } = matchPackages(BOOKWORM, store)
    expect(matchPackages([...BOOKWORM].reverse(), store).findings).toEqual(findings)
    const order = findings.map(({ package: { name }, vulnerability }) => `${name} ${vulnerability}`)
    expect(new Set(order).size).toBe(order.length)
  })

  it('orders ids by their numbers', () => {
    const store = memoryStore(['CVE-2024-10000', 'CVE-2024-9999', 'CVE-1999-0001'].map((id) => osv(id, [affected('Debian:12', 'p')])))
    const names = matchPackages([deb('p', '1')], store).findings.map(({ vulnerability }: Finding) => vulnerability)
    expect(names).toEqual(['CVE-1999-0001', 'CVE-2024-9999', 'CVE-2024-10000'])
  })

  it('looks each name up once for all packages of a source', () => {
    const store = memoryStore([osv('CVE-2024-0001', [affected('Debian:12', 'p', fixedIn('2'))])])
    const asked: string[] = []
    const counting: AdvisoryStore = {
      ...store,
      lookup(ecosystem, name) {
        asked.push(`${ecosystem} ${name}`)
        return store.lookup(ecosystem, name)
      },
    }
    const packages = Array.from({ length: 500 }, (_, i) => deb(`p/p${i}`, '1'))
    expect(matchPackages(packages, counting).findings).toHaveLength(500)
    expect(asked.filter((key) => key === 'Debian:12 p')).toHaveLength(1)
    expect(new Set(asked).size).toBe(asked.length)
  })

  it('marks malware', () => {
    const store = memoryStore([osv('MAL-2024-1', [affected('Debian:12', 'p')])])
    expect(matchPackages([deb('p', '1')], store).findings).toMatchObject([
      { vulnerability: 'MAL-2024-1', malware: true, severity: 'critical' },
    ])
  })
})
