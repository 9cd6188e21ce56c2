import { describe, expect, it } from 'vitest'
import type { CatalogTree } from '../../src/catalogers/types.js'
import { LimitError } from '../../src/errors.js'
import { Tree } from '../../src/fs/tree.js'
import { type MemoryEntry, MemoryFs } from '../support/memory-fs.js'

const tree = (entries: Record<string, MemoryEntry>): Tree => new Tree(new MemoryFs(entries))
const text = async (from: CatalogTree, path: string): Promise<string> => Buffer.from(await from.read(path)).toString()

async function walked(from: Tree, skip: readonly string[] = []): Promise<string[]> {
  const paths: string[] = []
  await from.walk((entry) => {
    paths.push(entry.path)
    return skip.includes(entry.path) ? 'skip' : undefined
  })
  return paths
}

describe('resolving paths', () => {
  const links = tree({
    '/etc/os-release': { symlink: '../usr/lib/os-release' },
    '/usr/lib/os-release': 'ID=debian',
    '/srv/absolute': { symlink: '/usr/lib' },
    '/srv/above': { symlink: '../../../../usr/lib/os-release' },
    '/srv/chain': { symlink: 'absolute/../lib/os-release' },
    '/srv/slash': { symlink: '/usr/lib/os-release/' },
    '/srv/dirslash': { symlink: '/usr/lib/' },
    '/srv/dangling': { symlink: 'nothing' },
    '/srv/empty': { symlink: '' },
    '/srv/root': { symlink: '/' },
    '/loop/a': { symlink: 'b' },
    '/loop/b': { symlink: 'a' },
  })

  it.each([
    ['/etc/os-release', '/usr/lib/os-release'],
    ['etc/os-release', '/usr/lib/os-release'],
    ['//etc/./../etc//os-release', '/usr/lib/os-release'],
    ['/../../etc/os-release', '/usr/lib/os-release'],
    ['/srv/absolute/os-release', '/usr/lib/os-release'],
    ['/srv/above', '/usr/lib/os-release'],
    ['/srv/chain', '/usr/lib/os-release'],
    ['/srv/absolute/', '/usr/lib'],
    ['/srv/dirslash', '/usr/lib'],
    ['/srv/root', '/'],
    ['/srv/root/srv/root/usr', '/usr'],
    ['/usr/lib/..', '/usr'],
    ['/srv/absolute/..', '/usr'],
    ['/', '/'],
    ['.', '/'],
  ])('%s is %s', async (path, canonical) => {
    expect((await links.resolve(path)).path).toBe(canonical)
  })

  it.each([
    ['', 'ENOENT'],
    ['/nothing', 'ENOENT'],
    ['/srv/dangling', 'ENOENT'],
    ['/srv/empty', 'ENOENT'],
    ['/usr/lib/os-release/', 'ENOTDIR'],
    ['/usr/lib/os-release/.', 'ENOTDIR'],
    ['/usr/lib/os-release/..', 'ENOTDIR'],
    ['/usr/lib/os-release/x', 'ENOTDIR'],
    ['/etc/os-release/', 'ENOTDIR'],
    ['/srv/slash', 'ENOTDIR'],
    ['/loop/a', 'ELOOP'],
    [`/${'a'.repeat(256)}`, 'ENAMETOOLONG'],
    [`/${'é'.repeat(128)}`, 'ENAMETOOLONG'],
    [`/${'a/'.repeat(2048)}`, 'ENAMETOOLONG'],
  ])('%s fails with %s', async (path, errno) => {
    await expect(links.resolve(path)).rejects.toMatchObject({ code: 'PATH', errno })
    expect(await links.stat(path)).toBeUndefined()
  })

  it('accepts the longest name and path that Linux does', async () => {
    const name = 'é'.repeat(127)
    const deep = tree({ [`/${name}`]: 'x' })
    expect((await deep.stat(`/${name}`))?.type).toBe('file')
    await expect(deep.resolve(`/${'./'.repeat(1921)}${name}`)).rejects.toThrow('ENAMETOOLONG')
    expect((await deep.resolve(`/${'./'.repeat(1920)}${name}`)).path).toBe(`/${name}`)
  })

  it('follows 40 symlinks and no more', async () => {
    const entries: Record<string, MemoryEntry> = { '/l0': 'end' }
    for (let i = 1; i <= 41; i++) entries[`/l${i}`] = { symlink: `l${i - 1}` }
    const chain = tree(entries)
    expect((await chain.stat('/l40'))?.type).toBe('file')
    await expect(chain.resolve('/l41')).rejects.toMatchObject({ errno: 'ELOOP' })
  })

  it('tells a symlink from its target', async () => {
    expect((await links.lstat('/etc/os-release'))?.type).toBe('symlink')
    expect((await links.stat('/etc/os-release'))?.type).toBe('file')
    expect((await links.lstat('/srv/absolute/'))?.type).toBe('dir')
    expect(await links.readlink('/srv/absolute')).toBe('/usr/lib')
    await expect(links.readlink('/usr')).rejects.toMatchObject({ errno: 'EINVAL' })
  })
})

describe('reading', () => {
  const files = tree({ '/a/file': 'contents', '/a/link': { symlink: 'file' }, '/a/fifo': { type: 'fifo' } })

  it('reads through symlinks, up to a bound', async () => {
    expect(await text(files, '/a/link')).toBe('contents')
    expect(Buffer.from(await files.read('/a/file', 8)).toString()).toBe('contents')
    await expect(files.read('/a/file', 7)).rejects.toThrow(LimitError)
  })

  it('opens nothing but regular files', async () => {
    await expect(files.open('/a')).rejects.toMatchObject({ errno: 'EISDIR' })
    await expect(files.open('/a/fifo')).rejects.toMatchObject({ errno: 'EINVAL' })
    await expect(files.open('/b')).rejects.toMatchObject({ errno: 'ENOENT' })
  })

  it('lists directories, and nothing where there is none', async () => {
    expect(await files.readdir('/a')).toEqual(['file', 'link', 'fifo'])
    expect(await files.readdir('/a/file')).toEqual([])
    expect(await files.readdir('/nowhere')).toEqual([])
  })
})

describe('mounts', () => {
  async function mounted(): Promise<Tree> {
    const root = tree({
      '/var/hidden': 'below the mount',
      '/etc/hosts': 'h',
      '/srv/link': { symlink: '/var/lib/dpkg/status' },
      '/data': { symlink: 'srv' },
      '/srv/data': null,
    })
    await root.mount('/var', new MemoryFs({ '/lib/x': 'from var', '/up': { symlink: '../etc/hosts' } }, { uuid: 'var' }))
    await root.mount('/var/lib', new MemoryFs({ '/dpkg/status': 'from lib' }, { uuid: 'lib' }))
    return root
  }

  it('cross into what is mounted and back', async () => {
    const root = await mounted()
    expect(await text(root, '/srv/link')).toBe('from lib')
    expect(await text(root, '/var/up')).toBe('h')
    expect((await root.resolve('/var/lib/dpkg/../../..')).path).toBe('/')
    expect(await root.stat('/var/hidden')).toBeUndefined()
    expect(await root.stat('/var/lib/x')).toBeUndefined()
    expect((await root.stat('/var'))?.ino).toBe(2)
    const place = await root.resolve('/var/lib/dpkg/status')
    expect([place.mount.fs.uuid, place.fsPath]).toEqual(['lib', '/dpkg/status'])
  })

  it('tell their canonical path', async () => {
    const root = await mounted()
    expect(await root.mount('/data/data', new MemoryFs({}))).toBe('/srv/data')
    await expect(root.mount('/etc/hosts', new MemoryFs({}))).rejects.toMatchObject({ errno: 'ENOTDIR' })
    await expect(root.mount('/etc/nothing', new MemoryFs({}))).rejects.toMatchObject({ errno: 'ENOENT' })
  })

  it('are walked as one tree, without what they hide', async () => {
    const root = await mounted()
    expect(await walked(root)).toEqual([
      '/',
      '/etc',
      '/etc/hosts',
      '/srv',
      '/srv/link',
      '/srv/data',
      '/data',
      '/var',
      '/var/up',
      '/var/lib',
      '/var/lib/dpkg',
      '/var/lib/dpkg/status',
    ])
  })

  it('give entries that open by inode', async () => {
    const root = await mounted()
    const found: unknown[] = []
    await root.walk((entry) => {
      if (entry.name === 'status' || entry.path === '/var') {
        found.push([entry.path, entry.name, entry.fsPath, entry.fs.uuid, entry.stat.ino])
      }
      return undefined
    })
    expect(found).toEqual([
      ['/var', 'var', '/', 'var', 2],
      ['/var/lib/dpkg/status', 'status', '/dpkg/status', 'lib', expect.any(Number)],
    ])
  })

  it('are skipped with the directory above them', async () => {
    expect(await walked(await mounted(), ['/var'])).not.toContain('/var/lib')
    expect(await walked(await mounted(), ['/'])).toEqual(['/'])
    expect(await walked(await mounted(), ['/va'])).toContain('/var/lib')
  })

  it('hide one another when stacked', async () => {
    const root = tree({ '/mnt': null })
    await root.mount('/mnt', new MemoryFs({ '/below': '1', '/sub': null }))
    await root.mount('/mnt/sub', new MemoryFs({ '/deep': '2' }))
    await root.mount('/mnt', new MemoryFs({ '/above': '3' }))
    expect(await walked(root)).toEqual(['/', '/mnt', '/mnt/above'])
    expect(await root.readdir('/mnt')).toEqual(['above'])
  })

  it('allow the same filesystem twice, even in itself', async () => {
    const fs = new MemoryFs({ '/a': null })
    const root = new Tree(fs)
    await root.mount('/a', fs)
    expect(await walked(root)).toEqual(['/', '/a', '/a/a'])
    expect((await root.resolve('/a/a/..')).path).toBe('/a')
  })

  it('are walked even where the way to them is damaged', async () => {
    const fs = new MemoryFs({ '/broken/mnt': null })
    const root = new Tree(fs)
    await root.mount('/broken/mnt', new MemoryFs({ '/file': 'x' }))
    const walk = fs.walk.bind(fs)
    fs.walk = (visit) => walk((entry) => visit(entry) ?? (entry.path === '/broken' ? 'skip' : undefined))
    expect(await walked(root)).toEqual(['/', '/broken', '/broken/mnt', '/broken/mnt/file'])
  })
})

describe('a filesystem that cannot be walked to its end', () => {
  it('costs only itself', async () => {
    const broken = new MemoryFs({ '/mnt': null })
    const root = new Tree(broken)
    await root.mount('/mnt', new MemoryFs({ '/file': 'x' }))
    broken.walk = async () => Promise.reject(new LimitError('entries', 1))
    const paths: string[] = []
    const walk = root.walk((entry) => {
      paths.push(entry.path)
      return undefined
    })
    await expect(walk).rejects.toThrow('entries: more than 1')
    expect(paths).toEqual(['/mnt', '/mnt/file'])
  })

  it('is left at once when the caller gives up', async () => {
    const root = tree({ '/a': null })
    await root.mount('/a', new MemoryFs({ '/file': 'x' }))
    const reason = new Error('enough')
    await expect(root.walk(() => undefined, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

describe('a chroot', () => {
  it('resolves from its own root and never leaves it', async () => {
    const root = tree({
      '/etc/os-release': 'outer',
      '/srv/jail/etc/os-release': { symlink: '/usr/lib/os-release' },
      '/srv/jail/usr/lib/os-release': 'inner',
      '/srv/jail/up': { symlink: '../../etc/os-release' },
      '/srv/jail/data': null,
    })
    await root.mount('/srv/jail/data', new MemoryFs({ '/x': 'mounted' }))
    const jail = await root.chroot('/srv/jail')
    expect(await text(jail, '/etc/os-release')).toBe('inner')
    expect(await text(jail, '/up')).toBe('inner')
    expect(await text(jail, '/data/x')).toBe('mounted')
    expect((await jail.resolve('/etc')).fsPath).toBe('/srv/jail/etc')
    expect((await jail.resolve('/data/x')).fsPath).toBe('/x')
    await expect(root.chroot('/etc/os-release')).rejects.toMatchObject({ errno: 'ENOTDIR' })
  })
})
