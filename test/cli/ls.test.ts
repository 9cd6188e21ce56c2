import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeName } from '../../src/fs/name.js'
import { compareEntries } from '../support/compare.js'
import type { Entry } from '../support/entry.js'
import { loadExtFixture } from '../support/ext-fixture.js'
import { Images, run } from './run.js'

const images = new Images()
let root: string
let data: string

beforeAll(async () => {
  root = await images.unpack('snapshots/demo/root', 'root.img')
  data = await images.unpack('snapshots/demo/var', 'var.img')
})
afterAll(() => images.remove())

function entryOf(line: Record<string, unknown>): Entry {
  const { path_b64, target_b64, mtime_ns, ...rest } = line
  const bytes = (base64: unknown): string => decodeName(Buffer.from(String(base64), 'base64'))
  return {
    ...rest,
    mtimeNs: mtime_ns,
    ...(path_b64 === undefined ? {} : { path: bytes(path_b64) }),
    ...(target_b64 === undefined ? {} : { target: bytes(target_b64) }),
  } as unknown as Entry
}

describe('snapsight ls --json', () => {
  it.each(['ext2-names', 'ext2-no-filetype', 'ext4-default', 'ext4-inline'])('of %s is what the kernel shows', async (name) => {
    const image = await images.unpack(`snapshots/ext/${name}`)
    const { truth, compare } = await loadExtFixture(name)
    const { status, lines, stderr } = await run(['ls', image, '--json', '--sha256'])
    expect(compareEntries(truth, lines.map(entryOf), compare)).toEqual([])
    expect([status, stderr]).toEqual([0, ''])
  })

  it('names bytes that are not UTF-8 twice: to be read, and as they are', async () => {
    const image = await images.unpack('snapshots/ext/ext2-names')
    const { lines } = await run(['ls', image, '--json'])
    const odd = lines.filter((line) => line.path_b64 !== undefined)
    expect(odd.length).toBeGreaterThan(0)
    for (const { path, path_b64 } of odd) {
      expect(path).toContain('\ufffd')
      expect(Buffer.from(String(path_b64), 'base64').toString('utf8')).toBe(path)
    }
  })

  it('has the fields of each type, and hashes only when asked', async () => {
    const { lines } = await run(['ls', root, '--json'])
    const byPath = new Map(lines.map((line) => [line.path, line]))
    expect(byPath.get('/')).toEqual({
      path: '/',
      type: 'dir',
      size: 4096,
      mode: 0o755,
      uid: 0,
      gid: 0,
      nlink: expect.any(Number),
      ino: 2,
      mtime: expect.any(Number),
      mtime_ns: expect.any(Number),
    })
    expect(byPath.get('/bin')).toMatchObject({ type: 'symlink', target: 'usr/bin', size: 7 })
    expect(byPath.get('/dev/null')).toMatchObject({ type: 'char', rdev: '1:3' })
    expect(byPath.get('/etc/passwd')).not.toHaveProperty('sha256')
  })

  it('lists a machine as one tree, what fstab mounts in its place', async () => {
    const { status, lines } = await run(['ls', root, data, '--json'])
    const paths = lines.map((line) => line.path)
    expect(status).toBe(0)
    expect(paths).toEqual(expect.arrayContaining(['/etc/os-release', '/var', '/var/lib/dpkg/status']))
    expect(new Set(paths).size).toBe(paths.length)
  })

  it('lists what nothing mounts under its volume', async () => {
    const stray = await images.unpack('snapshots/ext/ext4-default', 'stray.img')
    const { lines } = await run(['ls', root, stray, data, '--json'])
    const paths = new Set(lines.map((line) => line.path))
    const alone = await run(['ls', stray, '--json'])
    for (const { path } of alone.lines) expect(paths).toContain(path === '/' ? '/stray.img' : `/stray.img${path}`)
    expect(paths).toContain('/var/lib/dpkg/status')
  })

  it('tells volumes apart whose files have the same name, or are the same', async () => {
    const { lines } = await run(['ls', root, data, data, '--json'])
    const paths = lines.map((line) => line.path)
    expect(new Set(paths).size).toBe(paths.length)
    expect(paths).toEqual(expect.arrayContaining(['/var/lib/dpkg/status', '/var.img#3/lib/dpkg/status']))
  })

  it.each([
    ['1', '/etc/os-release', '/var/lib'],
    ['1:1', '/etc/os-release', '/var/lib'],
    ['2:1', '/lib/dpkg/status', '/etc'],
    ['7e1f0c9a-3c44-4b7e-9d55-8a0b2d6e4c02', '/lib/dpkg/status', '/etc'],
    ['7E1F0C9A-3C44-4B7E-9D55-8A0B2D6E4C02', '/lib/dpkg/status', '/etc'],
  ])('takes filesystem %s alone, from its own root', async (which, has, hasNot) => {
    const { status, lines } = await run(['ls', root, data, '--json', '--filesystem', which])
    const paths = lines.map((line) => line.path)
    expect(status).toBe(0)
    expect(paths).toEqual(expect.arrayContaining(['/', has]))
    expect(paths).not.toContain(hasNot)
  })

  it.each([
    ['3', 'root.img has no partition 3'],
    ['14', 'root.img partition 14: holds boot code'],
    ['9:1', 'there is no volume 9'],
    ['vg/root', 'vg/root: logical volumes are not read'],
    ['0000', 'root.img has no partition 0000'],
    ['12345678-9abc', 'no filesystem has the UUID 12345678-9abc'],
  ])('refuses filesystem %s', async (which, why) => {
    const { status, lines } = await run(['ls', root, '--json', '--filesystem', which])
    expect([status, lines]).toEqual([1, [{ refused: why }]])
  })
})

describe('a refusal', () => {
  it.each(['btrfs', 'ntfs', 'luks1', 'luks2'])('is one line and status 1: %s', async (name) => {
    const image = await images.unpack(`contents/${name}`)
    const { status, lines } = await run(['ls', image, '--json', '--sha256'])
    expect(lines).toEqual([{ refused: expect.stringMatching(new RegExp(`^contents-${name}\\.img: .+`)) }])
    expect(status).toBe(1)
  })

  it.each(['swap', 'swap-64k'])('is also the answer where nothing holds files: %s', async (name) => {
    const { status, lines } = await run(['ls', await images.unpack(`contents/${name}`), '--json'])
    expect([status, lines]).toEqual([1, [{ refused: 'no filesystem was found' }]])
  })

  it.each<[string, number, Buffer]>([
    ['empty file', 0, Buffer.alloc(0)],
    ['one byte', 1, Buffer.from('x')],
    ['blank disk', 4 << 20, Buffer.alloc(0)],
    ['garbage', 1 << 20, Buffer.alloc(1 << 20, 'garbage in, ')],
  ])('is the answer to a disk of nothing: %s', async (name, size, bytes) => {
    const image = join(images.folder, name)
    writeFileSync(image, bytes)
    truncateSync(image, size)
    const { status, lines } = await run(['ls', image, '--json'])
    expect([status, lines]).toEqual([1, [{ refused: expect.stringMatching(new RegExp(`^${name}: .+`)) }]])
  })

  it('does not keep the rest from being listed', async () => {
    const { status, lines } = await run(['ls', root, await images.unpack('contents/btrfs', 'x.img'), '--json'])
    expect(status).toBe(1)
    expect(lines.filter((line) => 'refused' in line)).toHaveLength(1)
    expect(lines.map((line) => line.path)).toContain('/etc/os-release')
  })

  it('is told once to a person', async () => {
    const { status, text, stderr } = await run(['ls', await images.unpack('contents/btrfs', 'x.img')])
    expect([status, text]).toEqual([1, ''])
    expect(stderr).toMatch(/^snapsight: x\.img: [^\n]*btrfs[^\n]*\n$/)
  })
})

describe('snapsight ls', () => {
  it('lists as ls -l does', async () => {
    const { text } = await run(['ls', root])
    expect(text).toMatch(/^lrwxrwxrwx {3}1 {5}0 {5}0 {12}7 \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \/bin -> usr\/bin$/m)
    expect(text).toMatch(/^crw-rw-rw- .* 1:3 .* \/dev\/null$/m)
    expect(text).toMatch(/^drwxrwxrwt .* \/tmp$/m)
    expect(text).toMatch(/^-rw-r----- +1 +0 +42 .* \/etc\/shadow$/m)
  })

  it('puts hashes in front', async () => {
    const { text } = await run(['ls', root, '--sha256'])
    expect(text).toMatch(/^[0-9a-f]{64} -rw-r--r-- .* \/etc\/passwd$/m)
    expect(text).toMatch(/^- {64}drwxr-xr-x .* \/etc$/m)
  })

  it('says so where a file cannot be read, lists the rest, and ends with 3', async () => {
    const image = await images.unpack('snapshots/ext/ext4-default', 'cut.img')
    const whole = await run(['ls', image, '--json', '--sha256'])
    truncateSync(image, 9 << 20)
    const { status, lines, stderr } = await run(['ls', image, '--json', '--sha256'])
    expect(status).toBe(3)
    expect(stderr).toContain('snapsight: cut.img')
    const hashes = new Map(whole.lines.map((line) => [line.path, line.sha256]))
    const unread = lines.filter((line) => line.error !== undefined)
    expect(unread.length).toBeGreaterThan(0)
    for (const { path, type, sha256, error } of lines) {
      if (type === 'file' && error === undefined) expect(sha256).toBe(hashes.get(path))
    }
  })
})
