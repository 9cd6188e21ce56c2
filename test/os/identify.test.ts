import { describe, expect, it } from 'vitest'
import { Tree } from '../../src/fs/tree.js'
import type { OsRelease } from '../../src/model.js'
import { identifyOs } from '../../src/os/index.js'
import { type MemoryEntry, MemoryFs } from '../support/memory-fs.js'

const identify = (entries: Record<string, MemoryEntry>): Promise<OsRelease | undefined> => identifyOs(new Tree(new MemoryFs(entries)))

const BOOKWORM = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
`
const JAMMY = `PRETTY_NAME="Ubuntu 22.04.4 LTS"
NAME="Ubuntu"
VERSION_ID="22.04"
VERSION_CODENAME=jammy
ID=ubuntu
ID_LIKE=debian
UBUNTU_CODENAME=jammy
`

describe('os-release', () => {
  const debian = {
    id: 'debian',
    idLike: [],
    name: 'Debian GNU/Linux',
    versionId: '12',
    versionCodename: 'bookworm',
    prettyName: 'Debian GNU/Linux 12 (bookworm)',
  }

  it('is read through its symlink, inside the tree', async () => {
    expect(await identify({ '/etc/os-release': { symlink: '/usr/lib/os-release' }, '/usr/lib/os-release': BOOKWORM })).toEqual(debian)
    expect(await identify({ '/etc/os-release': { symlink: '../../../usr/lib/os-release' }, '/usr/lib/os-release': BOOKWORM })).toEqual(
      debian,
    )
  })

  it('is read in /usr/lib where /etc has none, or a link that leads nowhere', async () => {
    expect(await identify({ '/usr/lib/os-release': BOOKWORM })).toEqual(debian)
    expect(await identify({ '/etc/os-release': { symlink: '/gone' }, '/usr/lib/os-release': BOOKWORM })).toEqual(debian)
  })

  it('in /etc wins over /usr/lib', async () => {
    expect(await identify({ '/etc/os-release': JAMMY, '/usr/lib/os-release': BOOKWORM })).toMatchObject({ id: 'ubuntu' })
  })

  it('has the defaults of its specification', async () => {
    expect(await identify({ '/etc/os-release': '' })).toEqual({ id: 'linux', idLike: [], name: 'Linux' })
    expect(await identify({ '/etc/os-release': 'ID=Rocky\nID_LIKE="rhel  centos fedora"\nVERSION_ID=' })).toEqual({
      id: 'rocky',
      idLike: ['rhel', 'centos', 'fedora'],
      name: 'Linux',
    })
  })

  it('is completed by its relatives, where they mean the same distribution', async () => {
    const sid = 'PRETTY_NAME="Debian GNU/Linux trixie/sid"\nNAME="Debian GNU/Linux"\nID=debian\n'
    expect(await identify({ '/etc/os-release': sid, '/etc/debian_version': 'trixie/sid\n' })).toEqual({
      id: 'debian',
      idLike: [],
      name: 'Debian GNU/Linux',
      versionCodename: 'trixie',
      prettyName: 'Debian GNU/Linux trixie/sid',
    })
    expect(await identify({ '/etc/os-release': sid, '/etc/debian_version': '13.1\n' })).toMatchObject({
      versionId: '13',
      prettyName: 'Debian GNU/Linux trixie/sid',
    })
    expect(await identify({ '/etc/os-release': 'ID=kali\nNAME=Kali', '/etc/debian_version': '13.1\n' })).toEqual({
      id: 'kali',
      idLike: [],
      name: 'Kali',
    })
    expect(await identify({ '/etc/os-release': 'NAME=Something', '/etc/debian_version': '12.5\n' })).toMatchObject({
      id: 'debian',
      versionId: '12',
    })
  })
})

describe('the relatives of os-release', () => {
  it.each<[string, string, Partial<OsRelease>]>([
    ['/etc/debian_version', '12.5\n', { id: 'debian', versionId: '12' }],
    ['/etc/debian_version', '8\n', { id: 'debian', versionId: '8' }],
    ['/etc/debian_version', 'forky/sid\n', { id: 'debian', versionCodename: 'forky' }],
    ['/etc/alpine-release', '3.18.4\n', { id: 'alpine', versionId: '3.18.4' }],
    [
      '/etc/redhat-release',
      'CentOS release 6.10 (Final)\n',
      { id: 'centos', versionId: '6.10', prettyName: 'CentOS release 6.10 (Final)' },
    ],
    ['/etc/redhat-release', 'Red Hat Enterprise Linux Server release 6.9 (Santiago)\n', { id: 'rhel', versionId: '6.9' }],
    ['/etc/system-release', 'Amazon Linux AMI release 2017.03\n', { id: 'amzn', versionId: '2017.03' }],
    [
      '/etc/lsb-release',
      'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=14.04\nDISTRIB_CODENAME=trusty\nDISTRIB_DESCRIPTION="Ubuntu 14.04.6 LTS"\n',
      { id: 'ubuntu', versionId: '14.04', versionCodename: 'trusty', prettyName: 'Ubuntu 14.04.6 LTS', pro: false },
    ],
  ])('%s: %j', async (path, text, expected) => {
    expect(await identify({ [path]: text })).toMatchObject(expected)
  })

  it('names Ubuntu by lsb-release, not by the Debian it comes from', async () => {
    const lsb = 'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\n'
    expect(await identify({ '/etc/debian_version': 'bookworm/sid\n', '/etc/lsb-release': lsb })).toMatchObject({
      id: 'ubuntu',
      versionId: '22.04',
    })
  })

  it.each([
    {},
    { '/etc/debian_version': 'rubbish' },
    { '/etc/redhat-release': 'Unknown release 5' },
    { '/etc/lsb-release': 'LSB_VERSION=1' },
  ])('%j says nothing', async (entries) => {
    expect(await identify(entries)).toBeUndefined()
  })

  it('is not asked for more than a small file', async () => {
    await expect(identify({ '/etc/os-release': 'x'.repeat(2 ** 20 + 1) })).rejects.toMatchObject({ code: 'LIMIT' })
  })
})

describe('Ubuntu Pro', () => {
  const pro = async (entries: Record<string, MemoryEntry>): Promise<boolean | undefined> =>
    (await identify({ '/etc/os-release': JAMMY, ...entries }))?.pro
  const SOURCE = 'deb https://esm.ubuntu.com/infra/ubuntu jammy-infra-security main\n'
  const LIST = '/etc/apt/sources.list.d/ubuntu-esm-infra.list'
  const SOURCES = '/etc/apt/sources.list.d/ubuntu-esm-apps.sources'
  const STATUS = '/var/lib/ubuntu-advantage/status.json'

  it.each<[string, Record<string, MemoryEntry>, boolean]>([
    ['nothing', {}, false],
    ['status.json, attached', { [STATUS]: '{"attached": true, "services": []}' }, true],
    ['status.json, not attached, over old sources', { [STATUS]: '{"attached": false}', [LIST]: SOURCE }, false],
    ['a broken status.json', { [STATUS]: '{"attached": tr', [LIST]: SOURCE }, true],
    ['a source list', { [LIST]: SOURCE }, true],
    ['a source list commented out', { [LIST]: `# ${SOURCE}` }, false],
    ['a source list apt does not read', { [`${LIST}.save`]: SOURCE }, false],
    ['deb822 sources', { [SOURCES]: 'Types: deb\nURIs: https://esm.ubuntu.com/apps/ubuntu\nSuites: jammy-apps-security\n' }, true],
    ['deb822 sources that are off', { [SOURCES]: 'Types: deb\nEnabled: no\nURIs: https://esm.ubuntu.com/apps/ubuntu\n' }, false],
    ['the credentials', { '/etc/apt/auth.conf.d/90ubuntu-advantage': 'machine esm.ubuntu.com/apps/ubuntu/ login bearer\n' }, true],
  ])('by %s', async (_, entries, expected) => {
    expect(await pro(entries)).toBe(expected)
  })

  it('is not asked of other distributions', async () => {
    expect(await identify({ '/etc/os-release': BOOKWORM, [LIST]: SOURCE })).not.toHaveProperty('pro')
  })
})
