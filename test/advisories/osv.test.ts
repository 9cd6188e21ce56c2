import { describe, expect, it } from 'vitest'
import { isBulletin, isMalware } from '../../src/advisories/ids.js'
import { parseOsv } from '../../src/advisories/osv.js'
import type { AdvisoryRecord } from '../../src/advisories/types.js'
import { affected, fixedIn, osv } from './support/records.js'
import { randomFrom } from './versions/deb-pairs.js'

function record(value: unknown): AdvisoryRecord {
  const outcome = parseOsv(value)
  if (outcome.kind !== 'record') throw new Error(JSON.stringify(outcome))
  return outcome.record
}

/** In the shape in which OSV.dev exports Ubuntu's records. */
const UBUNTU = {
  schema_version: '1.7.3',
  id: 'UBUNTU-CVE-2025-29769',
  published: '0001-01-01T00:00:00Z',
  modified: '2025-09-12T19:00:05.029622990Z',
  upstream: ['CVE-2025-29769'],
  related: ['USN-9999-1'],
  severity: [
    { type: 'CVSS_V3', score: 'CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:N/I:N/A:H' },
    { type: 'CVSS_V4', score: 'CVSS:4.0/AV:L/AC:L/AT:N/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N' },
    { type: 'Ubuntu', score: 'medium' },
  ],
  details: ' text ',
  affected: [
    {
      package: { name: 'vips', ecosystem: 'Ubuntu:26.04', purl: 'pkg:deb/ubuntu/vips@1?arch=source&distro=esm-apps%2Fjammy' },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '8.12.1-1' }] }],
      versions: ['8.12.0-1', '8.12.0-2', '9'],
      ecosystem_specific: { binaries: [{ binary_name: 'libvips42', binary_version: '8.12.1-1' }] },
    },
  ],
}

describe('parseOsv', () => {
  it("reads a distribution's record in our terms", () => {
    expect(record(UBUNTU)).toEqual({
      details: {
        id: 'UBUNTU-CVE-2025-29769',
        related: ['USN-9999-1'],
        severity: [
          { type: 'CVSS_V4', score: 'CVSS:4.0/AV:L/AC:L/AT:N/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N' },
          { type: 'CVSS_V3', score: 'CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:N/I:N/A:H' },
        ],
        summary: '',
        details: 'text',
        references: [],
        modified: '2025-09-12T19:00:05.029622990Z',
      },
      advisories: [
        {
          id: 'UBUNTU-CVE-2025-29769',
          ecosystem: 'Ubuntu:26.04:LTS',
          packageName: 'vips',
          sourcePackage: true,
          ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '8.12.1-1' }] }],
          // The others are in the range already.
          versions: ['9'],
          aliases: [],
          upstream: ['CVE-2025-29769'],
          vendorSeverity: 'medium',
          severity: [],
        },
      ],
    })
  })

  it.each([
    [undefined, 'not a JSON object'],
    [null, 'not a JSON object'],
    ['x', 'not a JSON object'],
    [[], 'not a JSON object'],
    [{}, 'no usable id'],
    [{ id: 7 }, 'no usable id'],
    [{ id: '' }, 'no usable id'],
    [{ id: 'a\nb' }, 'no usable id'],
    [{ id: 'x'.repeat(2_000) }, 'no usable id'],
    [{ id: 'X-1' }, 'no affected packages'],
    [{ id: 'X-1', affected: {} }, 'no affected packages'],
    [osv('LSN-1-1', [affected('Ubuntu:22.04:LTS', 'linux')]), 'live patch notice'],
    [osv('X-1', [{ package: { name: 'p', ecosystem: 'Debian:12' }, ranges: 'all', versions: 7 }]), 'no versions and no usable ranges'],
  ])('refuses %o: %s', (value, reason) => expect(parseOsv(value)).toMatchObject({ kind: 'rejected', reason }))

  it.each([
    ['2024-01-01T00:00:00Z', 'withdrawn'],
    ['some day', 'withdrawn'],
    [true, 'withdrawn'],
    ['', 'record'],
    [null, 'record'],
    ['0001-01-01T00:00:00Z', 'record'],
  ])('withdrawn: %j is %s', (withdrawn, kind) => {
    expect(parseOsv(osv('X-1', [affected('Debian:12', 'p')], { withdrawn })).kind).toBe(kind)
  })

  it('a range with an event that cannot be read is left out, not read as if the event were not there', () => {
    const events = [
      [{ introduced: '0' }, { fixed: 2 }],
      [{ introduced: '0' }, { fixed: '' }],
      [{ introduced: '0' }, 'fixed'],
      [{ introduced: '0' }, { repaired: '2' }],
      [{ fixed: '2' }],
      [],
    ]
    for (const list of events) {
      expect(
        parseOsv(osv('X-1', [{ package: { ecosystem: 'Debian:12', name: 'p' }, ranges: [{ type: 'ECOSYSTEM', events: list }] }])),
      ).toMatchObject({
        kind: 'rejected',
        reason: expect.stringMatching(/unreadable range/),
      })
    }
  })

  it('never throws, whatever is put in place of any field', () => {
    const random = randomFrom(5)
    const junk = [
      null,
      0,
      '',
      'x',
      true,
      [],
      {},
      [null],
      [[]],
      [{}],
      { type: {} },
      'x'.repeat(20_000),
      -1,
      [7, 'CVE-2024-0001'],
      { __proto__: null },
      '\0',
    ]
    const mutate = (value: unknown): unknown => {
      if (random() < 0.08) return junk[Math.floor(random() * junk.length)]
      if (Array.isArray(value)) return value.map(mutate)
      if (typeof value === 'object' && value !== null)
        return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mutate(item)]))
      return value
    }
    const kinds = new Set<string>()
    for (let i = 0; i < 5_000; i++) {
      const outcome = parseOsv(mutate(UBUNTU))
      kinds.add(outcome.kind)
      if (outcome.kind === 'record')
        expect(outcome.record.advisories[0]).toMatchObject({ packageName: expect.any(String), ecosystem: expect.any(String) })
    }
    expect(kinds.size).toBe(2)
  })

  it('long texts are cut, and nothing in them reaches a terminal but text', () => {
    expect(record(osv('X-1', [affected('Debian:12', 'p')], { details: 'é'.repeat(10_000) })).details.details).toHaveLength(4_096)
    expect(record(osv('X-1', [affected('Debian:12', 'p')], { details: 'a\u001b[31m\r\n\tb' })).details.details).toBe('a[31m\n\tb')
  })

  it("joins several entries for one package, the vendor's word of the first", () => {
    const entry = (fixed: string, urgency: string): object =>
      affected('Debian:12', 'p', fixedIn(fixed), { ecosystem_specific: { urgency } })
    expect(record(osv('X-1', [entry('1', 'low'), entry('2', 'high')])).advisories).toMatchObject([
      { ranges: [{}, {}], vendorSeverity: 'low' },
    ])
  })

  it('knows malware and bulletins by their ids', () => {
    expect(['MAL-2024-1', 'CVE-2024-1'].map(isMalware)).toEqual([true, false])
    expect(['DSA-1-1', 'DLA-1-1', 'USN-1-1', 'CVE-2024-0001', 'DEBIAN-CVE-2024-0001', 'GHSA-x'].map(isBulletin)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ])
  })
})
