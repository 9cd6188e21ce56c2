import { describe, expect, it } from 'vitest'
import { decodeRpmRecord, type RpmRecord } from '../../../src/formats/rpm/record.js'
import { assemble, type HeaderOptions, type HeaderValue, rawEntry, rpmHeader } from '../../support/rpm-header.js'

function decode(tags: Readonly<Record<number, HeaderValue>> = {}, options: HeaderOptions = {}): RpmRecord {
  return decodeRpmRecord({ number: 7, bytes: rpmHeader(tags, options) })
}

function decodeRaw(index: readonly Buffer[], data: Buffer): RpmRecord {
  return decodeRpmRecord({ number: 7, bytes: assemble(index, data) })
}

describe('decodeRpmRecord', () => {
  it('takes every field', () => {
    const { files, ...fields } = decode({
      1003: 3,
      1008: 1_700_000_000,
      1009: 4_000_000_000,
      1011: 'Vendor',
      1014: 'MIT',
      1015: 'Packager',
      1022: 'noarch',
      1044: 'n-1-2.src.rpm',
      5096: 'm:s:1:c',
    })
    expect(fields).toEqual({
      number: 7,
      name: 'n',
      epoch: 3,
      version: '1',
      release: '2',
      arch: 'noarch',
      sourceRpm: 'n-1-2.src.rpm',
      vendor: 'Vendor',
      license: 'MIT',
      packager: 'Packager',
      sizeBytes: 4_000_000_000,
      installTime: 1_700_000_000,
      modularity: 'm:s:1:c',
      signingKey: undefined,
    })
    expect(files()).toEqual([])
  })

  it('tells an epoch of 0 from none', () => {
    expect(decode({ 1003: 0 }).epoch).toBe(0)
    expect(decode().epoch).toBeUndefined()
  })

  it('puts files together from folders and names', () => {
    const tags = { 1116: [0, 1, 0], 1117: ['a', 'b c', ''], 1118: ['/usr/', '/usr/lib/'] }
    expect(decode(tags).files()).toEqual(['/usr/a', '/usr/lib/b c', '/usr/'])
    expect(decode({ 1027: ['/etc/a', '/etc/b'] }).files()).toEqual(['/etc/a', '/etc/b'])
  })

  it('refuses a list of files that contradicts itself, and keeps the package', () => {
    expect(() => decode({ 1116: [0], 1117: ['a', 'b'], 1118: ['/'] }).files()).toThrow('2 base names with 1 directory indexes')
    expect(() => decode({ 1116: [5], 1117: ['a'], 1118: ['/'] }).files()).toThrow('file 0 is in directory 5 of 1')
  })

  it('lets an entry of the installation take the place of one of the package', () => {
    expect(decode({ 1008: 1 }, { dribbles: { 1008: 2 } }).installTime).toBe(2)
  })

  it('shows bytes that are not UTF-8 as U+FFFD', () => {
    const data = Buffer.from('6e003100320066fc7200', 'hex')
    const index = [rawEntry(1000, 6, 0, 1), rawEntry(1001, 6, 2, 1), rawEntry(1002, 6, 4, 1), rawEntry(1014, 6, 6, 1)]
    expect(decodeRaw(index, data).license).toBe('f\ufffdr')
  })

  it('reads a header without a region, and the first of several languages', () => {
    const data = Buffer.from('n\x001\x002\0MIT\0Licence MIT\0')
    const index = [rawEntry(1000, 6, 0, 1), rawEntry(1001, 6, 2, 1), rawEntry(1002, 6, 4, 1), rawEntry(1014, 9, 6, 2)]
    expect(decodeRaw(index, data).license).toBe('MIT')
  })

  it('takes the size in 64 bits where there is one', () => {
    const data = Buffer.concat([Buffer.from('0000000200000000', 'hex'), Buffer.from('n\x001\x002\0')])
    const index = [rawEntry(5009, 5, 0, 1), rawEntry(1000, 6, 8, 1), rawEntry(1001, 6, 10, 1), rawEntry(1002, 6, 12, 1)]
    expect(decodeRaw(index, data).sizeBytes).toBe(2 ** 33)
  })

  it('checks the digest of the region, not what the installation added', () => {
    expect(decode({ 1014: 'MIT' }, { sha256: true, dribbles: { 1008: 5 } }).installTime).toBe(5)
    expect(() => decode({ 1014: 'MIT' }, { sha256: 'f'.repeat(64) })).toThrow('header 7: rpm header: does not have the SHA-256')
  })

  it.each<[string, Readonly<Record<number, HeaderValue>>, RegExp]>([
    ['an empty name', { 1000: '' }, /no valid name/],
    ['a name with a line feed', { 1000: 'a\nb' }, /no valid name/],
    ['an empty version', { 1001: '' }, /no valid version/],
    ['a release with a blank', { 1002: '1 2' }, /no valid release/],
    ['a name of 5,000 characters', { 1000: 'n'.repeat(5_000) }, /no valid name/],
    ['a licence of a megabyte', { 1014: 'x'.repeat(1 << 20) }, /more than 65536/],
    ['a number for a name', { 1000: 5 }, /tag 1000 is of type 4, not text/],
    ['a text for an epoch', { 1003: 'one' }, /tag 1003 is of type 6, not a number/],
    ['a text for a signature', { 268: 'x' }, /tag 268 is of type 6, not binary/],
  ])('refuses %s', (_, tags, message) => {
    expect(() => decode(tags)).toThrow(message)
    expect(() => decode(tags)).toThrow('header 7: ')
  })

  const good = rpmHeader({ 1014: 'MIT', 1008: 1 })
  it.each<[string, number, number, RegExp]>([
    ['a count of entries of 0', 0, 0, /0 entries/],
    ['a count of 4 billion entries', 0, 0xffff_ffff, /4294967295 entries/],
    ['more data than there is', 4, 0xffff, /65535 bytes of data/],
    ['less data than there is', 4, 8, /8 bytes of data/],
    ['a region of an unknown tag', 8, 5, /region 5: not a region/],
    ['a region of another type', 12, 6, /region 63: bad type or count/],
    ['a region whose trailer is outside', 16, 0x7fff_ff00, /its trailer is at/],
    ['a region with a negative trailer', 16, 0xffff_ff00, /its trailer is at/],
    ['an entry with a region inside the index', 24, 62, /entry 1, tag 62: a region inside the index/],
    ['an entry of type 10', 28, 10, /entry 1, tag 1000: type 10/],
    ['an entry behind the data', 32, 0x0fff_ffff, /entry 1, tag 1000: offset/],
    ['an entry with a negative offset', 32, 0xffff_fffe, /entry 1, tag 1000: offset -2/],
    ['an entry that counts nothing', 36, 0, /entry 1, tag 1000: count 0/],
    ['a string that counts two', 36, 2, /entry 1, tag 1000: count 2/],
    ['an entry that counts 4 billion', 84, 0xffff_ffff, /count 4294967295/],
    ['a number that is not aligned', 80, 1, /offset 1/],
  ])('refuses %s', (_, at, value, message) => {
    const bytes = Buffer.from(good)
    bytes.writeUInt32BE(value, at)
    expect(() => decodeRpmRecord({ number: 7, bytes })).toThrow(message)
  })

  it('refuses a text that does not end', () => {
    const data = Buffer.from('n\x001\x002')
    const index = [rawEntry(1000, 6, 0, 1), rawEntry(1001, 6, 2, 1), rawEntry(1002, 6, 4, 1)]
    expect(() => decodeRaw(index, data)).toThrow('text 0 of tag 1002 does not end')
  })

  it('refuses 65,536 entries', () => {
    const index = Array.from({ length: 65_536 }, (_, i) => rawEntry(100 + i, 6, 0, 1))
    expect(() => decodeRaw(index, Buffer.from('n\0'))).toThrow('more than 65535')
  })

  it('fails on every cut of a header, and never in another way', () => {
    for (let length = 0; length < good.length; length++) {
      expect(() => decodeRpmRecord({ number: 7, bytes: good.subarray(0, length) })).toThrow(/^header 7: /)
    }
  })
})
