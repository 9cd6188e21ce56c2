import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readDisk } from '../../src/disk/index.js'
import { drivers } from '../../src/fs/index.js'
import { probeContents } from '../../src/fs/probe.js'
import type { Tree } from '../../src/fs/tree.js'
import { BlockReader } from '../../src/io/block-reader.js'
import { FileSource } from '../../src/io/file-source.js'
import { SliceReader } from '../../src/io/slice-reader.js'
import { composeMachine, type LocatedFileSystem, type Machine } from '../../src/machine.js'
import { folderIn, oracleMissing, run, scratchFolder, sparseFile, withLoop } from '../support/image.js'

const missing = oracleMissing('sfdisk', 'mke2fs', 'partx')
if (missing) console.warn(`machine oracle tests skipped: ${missing}`)
const scratch = scratchFolder()
const sources: FileSource[] = []
afterAll(async () => {
  for (const source of sources) await source.close()
  scratch.remove()
})

const UUID = { root: '0b9d4c5e-6a51-4f0e-8a34-2f1f6f7a1c01', var: '0b9d4c5e-6a51-4f0e-8a34-2f1f6f7a1c02' }
const PARTUUID = '0b9d4c5e-6a51-4f0e-8a34-2f1f6f7a1c03'
const MBR_ID = 'e3ae58f7'

// Deliberately not in the order in which they can be mounted, and with every kind of source that does not depend on hardware.
const FSTAB = `# <source> <target> <type> <options>
LABEL=my\\040data\t/var/lib/my\\040data ext4 defaults,nofail 0 2
PARTUUID=${MBR_ID}-06 /var/lib ext4 defaults 0 2
UUID="${UUID.var}" /var ext4 defaults
PARTLABEL=usr /usr ext4 ro 0 2
PARTUUID=${PARTUUID} /linked/deep ext4 defaults
UUID=${UUID.root} / ext4 errors=remount-ro 0 1
LABEL=left /mnt ext4 noauto
tmpfs /tmp tmpfs size=1M
/usr/share /srv/share none bind
`

interface Part {
  readonly offset: number
  readonly sizeKiB: number
  readonly options: readonly string[]
  readonly files: Readonly<Record<string, string | { readonly symlink: string } | null>>
}

/** Put an ext4 filesystem with files into an image. */
function fill(image: string, { offset, sizeKiB, options, files }: Part, name: string): void {
  const folder = folderIn(scratch.path, `tree-${name}`)
  for (const [path, entry] of Object.entries(files)) {
    mkdirSync(join(folder, entry === null ? path : join(path, '..')), { recursive: true })
    if (entry !== null && typeof entry === 'object') run('ln', ['-s', entry.symlink, join(folder, path)])
    else if (entry !== null) writeFileSync(join(folder, path), entry)
  }
  run('mke2fs', ['-q', '-F', '-t', 'ext4', '-d', folder, '-E', `offset=${offset}`, ...options, image, `${sizeKiB}k`])
}

/** Two partitioned disks and one bare: as GPT root and usr, as MBR var (logical) and lib (logical), bare my data. */
function makeImages(): { gpt: string; mbr: string; bare: string } {
  const at = (name: string, size: string): string => {
    const path = join(scratch.path, `${name}.img`)
    sparseFile(path, size)
    return path
  }
  const [gpt, mbr, bare] = [at('gpt', '96M'), at('mbr', '96M'), at('bare', '16M')]
  run('sfdisk', ['-q', gpt], {
    input: `label: gpt
14: start=2048, size=2048, type=21686148-6449-6E6F-744E-656564454649
1: start=4096, size=65536, name=root
2: start=69632, size=32768, name=usr
3: start=102400, size=32768, uuid=${PARTUUID}
4: start=135168, size=16384\n`,
  })
  run('sfdisk', ['-q', mbr], {
    input: `label: dos\nlabel-id: 0x${MBR_ID}
1: start=2048, size=180000, type=5
5: start=4096, size=32768, type=83
6: start=40960, size=32768, type=83\n`,
  })
  const part = (offset: number, sizeMiB: number, options: string[], files: Part['files']): Part => ({
    offset,
    sizeKiB: sizeMiB * 1024,
    options,
    files,
  })
  const root = {
    '/etc/fstab': FSTAB,
    '/etc/os-release': { symlink: '../usr/lib/os-release' },
    '/usr/hidden': 'below usr',
    '/var/hidden': 'below var',
    '/linked': { symlink: 'opt' },
    '/opt/deep/hidden': 'below deep',
    '/mnt': null,
    '/tmp': null,
    '/srv/share': null,
    '/lib': { symlink: 'usr/lib' },
    '/absolute': { symlink: '/var/lib/dpkg/status' },
  }
  fill(gpt, part(4096 * 512, 32, ['-U', UUID.root, '-L', 'root'], root), 'root')
  fill(
    gpt,
    part(69632 * 512, 16, [], { '/lib/os-release': 'ID=debian\nVERSION_ID="12"\n', '/share/doc': 'd', '/up': { symlink: '../etc' } }),
    'usr',
  )
  fill(gpt, part(102400 * 512, 16, [], { '/in-deep': 'x', '/back': { symlink: '../../var/log/l' } }), 'deep')
  fill(gpt, part(135168 * 512, 8, ['-L', 'left'], { '/alone': 'x' }), 'left')
  fill(mbr, part(4096 * 512, 16, ['-U', UUID.var], { '/lib/hidden': 'below lib', '/log/l': 'log' }), 'var')
  fill(mbr, part(40960 * 512, 16, [], { '/dpkg/status': 'Package: a\n', '/my data': null }), 'lib')
  fill(bare, part(0, 16, ['-L', 'my data'], { '/d/e/f': 'deep' }), 'data')
  return { gpt, mbr, bare }
}

type Listing = Record<string, string>

/** `ino type contents` of every path, as the kernel shows a mounted tree. */
function kernelListing(root: string): Listing {
  const listing: Listing = {}
  const visit = (path: string): void => {
    const at = join(root, path)
    const stat = lstatSync(at)
    if (stat.isDirectory()) {
      listing[path] = `${stat.ino} dir`
      for (const name of readdirSync(at)) visit(join(path, name))
    } else if (stat.isSymbolicLink()) listing[path] = `${stat.ino} symlink ${readlinkSync(at)}`
    else listing[path] = `${stat.ino} file ${createHash('sha256').update(readFileSync(at)).digest('hex')}`
  }
  visit('/')
  return listing
}

async function ourListing(tree: Tree): Promise<Listing> {
  const listing: Listing = {}
  const found: { path: string; ino: number; type: string; fs: LocatedFileSystem['fs'] }[] = []
  await tree.walk(({ path, stat, fs }) => {
    found.push({ path, ino: stat.ino, type: stat.type, fs })
    return undefined
  })
  for (const { path, ino, type, fs } of found) {
    if (type === 'file') {
      const file = await fs.open(ino)
      const bytes = await file.read(0, file.size)
      listing[path] = `${ino} file ${createHash('sha256').update(bytes).digest('hex')}`
      expect(Buffer.compare(await tree.read(path), bytes)).toBe(0)
    } else listing[path] = type === 'symlink' ? `${ino} symlink ${await fs.readlink(ino)}` : `${ino} ${type}`
  }
  return listing
}

async function compose(images: readonly string[]): Promise<Machine> {
  const filesystems: LocatedFileSystem[] = []
  for (const [i, image] of images.entries()) {
    const source = await FileSource.open(image)
    sources.push(source)
    const reader = new BlockReader(source)
    for (const partition of (await readDisk(reader)).partitions) {
      const slice = new SliceReader(reader, partition.startByte, partition.sizeBytes)
      const { driver } = await probeContents(slice, drivers, partition)
      if (driver) filesystems.push({ fs: await driver.mount(slice), volume: `vol-${i + 1}`, volumeIndex: i + 1, partition })
    }
  }
  return composeMachine(filesystems)
}

describe.skipIf(missing)('a machine of three disks', () => {
  test('is the tree that mount -a makes', async () => {
    const { gpt, mbr, bare } = makeImages()
    const machine = await compose([gpt, mbr, bare])
    expect(machine.issues).toEqual([])
    expect(machine.loose.map((one) => one.id)).toEqual(['vol-1:4'])
    const [system, ...others] = machine.systems
    expect(others).toEqual([])
    expect(system!.os).toMatchObject({ id: 'debian', versionId: '12' })
    const kernel = await withLoop(gpt, (a) => withLoop(mbr, (b) => withLoop(bare, () => mountAll(a, b))))
    expect(kernel['/srv/share/doc']).toBe(kernel['/usr/share/doc'])
    delete kernel['/srv/share/doc'] // bind mounts are not given twice
    const ours = await ourListing(system!.tree)
    expect({ ...ours, '/srv/share': 'bound' }).toEqual({ ...kernel, '/srv/share': 'bound' })
    expect(Object.keys(ours).filter((path) => path.endsWith('hidden'))).toEqual([])
  })

  /** Boot-like: the root, then whatever its fstab names, in the order in which systemd sorts it. */
  function mountAll(gpt: string, mbr: string): Listing {
    const target = folderIn(scratch.path, 'mounted')
    const sorted = join(scratch.path, 'fstab')
    const lines = FSTAB.split('\n').filter((line) => /^[A-Z]/.test(line) && !line.includes(' / '))
    const place = (line: string): string => line.split(/\s+/)[1]!
    const bind = `${target}/usr/share /srv/share none bind`
    writeFileSync(sorted, [...lines.sort((x, y) => (place(x) < place(y) ? -1 : 1)), bind, ''].join('\n'))
    try {
      for (const disk of [gpt, mbr]) run('partx', ['--add', disk])
      run('mount', ['-o', 'ro', `${gpt}p1`, target])
      run('mount', ['--all', '--fstab', sorted, '--target-prefix', target, '-o', 'ro'])
      return kernelListing(target)
    } finally {
      run('umount', ['--recursive', target])
      for (const disk of [gpt, mbr]) run('partx', ['--delete', disk])
    }
  }
})
