import { describe, expect, it } from 'vitest'
import { type BlsEntry, blsEntryId, parseBlsEntry } from '../../src/formats/bls.js'
import { compareBlsEntries, compareGrubEntries, compareUapiVersions } from '../../src/formats/bls-order.js'

describe('entries', () => {
  it('have a key and a value on each line, the first of a key counts', () => {
    const text =
      '# c\ntitle  Fedora 19 (Rawhide)\nversion\t3.8.0\nsort-key fedora\nmachine-id 6a98\n\nlinux /a/linux \nlinux /b\ninitrd\noptions x\n'
    expect(parseBlsEntry('x', text)).toEqual({
      id: 'x',
      title: 'Fedora 19 (Rawhide)',
      version: '3.8.0',
      sortKey: 'fedora',
      machineId: '6a98',
      linux: '/a/linux',
    })
  })

  it('are files that end in .conf', () => {
    expect(['a-1.conf', '.conf', '.a.conf', 'a.conf.rpmsave', 'a'].map(blsEntryId)).toEqual(['a-1', ...Array(4).fill(undefined)])
  })
})

describe('compareUapiVersions', () => {
  // As `systemd-analyze compare-versions` of systemd 252 orders them.
  it.each([
    ['11', '11', 0],
    ['bar-123', 'foo-123', -1],
    ['123a', '123', 1],
    ['123.a', '123', 1],
    ['123.a', '123.b', -1],
    ['123a', '123.a', 1],
    ['0.', '0', 1],
    ['0.0', '0', 1],
    ['1_', '1', 0],
    ['_1', '1', 0],
    ['1_', '1.2', -1],
    ['1_2_3', '1.3.3', 1],
    ['1+2+3', '1.3.3', 1],
    ['6.1.0-18', '6.1.0-9', 1],
    ['1.0a', '1.0.1', 1],
    ['a01', 'a1', 0],
    ['1-2', '1.2', -1],
    ['1^a', '1', 1],
    ['1~rc', '1', -1],
    ['12a', '12_a', 0],
  ])('%s and %s: %i', (a, b, expected) => {
    expect(compareUapiVersions(a, b)).toBe(expected)
    expect(compareUapiVersions(b, a)).toBe(0 - expected + 0)
  })
})

describe('the order of a menu', () => {
  const ids = (entries: BlsEntry[], compare: (a: BlsEntry, b: BlsEntry) => number): string[] => entries.sort(compare).map(({ id }) => id)

  // The example of systemd's own tests of this order (test-bootspec.c, bootspec_sort).
  it('of the specification: by sort key and version, then by id', () => {
    const entries: BlsEntry[] = [
      { id: 'a-10', version: '10' },
      { id: 'a-5', version: '5' },
      { id: 'b', version: '3' },
      { id: 'c', sortKey: 'xxxx', version: '5', machineId: '309de666fd5044268a9a26541ac93176' },
      { id: 'cx', sortKey: 'xxxx', version: '10', machineId: '309de666fd5044268a9a26541ac93176' },
      { id: 'd', sortKey: 'kkkk', version: '100', machineId: '81c6e3147cf544c19006af023e22b292' },
    ]
    expect(ids(entries, compareBlsEntries)).toEqual(['d', 'cx', 'c', 'b', 'a-10', 'a-5'])
  })

  it('of GRUB: by name, version and release', () => {
    const expected = [
      'mm-6.10.0-1.fc41.x86_64',
      'mm-6.9.0-12.fc41.x86_64',
      'mm-6.9.0-2.fc41.x86_64+debug',
      'mm-6.9.0-2.fc41.x86_64',
      'mm-6.9.0-0.rc1~2.fc41.x86_64',
      'mm-5.14.0-427.13.1.el9_4.x86_64',
      'mm-5.14.0-362.8.1.el9_3.x86_64',
      'mm-5.14.0-70.el9.x86_64',
      'mm-0-rescue',
      'ab-9.9.9-9',
      'single',
    ]
    const entries = [...expected].reverse().map((id) => ({ id }))
    expect(ids(entries, compareGrubEntries).filter((id) => id !== 'single')).toEqual(expected.filter((id) => id !== 'single'))
  })
})
