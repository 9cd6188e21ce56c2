import { describe, expect, it } from 'vitest'
import { parseFstab, parseSourceTag } from '../../src/formats/fstab.js'

describe('parseFstab', () => {
  it('reads entries, not comments', () => {
    const text = [
      '# /etc/fstab',
      '   # indented',
      '',
      'UUID=0a-1 / ext4 rw,discard,errors=remount-ro 0 1',
      '\t/dev/sdb1\t/data\text4\tdefaults,nofail,x-systemd.device-timeout=5\t0\t2\t',
      'tmpfs /tmp tmpfs',
      'LABEL=x /x xfs noauto # a comment',
      'LABEL=y /y xfs ro 0 2 and more',
    ].join('\n')
    expect(parseFstab(text)).toEqual({
      entries: [
        { source: 'UUID=0a-1', target: '/', type: 'ext4', options: ['rw', 'discard', 'errors=remount-ro'], line: 4 },
        { source: '/dev/sdb1', target: '/data', type: 'ext4', options: ['defaults', 'nofail', 'x-systemd.device-timeout=5'], line: 5 },
        { source: 'tmpfs', target: '/tmp', type: 'tmpfs', options: ['defaults'], line: 6 },
        { source: 'LABEL=x', target: '/x', type: 'xfs', options: ['noauto'], line: 7 },
        { source: 'LABEL=y', target: '/y', type: 'xfs', options: ['ro'], line: 8 },
      ],
      errors: [],
    })
  })

  // As `findmnt --tab-file` of util-linux 2.38 prints them.
  it.each([
    ['/my\\040data', '/my data'],
    ['/tab\\011x', '/tab\tx'],
    ['/line\\012x', '/line\nx'],
    ['/back\\134slash', '/back\\slash'],
    ['/back\\134040', '/back\\040'],
    ['/comma\\054x', '/comma,x'],
    ['/caf\\303\\251', '/café'],
    ['/no\\08x', '/no\\08x'],
    ['/no\\12', '/no\\12'],
    ['/no\\', '/no\\'],
  ])('decodes %s', (field, target) => {
    expect(parseFstab(`LABEL=x ${field} ext4`).entries.map((entry) => entry.target)).toEqual([target])
  })

  it('tells of lines with too few fields, by number', () => {
    const { entries, errors } = parseFstab('one\nUUID=1 /two\nUUID=1 /x ext4\r\n\0')
    expect(entries).toMatchObject([{ target: '/x', type: 'ext4', line: 3 }])
    expect(errors.map((error) => error.line)).toEqual([1, 2, 4])
  })
})

describe('parseSourceTag', () => {
  it.each([
    ['UUID=0A', 'UUID', '0A'],
    ['UUID="0a"', 'UUID', '0a'],
    ["LABEL='my data'", 'LABEL', 'my data'],
    ['LABEL="half', 'LABEL', '"half'],
    ['LABEL=', 'LABEL', ''],
    ['LABEL=a=b', 'LABEL', 'a=b'],
    ['PARTUUID=x-01', 'PARTUUID', 'x-01'],
    ['partlabel=Root', 'PARTLABEL', 'Root'],
    ['ID=nvme-x', 'ID', 'nvme-x'],
  ])('%s', (source, tag, value) => {
    expect(parseSourceTag(source)).toEqual({ tag, value })
  })

  it.each(['/dev/sda1', '/dev/disk/by-uuid/UUID=1', 'tmpfs', 'NAME=x', 'UUID', ''])('%s is none', (source) => {
    expect(parseSourceTag(source)).toBeUndefined()
  })
})
