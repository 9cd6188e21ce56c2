import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { composeMachine, type LocatedFileSystem } from '../src/machine.js'
import { describeSystems } from '../src/systems.js'
import { type MemoryEntry, MemoryFs } from './support/memory-fs.js'

const NOW = new Date('2026-11-23T12:00:00Z')
const BOOT = '0a4f7a3e-6c5d-4f0e-9b61-3f1f8a6d2c11'

function at(index: number, entries: Record<string, MemoryEntry>, uuid?: string): LocatedFileSystem {
  const partition = { index, scheme: 'gpt', startByte: index * 2 ** 20, sizeBytes: 2 ** 20 } as const
  return { fs: new MemoryFs(entries, uuid === undefined ? {} : { uuid }), volume: 'vol-a', volumeIndex: 1, partition }
}

const debian = (version: string, more: Record<string, MemoryEntry> = {}): Record<string, MemoryEntry> => ({
  '/etc/os-release': `ID=debian\nNAME="Debian GNU/Linux"\nVERSION_ID="${version}"\n`,
  '/etc/fstab': `UUID=${BOOT} /boot ext4 defaults 0 2\n`,
  '/boot': null,
  ...more,
})

describe('describeSystems', () => {
  it('tells the life of the release and the kernel that is started from a /boot of its own', async () => {
    const config = readFileSync('fixtures/boot/debian-12.cfg', 'utf8').replaceAll('/boot/vmlinuz', '/vmlinuz')
    const boot = at(2, { '/grub/grub.cfg': config, '/vmlinuz-6.1.0-26-cloud-amd64': 'kernel' }, BOOT)
    const { systems, issues } = await describeSystems(await composeMachine([at(1, debian('12')), boot]), NOW)
    expect(issues).toEqual([])
    expect(systems).toMatchObject([
      {
        id: '/',
        root: { volume: 'vol-a', partition: 1 },
        lifecycle: { state: 'supported', endOfLife: '2028-06-30' },
        bootKernel: { release: '6.1.0-26-cloud-amd64', path: '/boot/vmlinuz-6.1.0-26-cloud-amd64' },
      },
    ])
  })

  it('says nothing where nothing is known', async () => {
    const { systems, issues } = await describeSystems(await composeMachine([at(1, debian('99'))]), NOW)
    expect(issues).toEqual([])
    expect(systems[0]).not.toHaveProperty('lifecycle')
    expect(systems[0]).not.toHaveProperty('bootKernel')
  })

  it('loses only the kernel to a configuration that cannot be understood, and says so', async () => {
    const broken = { '/etc/fstab': '', '/boot/grub/grub.cfg': 'menuentry x {\n' }
    const { systems, issues } = await describeSystems(await composeMachine([at(1, debian('10', broken))]), NOW)
    expect(systems).toMatchObject([{ lifecycle: { state: 'discontinued', endOfLife: '2024-06-30', severity: 'critical' } }])
    expect(systems[0]).not.toHaveProperty('bootKernel')
    expect(issues).toMatchObject([
      {
        stage: 'machine',
        code: 'PARSE',
        message: expect.stringMatching(/^the kernel that the boot loader starts: .*a block stays open/),
        where: { volume: 'vol-a', partition: 1 },
        incomplete: false,
      },
    ])
  })
})
