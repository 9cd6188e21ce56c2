import { describe, expect, it } from 'vitest'
import type { Partition } from '../src/disk/types.js'
import { composeMachine, type LocatedFileSystem, type Machine } from '../src/machine.js'
import { type MemoryEntry, MemoryFs, type MemoryFsOptions } from './support/memory-fs.js'

const OS = 'ID=debian\nVERSION_ID="12"\n'

interface Where extends MemoryFsOptions {
  readonly device?: string
  readonly partuuid?: string
  readonly name?: string
}

/** A filesystem at `vol-a:1` (volumes count from `a`), or `vol-b` without a table. */
function at(id: string, entries: Record<string, MemoryEntry>, { device, partuuid, name, ...options }: Where = {}): LocatedFileSystem {
  const [volume, index] = id.split(':') as [string, string?]
  const partition: Partition = {
    ...(index ? { index: Number(index) } : {}),
    scheme: index ? 'gpt' : 'none',
    ...(partuuid ? { uuid: partuuid } : {}),
    ...(name ? { name } : {}),
    startByte: Number(index ?? 0) * 2 ** 20,
    sizeBytes: 2 ** 20,
  }
  const volumeIndex = volume.charCodeAt(volume.length - 1) - 96
  return { fs: new MemoryFs(entries, options), volume, volumeIndex, ...(device ? { device } : {}), partition }
}

const root = (fstab: string, more: Record<string, MemoryEntry> = {}, where: Where = {}): LocatedFileSystem =>
  at('vol-a:1', { '/etc/os-release': OS, '/etc/fstab': fstab, '/data': null, '/srv/x': null, '/var/lib/hidden': 'h', ...more }, where)

/** `path volume:partition` for each mount of each system, then the loose ones. */
function summary({ systems, loose }: Machine): unknown {
  return {
    systems: Object.fromEntries(
      systems.map((system) => [
        system.id,
        system.mounts.map((mount) => `${mount.path} ${mount.volume}${mount.partition === undefined ? '' : `:${mount.partition}`}`),
      ]),
    ),
    loose: loose.map((one) => one.id),
  }
}

const issuesOf = (machine: Machine): unknown => machine.issues.map(({ code, message, incomplete }) => [code, message, incomplete])

describe('sources of fstab', () => {
  const uuid = '1b4e28ba-2fa1-11d2-883f-0016d3cca427'

  it.each([
    [`UUID=${uuid}`, { uuid }],
    [`UUID="${uuid.toUpperCase()}"`, { uuid }],
    [`/dev/disk/by-uuid/${uuid}`, { uuid }],
    ['LABEL=my\\040data', { label: 'my data' }],
    ["LABEL='data'", { label: 'data' }],
    ['/dev/disk/by-label/my\\x20data', { label: 'my data' }],
    ['PARTUUID=6F8A2B1C-01', { partuuid: '6f8a2b1c-01' }],
    ['/dev/disk/by-partuuid/6f8a2b1c-01', { partuuid: '6f8a2b1c-01' }],
    ['PARTLABEL=data', { name: 'data' }],
    ['/dev/disk/by-partlabel/data', { name: 'data' }],
  ])('%s', async (source, where) => {
    const other = at('vol-b:2', {}, { uuid: 'aaaaaaaa-2fa1-11d2-883f-0016d3cca427', label: 'other', partuuid: 'x', name: 'y' })
    const machine = await composeMachine([root(`${source} /data ext4`), other, at('vol-b:3', {}, where)])
    expect(summary(machine)).toEqual({ systems: { '/': ['/ vol-a:1', '/data vol-b:3'] }, loose: ['vol-b:2'] })
    expect(machine.issues).toEqual([])
  })

  const ec2 = [
    at('vol-0b', {}, { device: '/dev/sdf' }),
    at('vol-0c:1', {}, { device: '/dev/xvdg' }),
    at('vol-0d', {}, { device: '/dev/sdh1' }),
  ]

  it.each([
    ['/dev/sdf', 'vol-0b'],
    ['/dev/xvdf', 'vol-0b'],
    ['/dev/sdg1', 'vol-0c:1'],
    ['/dev/xvdg1', 'vol-0c:1'],
    ['/dev/xvdh1', 'vol-0d'],
    ['/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0b', 'vol-0b'],
    ['/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0c-part1', 'vol-0c:1'],
    ['/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0c_1-part1', 'vol-0c:1'],
    ['/dev/disk/by-id/nvme-nvme.1d0f-766f6c3063-416d617a6f6e-00000001-part1', 'vol-0c:1'],
    ['/dev/disk/by-ebs-volumeid/vol-0b', 'vol-0b'],
  ])('%s by the names of the attachments', async (source, expected) => {
    const machine = await composeMachine([root(`${source} /data ext4`, {}, { device: '/dev/xvda' }), ...ec2])
    expect(summary(machine)).toMatchObject({ systems: { '/': ['/ vol-a:1', `/data ${expected}`] } })
    expect(machine.issues).toEqual([])
  })

  it.each(['/dev/sdg', '/dev/xvdf1', '/dev/xvdz', '/dev/sdg2'])('%s names nothing that is there', async (source) => {
    const machine = await composeMachine([root(`${source} /data ext4`, {}, { device: '/dev/xvda' }), ...ec2])
    expect(issuesOf(machine)).toEqual([['PATH', `line 1: "${source}" for "/data": no filesystem that was read is it`, true]])
  })

  it('counts NVMe devices in the order of attachment, and says so where that is a guess', async () => {
    const one = await composeMachine([root('/dev/nvme1n1p1 /data ext4'), at('vol-b:1', {})])
    expect(summary(one)).toEqual({ systems: { '/': ['/ vol-a:1', '/data vol-b:1'] }, loose: [] })
    expect(one.issues).toEqual([])
    const two = await composeMachine([root('/dev/nvme2n1 /data ext4'), at('vol-b', {}), at('vol-c', {})])
    expect(summary(two)).toEqual({ systems: { '/': ['/ vol-a:1', '/data vol-c'] }, loose: ['vol-b'] })
    expect(issuesOf(two)).toEqual([
      ['CONFIG', 'line 1: "/dev/nvme2n1" was taken to be vol-c: volumes taken in their order of attachment', false],
    ])
  })

  it('counts image files by their letters', async () => {
    const machine = await composeMachine([root('/dev/sdb2 /data ext4\n/dev/xvda3 /srv/x ext4'), at('vol-a:3', {}), at('vol-b:2', {})])
    expect(summary(machine)).toEqual({ systems: { '/': ['/ vol-a:1', '/data vol-b:2', '/srv/x vol-a:3'] }, loose: [] })
    expect(machine.issues).toEqual([])
  })

  it('counts image files from f where their letters lead beyond the last one, as a guess', async () => {
    const machine = await composeMachine([root('/dev/xvdg /srv/x ext4\n/dev/sde /data ext4'), at('vol-b', {}), at('vol-c', {})])
    expect(summary(machine)).toEqual({ systems: { '/': ['/ vol-a:1', '/srv/x vol-c'] }, loose: ['vol-b'] })
    expect(issuesOf(machine)).toEqual([
      ['PATH', 'line 2: "/dev/sde" for "/data": no filesystem that was read is it', true],
      ['CONFIG', 'line 1: "/dev/xvdg" was taken to be vol-c: volumes taken in their order of attachment', false],
    ])
  })

  it.each([
    ['/dev/mapper/vg-data', 'logical volumes are not read'],
    ['/dev/vg/data', 'logical volumes are not read'],
    ['/dev/md0', 'mdraid is not read'],
    ['/dev/sdz', 'no filesystem that was read is it'],
    ['/dev/disk/by-path/pci-0000:00:1f.0-nvme-1', 'by-path links depend on the hardware and cannot be followed'],
    ['UUID=00000000-1111-2222-3333-444444444444', 'no filesystem that was read is it'],
  ])('%s is told as unread', async (source, why) => {
    const machine = await composeMachine([root(`${source} /data xfs defaults`)])
    expect(issuesOf(machine)).toEqual([['PATH', `line 1: "${source}" for "/data": ${why}`, true]])
    const optional = await composeMachine([root(`${source} /data xfs defaults,nofail`)])
    expect(optional.issues.map((issue) => issue.incomplete)).toEqual([false])
  })

  it('tells of a filesystem inside a file', async () => {
    const machine = await composeMachine([root('/srv/disk.img /data squashfs loop')])
    expect(issuesOf(machine)).toEqual([['PATH', 'line 1: "/srv/disk.img" for "/data": a filesystem inside a file is not read', true]])
  })

  it('ignores what is no volume of the machine', async () => {
    const fstab = [
      'proc /proc proc defaults 0 0',
      'tmpfs /tmp tmpfs size=1G',
      'UUID=1 none swap sw',
      '/swapfile none swap sw',
      'fs-1.efs.eu-central-1.amazonaws.com:/ /data nfs4 _netdev',
      '//host/share /data cifs',
      'overlay /srv/x overlay lowerdir=/a,upperdir=/b',
      'UUID=1234-ABCD /boot/efi vfat umask=0077 0 1',
      'LABEL=UEFI /efi auto umask=0077 0 1',
      '/dev/sr0 /media/cdrom0 udf,iso9660 user,noauto 0 0',
      'LABEL=root / ext4 defaults 0 1',
    ]
    const machine = await composeMachine([root(fstab.join('\n'))])
    expect(summary(machine)).toEqual({ systems: { '/': ['/ vol-a:1'] }, loose: [] })
    expect(machine.issues).toEqual([])
  })
})

describe('mounting', () => {
  it('puts parents before children, whatever the order of the lines', async () => {
    const machine = await composeMachine([
      root('LABEL=lib /var/lib ext4\nLABEL=var /var ext4'),
      at('vol-b:1', { '/dpkg/status': 's' }, { label: 'lib' }),
      at('vol-b:2', { '/lib/old': 'o' }, { label: 'var' }),
    ])
    const [system] = machine.systems
    expect(system!.mounts.map((mount) => mount.path)).toEqual(['/', '/var', '/var/lib'])
    expect(await system!.tree.readdir('/var/lib')).toEqual(['dpkg'])
    expect(machine.issues).toEqual([])
  })

  it('lets the last entry for a place win, and offers the hidden one by itself', async () => {
    const machine = await composeMachine([
      root('LABEL=one /data ext4\nLABEL=two /data/ ext4'),
      at('vol-b', { '/1': '' }, { label: 'one' }),
      at('vol-c', { '/2': '' }, { label: 'two' }),
    ])
    expect(summary(machine)).toEqual({ systems: { '/': ['/ vol-a:1', '/data vol-c'] }, loose: ['vol-b'] })
    expect(await machine.systems[0]!.tree.readdir('/data')).toEqual(['2'])
    expect(issuesOf(machine)).toEqual([['PATH', 'line 2: vol-c hides vol-b at "/data"', false]])
  })

  it('offers by itself what a mount through a symlink hides, and all that was mounted in it', async () => {
    const machine = await composeMachine([
      root('LABEL=one /a ext4\nLABEL=sub /a/sub ext4\nLABEL=two /b ext4\nLABEL=top /self ext4', {
        '/a': { symlink: 'b' },
        '/b': null,
        '/self': { symlink: '/' },
      }),
      at('vol-b', { '/sub': null }, { label: 'one' }),
      at('vol-c', {}, { label: 'sub' }),
      at('vol-d', {}, { label: 'two' }),
      at('vol-e', {}, { label: 'top' }),
    ])
    expect(summary(machine)).toEqual({ systems: { '/': ['/ vol-a:1', '/b vol-d'] }, loose: ['vol-b', 'vol-c', 'vol-e'] })
    expect(issuesOf(machine)).toEqual([
      ['PATH', 'line 3: vol-d hides vol-b at "/b"', false],
      ['PATH', 'line 3: vol-d hides vol-c at "/b/sub"', false],
      ['PATH', 'line 4: vol-e would hide the whole tree', false],
    ])
  })

  it('resolves mount points inside the tree', async () => {
    const machine = await composeMachine([
      root('LABEL=d /outside/d ext4', { '/outside': { symlink: '/../../srv' }, '/srv/d': null }),
      at('vol-b', {}, { label: 'd' }),
    ])
    expect(summary(machine)).toEqual({ systems: { '/': ['/ vol-a:1', '/srv/d vol-b'] }, loose: [] })
  })

  it('scans a filesystem whose mount point is missing by itself', async () => {
    const machine = await composeMachine([root('LABEL=d /missing ext4'), at('vol-b', {}, { label: 'd' })])
    expect(summary(machine)).toEqual({ systems: { '/': ['/ vol-a:1'] }, loose: ['vol-b'] })
    expect(issuesOf(machine)).toEqual([['PATH', 'line 1: vol-b cannot be mounted: ENOENT: "/missing"', false]])
  })

  it('leaves what booting leaves', async () => {
    const machine = await composeMachine([
      root('LABEL=d /data ext4 noauto\nLABEL=e /srv/x ext4 noauto,x-systemd.automount'),
      at('vol-b', {}, { label: 'd' }),
      at('vol-c', {}, { label: 'e' }),
    ])
    expect(summary(machine)).toEqual({ systems: { '/': ['/ vol-a:1', '/srv/x vol-c'] }, loose: ['vol-b'] })
  })

  it('records bind mounts and second mounts without giving their files twice', async () => {
    const machine = await composeMachine([
      root('LABEL=d /data ext4\n/data/opt /opt none bind\nLABEL=d /srv/x ext4', { '/opt': null }),
      at('vol-b', { '/opt/app': 'a' }, { label: 'd' }),
    ])
    expect(summary(machine)).toEqual({ systems: { '/': ['/ vol-a:1', '/data vol-b', '/srv/x vol-b', '/opt vol-b'] }, loose: [] })
    const paths: string[] = []
    await machine.systems[0]!.tree.walk((entry) => {
      if (entry.name === 'app') paths.push(entry.path)
      return undefined
    })
    expect(paths).toEqual(['/data/opt/app'])
  })

  it('prefers the volume of the root where a UUID is there twice', async () => {
    const copy = { uuid: '1b4e28ba-2fa1-11d2-883f-0016d3cca427' }
    const machine = await composeMachine([root(`UUID=${copy.uuid} /data ext4`), at('vol-a:2', {}, copy), at('vol-b:2', {}, copy)])
    expect(summary(machine)).toEqual({ systems: { '/': ['/ vol-a:1', '/data vol-a:2'] }, loose: ['vol-b:2'] })
    expect(issuesOf(machine)).toEqual([['CONFIG', `line 1: "UUID=${copy.uuid}" is each of vol-a:2, vol-b:2; vol-a:2 was taken`, false]])
  })

  it('tells of lines that are no entries, and goes on', async () => {
    const machine = await composeMachine([root('rubbish\nLABEL=d /data ext4'), at('vol-b', {}, { label: 'd' })])
    expect(summary(machine)).toEqual({ systems: { '/': ['/ vol-a:1', '/data vol-b'] }, loose: [] })
    expect(issuesOf(machine)).toEqual([['PARSE', 'line 1: fstab entry with less than three fields', false]])
    expect(machine.issues[0]!.where).toMatchObject({ volume: 'vol-a', partition: 1, path: '/etc/fstab' })
  })
})

describe('systems', () => {
  it('are found by os-release, also where that lies on a separate /usr', async () => {
    const machine = await composeMachine([
      at('vol-a:2', {
        '/etc/os-release': { symlink: '../usr/lib/os-release' },
        '/etc/fstab': 'LABEL=usr /usr ext4',
        '/usr': null,
      }),
      at('vol-a:3', { '/lib/os-release': OS }, { label: 'usr' }),
    ])
    expect(summary(machine)).toEqual({ systems: { '/': ['/ vol-a:2', '/usr vol-a:3'] }, loose: [] })
    expect(machine.systems[0]!.os).toMatchObject({ id: 'debian', versionId: '12' })
  })

  it('are found by weaker signs, and say that they are unknown', async () => {
    const machine = await composeMachine([at('vol-a', { '/etc/fstab': '', '/etc/passwd': 'root:x:0:0::/root:/bin/sh' })])
    expect(summary(machine)).toEqual({ systems: { '/': ['/ vol-a'] }, loose: [] })
    expect(machine.systems[0]!.os).toEqual({ id: 'linux', idLike: [], name: 'Linux' })
  })

  it('are each reported, the one on the first volume as /', async () => {
    const system = { '/etc/os-release': OS, '/etc/fstab': 'LABEL=shared /mnt ext4\nLABEL=home /home ext4', '/mnt': null, '/home': null }
    const machine = await composeMachine([
      at('vol-c:2', system),
      at('vol-b', {}, { label: 'shared' }),
      at('vol-c:3', {}, { label: 'home' }),
      at('vol-a:4', {}, { label: 'home' }),
      at('vol-a:1', system),
      at('vol-a:9', { '/files': '' }),
    ])
    expect(summary(machine)).toEqual({
      systems: {
        '/': ['/ vol-a:1', '/home vol-a:4', '/mnt vol-b'],
        'vol-c:2': ['/ vol-c:2', '/home vol-c:3', '/mnt vol-b'],
      },
      loose: ['vol-a:9'],
    })
  })

  it('that an earlier one mounts are part of it', async () => {
    const machine = await composeMachine([root('LABEL=old /data ext4'), at('vol-b:1', { '/etc/os-release': OS }, { label: 'old' })])
    expect(summary(machine)).toEqual({ systems: { '/': ['/ vol-a:1', '/data vol-b:1'] }, loose: [] })
  })

  it('may be none', async () => {
    const machine = await composeMachine([at('vol-a:1', { '/file': '' }), at('vol-b', {})])
    expect(summary(machine)).toEqual({ systems: {}, loose: ['vol-a:1', 'vol-b'] })
    expect(await composeMachine([])).toEqual({ systems: [], loose: [], issues: [] })
  })

  it('cost only themselves where they are damaged', async () => {
    const broken = at('vol-a:1', { '/etc/os-release': OS })
    const { CorruptError } = await import('../src/errors.js')
    broken.fs.lookup = async () => Promise.reject(new CorruptError('ext4_dir_entry', 'rec_len is 0'))
    const machine = await composeMachine([broken, at('vol-b', { '/etc/os-release': OS })])
    expect(summary(machine)).toEqual({ systems: { '/': ['/ vol-b'] }, loose: ['vol-a:1'] })
    expect(issuesOf(machine)).toEqual([['CORRUPT', 'ext4_dir_entry: rec_len is 0', true]])
  })
})
