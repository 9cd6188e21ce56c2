import { describe, expect, it } from 'vitest'
import { advisorySourceFor, matchPackages } from '../../../src/advisories/match.js'
import { memoryStore } from '../../../src/advisories/memory-store.js'
import type { Finding, OsRelease, Package } from '../../../src/model.js'
import { affected, deb, debian, fixedIn, osv, ubuntu } from '../support/records.js'

function findings(pkg: Package, ...records: object[]): readonly Finding[] {
  return matchPackages([pkg], memoryStore(records)).findings
}

/** What a reader of the result looks at first. */
function brief(list: readonly Finding[]): unknown[] {
  return list.map(({ vulnerability, state, fixedVersion, matches }) => [
    vulnerability,
    state,
    fixedVersion,
    matches.map(({ advisory }) => advisory).join(' '),
  ])
}

describe('bulletins and the CVEs they fix', () => {
  const bulletin = osv('DSA-1-1', [affected('Debian:12', 'p', fixedIn('1.2'))], {
    upstream: ['CVE-2024-0001', 'CVE-2024-0002', 'CVE-2024-0003'],
  })
  const record = (cve: string, ...events: object[]): object =>
    osv(`DEBIAN-${cve}`, [affected('Debian:12', 'p', events)], { upstream: [cve] })

  it('a bulletin alone is one finding for each CVE it fixes', () => {
    expect(brief(findings(deb('p', '1.1'), bulletin))).toEqual([
      ['CVE-2024-0001', 'fix-available', '1.2', 'DSA-1-1'],
      ['CVE-2024-0002', 'fix-available', '1.2', 'DSA-1-1'],
      ['CVE-2024-0003', 'fix-available', '1.2', 'DSA-1-1'],
    ])
  })

  it('it adds to the CVEs that have records of their own; none is counted twice', () => {
    const all = [
      bulletin,
      record('CVE-2024-0001', ...fixedIn('1.2')),
      record('CVE-2024-0002', ...fixedIn('1.2')),
      record('CVE-2024-0003', ...fixedIn('1.2')),
    ]
    const list = findings(deb('p', '1.1'), ...all)
    expect(brief(list)).toEqual([1, 2, 3].map((n) => [`CVE-2024-000${n}`, 'fix-available', '1.2', `DEBIAN-CVE-2024-000${n} DSA-1-1`]))
    expect(list[0]?.ids).toEqual(['CVE-2024-0001', 'DEBIAN-CVE-2024-0001', 'DSA-1-1'])
    expect(list[0]?.otherFixedVersions).toEqual([])
  })

  it("a CVE's own record decides, where the bulletin came after an earlier fix", () => {
    const list = findings(deb('p', '1.1'), bulletin, record('CVE-2024-0001', ...fixedIn('1.0')), record('CVE-2024-0002', ...fixedIn('1.2')))
    // The vendor has no record of CVE-2024-0003, so that the bulletin speaks for it.
    expect(brief(list)).toEqual([
      ['CVE-2024-0002', 'fix-available', '1.2', 'DEBIAN-CVE-2024-0002 DSA-1-1'],
      ['CVE-2024-0003', 'fix-available', '1.2', 'DSA-1-1'],
    ])
  })

  it('a vendor record that leaves the release out clears it', () => {
    const elsewhere = osv('DEBIAN-CVE-2024-0003', [affected('Debian:11', 'p', fixedIn('1.2'))], { upstream: ['CVE-2024-0003'] })
    const list = findings(deb('p', '1.1'), bulletin, elsewhere, record('CVE-2024-0001', ...fixedIn('1.2')))
    expect(list.map(({ vulnerability }) => vulnerability)).toEqual(['CVE-2024-0001', 'CVE-2024-0002'])
  })

  it('but not for a release that the vendor keeps no CVE records of', () => {
    const old = osv('DLA-1-1', [affected('Debian:9', 'p', fixedIn('1.2'))], { upstream: ['CVE-2024-0003'] })
    const elsewhere = osv('DEBIAN-CVE-2024-0003', [affected('Debian:11', 'p', fixedIn('1.2'))], { upstream: ['CVE-2024-0003'] })
    expect(brief(findings(deb('p', '1.1', debian('9')), old, elsewhere))).toEqual([['CVE-2024-0003', 'fix-available', '1.2', 'DLA-1-1']])
  })

  it('nor where only remains of those are left', () => {
    const usn = (n: number): object =>
      osv(`USN-${n}-1`, [affected('Ubuntu:24.10', 'p', fixedIn('1.2'))], { upstream: [`CVE-2024-000${n}`] })
    const remains = osv('UBUNTU-CVE-2024-0001', [affected('Ubuntu:24.10', 'q')])
    const elsewhere = osv('UBUNTU-CVE-2024-0002', [affected('Ubuntu:22.04:LTS', 'p')])
    expect(findings(deb('p', '1.1', ubuntu('24.10')), usn(1), usn(2), remains, elsewhere)).toHaveLength(2)
  })

  it('it tells of a fix that the record of the CVE does not know yet', () => {
    expect(brief(findings(deb('p', '1.1'), bulletin, record('CVE-2024-0001', { introduced: '0' })))[0]).toEqual([
      'CVE-2024-0001',
      'fix-available',
      '1.2',
      'DEBIAN-CVE-2024-0001 DSA-1-1',
    ])
  })

  it('a bulletin that names its CVEs as aliases or only as related does not merge them', () => {
    for (const field of ['aliases', 'related']) {
      const list = findings(
        deb('p', '1.1'),
        osv('USN-1-1', [affected('Debian:12', 'p', fixedIn('1.2'))], { [field]: ['CVE-2024-0001', 'CVE-2024-0002'] }),
      )
      expect(list.map(({ vulnerability }) => vulnerability)).toEqual(['CVE-2024-0001', 'CVE-2024-0002'])
    }
  })

  it('a bulletin without any CVE stands for itself', () => {
    expect(brief(findings(deb('p', '1'), osv('DSA-2-1', [affected('Debian:12', 'p', fixedIn('2'))])))).toEqual([
      ['DSA-2-1', 'fix-available', '2', 'DSA-2-1'],
    ])
  })

  it("upstream ids with the vendor's prefix mean the CVE", () => {
    const usn = osv('USN-1-1', [affected('Ubuntu:22.04:LTS', 'p', fixedIn('2'))], { upstream: ['CVE-2024-0001', 'UBUNTU-CVE-2024-0001'] })
    expect(brief(findings(deb('p', '1', ubuntu('22.04')), usn))).toEqual([['CVE-2024-0001', 'fix-available', '2', 'USN-1-1']])
  })
})

describe('names', () => {
  it('a package is looked up by its source and the version of that', () => {
    const record = osv('DEBIAN-CVE-2024-2961', [affected('Debian:12', 'glibc', fixedIn('2.36-9+deb12u6'))])
    const [finding] = findings(deb('glibc/libc6', '2.36-9+deb12u4'), record)
    expect(finding?.matches).toEqual([
      {
        advisory: 'DEBIAN-CVE-2024-2961',
        ecosystem: 'Debian:12',
        by: 'source',
        name: 'glibc',
        version: '2.36-9+deb12u4',
        range: { introduced: '0', fixed: '2.36-9+deb12u6' },
      },
    ])
    // A binary rebuild of the fixed source is fixed, whatever its own version looks like.
    expect(findings(deb('glibc/libc6', '2.36-9+deb12u5+b1', debian('12'), { sourceVersion: '2.36-9+deb12u6' }), record)).toEqual([])
  })

  it('records of binary packages count, those of a source of the same name do not', () => {
    const events = fixedIn('2')
    const pkg = deb('src/bin', '1')
    expect(findings(pkg, osv('X-1', [affected('Debian:12', 'bin', events)]))).toMatchObject([{ matches: [{ by: 'name', name: 'bin' }] }])
    const source = {
      package: { ecosystem: 'Debian:12', name: 'bin', purl: 'pkg:deb/debian/bin?arch=source' },
      ranges: [{ type: 'ECOSYSTEM', events }],
    }
    expect(findings(pkg, osv('X-1', [source]))).toEqual([])
    expect(findings(deb('bin', '1'), osv('X-1', [source]))).toMatchObject([{ matches: [{ by: 'name' }] }])
  })

  it.each([
    ['a signed Debian kernel', 'linux-signed-amd64/linux-image-6.1.0-21-amd64', '6.1.90-1', '6.1.90+1', 'linux', '6.1.90-2', '6.1.90-1'],
    [
      'a signed Debian backport',
      'linux-signed-6.1-arm64/linux-image-6.1-arm64',
      '6.1.90-1',
      '6.1.90+1',
      'linux-6.1',
      '6.1.90-2',
      '6.1.90-1',
    ],
    [
      'a signed Ubuntu kernel',
      'linux-signed-aws-6.8/linux-image-6.8.0-1015-aws',
      '6.8.0-1015.16',
      '6.8.0-1015.16',
      'linux-aws-6.8',
      '6.8.0-1016.17',
      '6.8.0-1015.16',
    ],
    [
      'the plain signed kernel',
      'linux-signed/linux-image-6.8.0-45-generic',
      '6.8.0-45.45',
      '6.8.0-45.45',
      'linux',
      '6.8.0-47.47',
      '6.8.0-45.45',
    ],
  ])('%s is its kernel, in the version of that', (_, name, version, sourceVersion, kernel, justAbove, below) => {
    const pkg = deb(name, version, debian('12'), { sourceVersion })
    expect(findings(pkg, osv('CVE-2024-1086', [affected('Debian:12', kernel, fixedIn(justAbove))]))).toMatchObject([
      { matches: [{ by: 'source', name: kernel, version }] },
    ])
    expect(findings(pkg, osv('CVE-2024-1086', [affected('Debian:12', kernel, fixedIn(below))]))).toEqual([])
  })

  it('a metapackage stands for the kernel of its ABI', () => {
    const meta = deb('linux-meta-aws/linux-image-aws', '6.8.0.1015.16', ubuntu('24.04'))
    const fix = (version: string): object => osv('UBUNTU-CVE-2024-1086', [affected('Ubuntu:24.04:LTS', 'linux-aws', fixedIn(version))])
    expect(findings(meta, fix('6.8.0-1016.17'))).toHaveLength(1)
    expect(findings(meta, fix('6.8.0-1015.99'))).toEqual([])
  })
})

describe('Ubuntu Pro', () => {
  const base = 'Ubuntu:22.04:LTS'
  const pro = 'Ubuntu:Pro:22.04:LTS'
  const record = (...entries: object[]): object => osv('UBUNTU-CVE-2024-0001', entries, { upstream: ['CVE-2024-0001'] })
  const unfixed = affected(base, 'p')
  const proFix = affected(pro, 'p', fixedIn('1.0-1ubuntu0.1~esm1'))
  const judge = (version: string, more: Partial<OsRelease>, ...entries: object[]): unknown =>
    brief(findings(deb('p', version, ubuntu('22.04', more)), record(...entries))).map((entry) => (entry as unknown[]).slice(1, 3))

  it('a fix that only Pro has needs Pro', () => {
    expect(judge('1.0-1', {}, unfixed, proFix)).toEqual([['needs-pro', '1.0-1ubuntu0.1~esm1']])
  })

  it('also where the base release is left out', () => {
    expect(judge('1.0-1', {}, proFix)).toEqual([['needs-pro', '1.0-1ubuntu0.1~esm1']])
  })

  it('and is to be had on a machine with Pro', () => {
    expect(judge('1.0-1', { pro: true }, unfixed, proFix)).toEqual([['fix-available', '1.0-1ubuntu0.1~esm1']])
    expect(judge('1.0-1ubuntu0.1~esm0', {}, proFix)).toEqual([['fix-available', '1.0-1ubuntu0.1~esm1']])
  })

  it('a package built for Pro is fixed by the Pro build, though the base release is not', () => {
    expect(judge('1.0-1ubuntu0.1~esm1', {}, unfixed, proFix)).toEqual([])
  })

  it('a fix of the base release comes first', () => {
    expect(judge('1.0-1', {}, affected(base, 'p', fixedIn('1.0-1ubuntu0.2')), proFix)).toEqual([['fix-available', '1.0-1ubuntu0.2']])
    expect(judge('1.0-1ubuntu0.2', {}, affected(base, 'p', fixedIn('1.0-1ubuntu0.2')), proFix)).toEqual([])
  })

  it('without a fix anywhere there is none', () => {
    expect(judge('1.0-1', {}, unfixed, affected(pro, 'p'))).toEqual([['no-fix', undefined]])
    expect(judge('1.0-1', {}, affected(pro, 'p'))).toEqual([['no-fix', undefined]])
  })

  it('FIPS and the other builds say nothing about the release', () => {
    for (const build of [
      'Ubuntu:Pro:FIPS:22.04:LTS',
      'Ubuntu:Pro:FIPS-updates:22.04:LTS',
      'Ubuntu:Pro:Realtime:22.04:LTS',
      'Ubuntu:Nvidia-BlueField:22.04:LTS',
    ]) {
      expect(judge('1.0-1', {}, affected(build, 'p', fixedIn('9')))).toEqual([])
    }
  })

  it("Ubuntu's priority is the severity, in each place it has been published", () => {
    const severities = [
      record(affected(base, 'p', [], { ecosystem_specific: { ubuntu_priority: 'low' } })),
      record(affected(base, 'p', [], { severity: [{ type: 'Ubuntu', score: 'low' }] })),
      {
        ...record(unfixed),
        severity: [
          { type: 'Ubuntu', score: 'low' },
          { type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' },
        ],
      },
    ].map((one) => findings(deb('p', '1', ubuntu('22.04')), one)[0])
    expect(severities.map((finding) => [finding?.severity, finding?.vendorSeverity])).toEqual([
      ['low', 'low'],
      ['low', 'low'],
      ['low', 'low'],
    ])
    expect(severities[2]?.cvss).toMatchObject([{ baseScore: 9.8 }])
  })

  it('live patch notices match nothing', () => {
    expect(findings(deb('linux', '5.15.0-1.1', ubuntu('22.04')), osv('LSN-0108-1', [affected(base, 'linux', fixedIn('108.1'))]))).toEqual(
      [],
    )
  })
})

describe('Debian', () => {
  const urgency = (word: string): Finding | undefined =>
    findings(deb('p', '1'), osv('DEBIAN-CVE-2024-0001', [affected('Debian:12', 'p', [], { ecosystem_specific: { urgency: word } })]))[0]

  it.each([
    ['unimportant', 'negligible', 'no-fix'],
    ['low**', 'low', 'no-fix'],
    ['medium', 'medium', 'no-fix'],
    ['high', 'high', 'no-fix'],
    ['not yet assigned', 'unknown', 'no-fix'],
    ['end-of-life', 'unknown', 'will-not-fix'],
  ])('urgency %s', (word, severity, state) => {
    expect(urgency(word)).toMatchObject({
      severity,
      state,
      vendorSeverity: word,
      url: 'https://security-tracker.debian.org/tracker/CVE-2024-0001',
    })
  })
})

describe('advisorySourceFor', () => {
  const release = (id: string, versionId: string | undefined, versionCodename: string | undefined, ...idLike: string[]): OsRelease => ({
    id,
    idLike,
    name: id,
    ...(versionId === undefined ? {} : { versionId }),
    ...(versionCodename === undefined ? {} : { versionCodename }),
  })

  it.each([
    [debian('12'), ['Debian:12', 'Debian']],
    [debian('12.5'), ['Debian:12', 'Debian']],
    [debian('6.0.10'), ['Debian:6', 'Debian:6.0', 'Debian']],
    [release('debian', undefined, 'trixie'), ['Debian:13', 'Debian:sid', 'Debian']],
    [release('debian', undefined, 'sid'), ['Debian:sid', 'Debian']],
    [ubuntu('22.04'), ['Ubuntu:22.04:LTS', 'Ubuntu', 'Ubuntu:Pro:22.04:LTS']],
    [ubuntu('22.04.4'), ['Ubuntu:22.04:LTS', 'Ubuntu', 'Ubuntu:Pro:22.04:LTS']],
    [ubuntu('24.10'), ['Ubuntu:24.10', 'Ubuntu', 'Ubuntu:Pro:24.10']],
    [ubuntu('23.04'), ['Ubuntu:23.04', 'Ubuntu', 'Ubuntu:Pro:23.04']],
    [release('raspbian', '12', 'bookworm', 'debian'), ['Debian:12', 'Debian']],
    [release('pop', '22.04', 'jammy', 'ubuntu', 'debian'), ['Ubuntu:22.04:LTS', 'Ubuntu', 'Ubuntu:Pro:22.04:LTS']],
  ])('%o', (distro, ecosystems) => {
    expect(advisorySourceFor(deb('p', '1', distro))).toEqual({ kind: 'ecosystems', ecosystems })
  })

  it.each([
    release('linuxmint', '21.3', 'virginia', 'ubuntu', 'debian'),
    release('kali', '2024.1', 'kali-rolling', 'debian'),
    release('devuan', '5', 'daedalus', 'debian'),
    release('debian', undefined, 'nosuch'),
    release('debian', 'testing', undefined),
    release('ubuntu', 'rolling', 'devel'),
    undefined,
  ])('nothing for %o', (distro) => {
    const { distro: _, ...plain } = deb('p', '1')
    const pkg = distro ? { ...plain, distro } : plain
    expect(advisorySourceFor(pkg)).toEqual({ kind: 'none', reason: expect.any(String) })
    expect(matchPackages([pkg], memoryStore([])).unmatched).toHaveLength(1)
  })

  it('says so for types that nothing is read for', () => {
    expect(advisorySourceFor({ ...deb('p', '1'), type: 'npm' })).toEqual({
      kind: 'none',
      reason: 'no advisories are read for npm packages',
    })
  })

  it('an entry without a release applies to all of them, and one release may have two spellings', () => {
    const list = findings(
      deb('p', '1', ubuntu('26.04')),
      osv('X-1', [affected('Ubuntu', 'p')]),
      osv('X-2', [affected('Ubuntu:26.04', 'p')]),
    )
    expect(list.map(({ vulnerability }) => vulnerability)).toEqual(['X-1', 'X-2'])
  })
})
