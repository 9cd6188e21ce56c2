import { describe, expect, it } from 'vitest'
import { matchPackages } from '../../src/advisories/match.js'
import { memoryStore } from '../../src/advisories/memory-store.js'
import { parseOsv } from '../../src/advisories/osv.js'
import { affectedRanges } from '../../src/advisories/range.js'
import type { Advisory } from '../../src/advisories/types.js'
import { versionOrder } from '../../src/advisories/versions/index.js'
import type { AffectedRange } from '../../src/model.js'
import { affected, deb, fixedIn, osv } from './support/records.js'

/** Of one `affected` entry, what holds the version. */
function rangesOf(entry: object, version: string): AffectedRange[] {
  const outcome = parseOsv(osv('X-1', [{ package: { ecosystem: 'Debian:12', name: 'p' }, ...entry }]))
  if (outcome.kind !== 'record') throw new Error(JSON.stringify(outcome))
  return affectedRanges(outcome.record.advisories[0] as Advisory, version, versionOrder('Debian'))
}

const range = (...events: object[]): object => ({ type: 'ECOSYSTEM', events })
const ranges = (...events: object[]): object => ({ ranges: [range(...events)] })

describe('the edge cases of evaluation', () => {
  it('1: introduced 0 is below every version, even one that sorts below a zero', () => {
    expect(rangesOf(ranges({ introduced: '0' }, { fixed: '1.0' }), '0~~alpha')).toEqual([{ introduced: '0', fixed: '1.0' }])
    expect(rangesOf(ranges({ introduced: '0.0.0-0' }, { fixed: '1.0' }), '0~~alpha')).toEqual([])
  })

  it('2: events are sorted, and a version is not affected by what it fixes', () => {
    expect(rangesOf(ranges({ fixed: '1.10' }, { introduced: '1.9' }), '1.9.5')).toEqual([{ introduced: '1.9', fixed: '1.10' }])
    expect(rangesOf(ranges({ fixed: '2' }, { introduced: '2' }), '2')).toEqual([])
    expect(rangesOf(ranges({ introduced: '2' }, { last_affected: '2' }), '2')).toEqual([{ introduced: '2', lastAffected: '2' }])
  })

  it('3: a GIT range before it does not hide the range of versions', () => {
    const git = { type: 'GIT', repo: 'https://example.org/p', events: [{ introduced: '0' }] }
    expect(rangesOf({ ranges: [git, range({ introduced: '0' }, { fixed: '2' })] }, '1')).toHaveLength(1)
    expect(parseOsv(osv('X-1', [{ package: { ecosystem: 'Debian:12', name: 'p' }, ranges: [git] }]))).toMatchObject({
      reason: 'only GIT ranges',
    })
  })

  it('4: versions alone, ranges alone, both, and neither', () => {
    expect(rangesOf({ versions: ['1.0'] }, '1.0')).toEqual([{ introduced: '1.0', exact: '1.0' }])
    expect(rangesOf({ versions: ['1.0'] }, '1.1')).toEqual([])
    expect(rangesOf({ versions: ['3.0'], ...ranges({ introduced: '0' }, { fixed: '2' }) }, '3.0')).toEqual([
      { introduced: '3.0', exact: '3.0' },
    ])
    expect(rangesOf({ versions: ['3.0'], ...ranges({ introduced: '0' }, { fixed: '2' }) }, '1')).toEqual([{ introduced: '0', fixed: '2' }])
    expect(parseOsv(osv('X-1', [{ package: { ecosystem: 'Debian:12', name: 'p' } }]))).toMatchObject({ kind: 'rejected' })
  })

  it('5: a listed version is the same string or an equal version, and never equal to one that cannot be ordered', () => {
    expect(rangesOf({ versions: ['1.0'] }, '0:1.0-0')).toEqual([{ introduced: '1.0', exact: '1.0' }])
    expect(rangesOf({ versions: ['1_0'] }, '1_0')).toHaveLength(1)
    expect(rangesOf({ versions: ['1_0'] }, '1_00')).toEqual([])
  })

  it('6: several pairs in a range, several ranges, several entries: any of them', () => {
    const pairs = ranges({ introduced: '1' }, { fixed: '1.5' }, { introduced: '2' }, { fixed: '2.5' })
    expect(['0.9', '1.2', '1.7', '2.2', '2.5'].map((version) => rangesOf(pairs, version).length)).toEqual([0, 1, 0, 1, 0])
    const two = { ranges: [range({ introduced: '1' }, { fixed: '1.5' }), range({ introduced: '2' }, { fixed: '2.5' })] }
    expect(['0.9', '1.2', '1.7', '2.2', '2.5'].map((version) => rangesOf(two, version).length)).toEqual([0, 1, 0, 1, 0])
    const store = memoryStore([
      osv('CVE-2024-0001', [affected('Debian:12', 'p', fixedIn('1')), affected('Debian:12', 'p', [{ introduced: '2' }])]),
    ])
    expect(['0.5', '1.5', '2.5'].map((version) => matchPackages([deb('p', version)], store).findings.length)).toEqual([1, 0, 1])
  })

  it('7: fixed and last_affected in one range both count', () => {
    const mixed = ranges({ introduced: '1' }, { last_affected: '1.4' }, { introduced: '2' }, { fixed: '2.5' })
    expect(['1.4', '1.5', '2.4', '2.5'].map((version) => rangesOf(mixed, version).length)).toEqual([1, 0, 1, 0])
    expect(rangesOf(mixed, '1.2')).toEqual([{ introduced: '1', lastAffected: '1.4' }])
  })

  it('8: a range that is never closed has no fix', () => {
    expect(rangesOf(ranges({ introduced: '1' }), '99')).toEqual([{ introduced: '1' }])
    const { findings } = matchPackages([deb('p', '1')], memoryStore([osv('CVE-2024-0001', [affected('Debian:12', 'p')])]))
    expect(findings).toMatchObject([{ state: 'no-fix', otherFixedVersions: [] }])
    expect(findings[0]).not.toHaveProperty('fixedVersion')
  })

  it('9: the fix is the smallest of the branch that holds the version; other branches are told apart', () => {
    const events = [
      { introduced: '0' },
      { fixed: '1.5' },
      { introduced: '2' },
      { fixed: '2.5' },
      { introduced: '3' },
      { last_affected: '3.3' },
    ]
    const store = memoryStore([osv('CVE-2024-0001', [affected('Debian:12', 'p', events)])])
    const at = (version: string): object | undefined => matchPackages([deb('p', version)], store).findings[0]
    expect(at('1.2')).toMatchObject({ fixedVersion: '1.5', otherFixedVersions: ['2.5'], state: 'fix-available' })
    expect(at('2.2')).toMatchObject({ fixedVersion: '2.5', otherFixedVersions: ['1.5'] })
    expect(at('3.1')).toMatchObject({ state: 'unknown', otherFixedVersions: ['1.5', '2.5'] })
  })

  it('9: a fix that another range of the same record calls affected is none', () => {
    const overlapping = { ranges: [range({ introduced: '0' }, { fixed: '1.5' }), range({ introduced: '1' }, { fixed: '1.7' })] }
    const store = memoryStore([osv('CVE-2024-0001', [{ package: { ecosystem: 'Debian:12', name: 'p' }, ...overlapping }])])
    expect(matchPackages([deb('p', '1.2')], store).findings).toMatchObject([{ fixedVersion: '1.7', otherFixedVersions: ['1.5'] }])
  })

  it('10: a withdrawn record is never reported, whichever copy comes first', () => {
    const live = osv('CVE-2024-0001', [affected('Debian:12', 'p')])
    const withdrawn = { ...live, modified: '2025-02-01T00:00:00Z', withdrawn: '2025-02-01T00:00:00Z' }
    for (const records of [[withdrawn], [live, withdrawn], [withdrawn, live]]) {
      expect(matchPackages([deb('p', '1')], memoryStore(records)).findings).toEqual([])
    }
  })

  it('11: what cannot be used is named, and the rest of the record still counts', () => {
    const entries = [
      {},
      { package: { name: 'p' } },
      { package: { ecosystem: 'Debian:12', name: 'p' }, ranges: [{ type: 'NEW', events: [] }] },
      affected('Nowhere', 'p'),
      7,
      null,
    ]
    const outcome = parseOsv(osv('CVE-2024-0001', entries))
    expect(outcome).toMatchObject({ kind: 'record', record: { advisories: [{ ecosystem: 'Nowhere' }] } })
    expect(outcome.kind === 'record' && outcome.skipped).toEqual([
      'entry without a package',
      'entry without a package name or ecosystem',
      'unreadable range',
      'no versions and no usable ranges',
      'entry without a package',
      'entry without a package',
    ])
    expect(parseOsv(osv('CVE-2024-0001', []))).toMatchObject({ kind: 'rejected', reason: 'no affected packages', id: 'CVE-2024-0001' })
  })

  it('12: a version outside the grammar is ordered as a guess, and the match says so', () => {
    const store = memoryStore([osv('CVE-2024-0001', [affected('Debian:12', 'p', fixedIn('2.0'))])])
    expect(matchPackages([deb('p', '1_0')], store).findings[0]?.matches).toMatchObject([{ note: 'version-unparsed' }])
    expect(matchPackages([deb('p', '1.0')], store).findings[0]?.matches[0]).not.toHaveProperty('note')
  })

  it('13: a package without a version is unmatched, not vulnerable', () => {
    const store = memoryStore([osv('CVE-2024-0001', [affected('Debian:12', 'p')])])
    const pkg = deb('p', '')
    expect(matchPackages([pkg], store)).toEqual({ findings: [], unmatched: [{ package: pkg, reason: 'its version is unknown' }] })
  })

  it('14: names of object properties are names like any other', () => {
    const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty']
    expect(
      matchPackages(
        names.map((name) => deb(name, '1')),
        memoryStore([]),
      ).findings,
    ).toEqual([])
    const store = memoryStore(names.map((name, i) => osv(`CVE-2024-000${i}`, [affected('Debian:12', name)])))
    const { findings } = matchPackages(
      names.map((name) => deb(name, '1')),
      store,
    )
    expect(findings.map((finding) => [finding.package.name, finding.vulnerability])).toEqual([
      ['__proto__', 'CVE-2024-0001'],
      ['constructor', 'CVE-2024-0000'],
      ['hasOwnProperty', 'CVE-2024-0003'],
      ['toString', 'CVE-2024-0002'],
    ])
  })

  it('15: aliases are one finding, across chains; related ids are not', () => {
    const entry = [affected('Debian:12', 'p', fixedIn('2'))]
    const store = memoryStore([
      osv('GHSA-aaaa-bbbb-cccc', entry, { aliases: ['OTHER-1'] }),
      osv('OTHER-1', entry, { aliases: ['CVE-2024-0001'] }),
      osv('CVE-2024-0002', entry, { related: ['CVE-2024-0001'] }),
    ])
    const { findings } = matchPackages([deb('p', '1')], store)
    expect(findings.map(({ vulnerability, ids }) => [vulnerability, ids])).toEqual([
      ['CVE-2024-0001', ['CVE-2024-0001', 'GHSA-aaaa-bbbb-cccc', 'OTHER-1']],
      ['CVE-2024-0002', ['CVE-2024-0002']],
    ])
  })

  it('15: aliases hold together records that only a third one, of another package, links', () => {
    const entry = [affected('Debian:12', 'p')]
    const store = memoryStore([osv('A-1', entry), osv('B-1', entry), osv('C-1', [affected('npm', 'q')], { aliases: ['A-1', 'B-1'] })])
    expect(matchPackages([deb('p', '1')], store).findings).toMatchObject([{ vulnerability: 'A-1', ids: ['A-1', 'B-1', 'C-1'] }])
  })

  it("16: the headline is the vendor's word, then the vector of the package, then those of the record; every vector is kept", () => {
    const v3 = 'CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:N/I:H/A:N'
    const v4 = 'CVSS:4.0/AV:L/AC:L/AT:N/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N'
    const own = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H'
    const severity = [
      { type: 'CVSS_V3', score: v3 },
      { type: 'CVSS_V4', score: v4 },
      { type: 'CVSS_V3', score: 'CVSS:3.1/nonsense' },
    ]
    const finding = (more: object): object | undefined =>
      matchPackages([deb('p', '1')], memoryStore([osv('CVE-2024-0001', [affected('Debian:12', 'p', [], more)], { severity })])).findings[0]
    expect(finding({})).toMatchObject({
      severity: 'high',
      cvss: [
        { version: '4.0', baseScore: 8.5 },
        { version: '3.1', baseScore: 6.5, source: 'CVE-2024-0001' },
      ],
    })
    expect(finding({ severity: [{ type: 'CVSS_V3', score: own }] })).toMatchObject({
      severity: 'critical',
      cvss: [{ vector: own, baseScore: 9.8 }, { vector: v4 }, { vector: v3 }],
    })
    expect(finding({ ecosystem_specific: { urgency: 'unimportant' } })).toMatchObject({
      severity: 'negligible',
      vendorSeverity: 'unimportant',
    })
    expect(finding({ ecosystem_specific: { urgency: 'not yet assigned' } })).toMatchObject({
      severity: 'high',
      vendorSeverity: 'not yet assigned',
    })
  })

  it('limits hold a range below at least one of them', () => {
    const limited = ranges({ introduced: '0' }, { limit: '2' }, { limit: '3' })
    expect(['2.5', '3'].map((version) => rangesOf(limited, version).length)).toEqual([1, 0])
    expect(rangesOf(ranges({ introduced: '0' }, { limit: '*' }), '99')).toHaveLength(1)
  })
})
