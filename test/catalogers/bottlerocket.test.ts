import { describe, expect, it } from 'vitest'
import { bottlerocket } from '../../src/catalogers/bottlerocket.js'
import { takeInventory } from '../../src/catalogers/inventory.js'
import { Tree } from '../../src/fs/tree.js'
import { identifyOs } from '../../src/os/index.js'
import { MemoryFs } from '../support/memory-fs.js'

const ROOT = '/x86_64-bottlerocket-linux-gnu/sys-root'
const OS_RELEASE =
  'NAME=Bottlerocket\nID=bottlerocket\nVERSION_ID=1.19.2\nVARIANT_ID=aws-k8s-1.29\nPRETTY_NAME="Bottlerocket OS 1.19.2 (aws-k8s-1.29)"\n'
const RECORD = {
  Name: 'kernel-6.1',
  Publisher: 'Bottlerocket',
  Version: '6.1.77',
  Release: '1.1708900000.29cc92cc.br1',
  Epoch: '0',
  InstalledTime: '2024-02-26T21:46:40Z',
  ApplicationType: 'Unspecified',
  Architecture: 'x86_64',
  Url: 'https://www.kernel.org/',
  Summary: 'The Linux kernel',
}

async function catalog(inventory: unknown) {
  const text = typeof inventory === 'string' ? inventory : JSON.stringify(inventory)
  const files = { [`${ROOT}/usr/lib/os-release`]: OS_RELEASE, [`${ROOT}/usr/share/bottlerocket/application-inventory.json`]: text }
  const tree = new Tree(new MemoryFs(files))
  const osRelease = async (root: string) => identifyOs(await tree.chroot(root))
  return takeInventory([{ tree, system: '/', locate: () => ({ volume: 'vol-1' }), osRelease }], { catalogers: [bottlerocket] })
}

describe('bottlerocket', () => {
  it('gives everything the inventory says of a package, and whose it is', async () => {
    const { packages, issues } = await catalog({ Content: [RECORD] })
    expect(issues).toEqual([])
    const path = `${ROOT}/usr/share/bottlerocket/application-inventory.json`
    expect(packages).toEqual([
      {
        type: 'rpm',
        name: 'kernel-6.1',
        version: '6.1.77-1.1708900000.29cc92cc.br1',
        arch: 'x86_64',
        source: 'kernel-6.1',
        sourceVersion: '6.1.77-1.1708900000.29cc92cc.br1',
        purl: 'pkg:rpm/bottlerocket/kernel-6.1@6.1.77-1.1708900000.29cc92cc.br1?arch=x86_64&distro=bottlerocket-1.19.2',
        distro: {
          id: 'bottlerocket',
          idLike: [],
          name: 'Bottlerocket',
          versionId: '1.19.2',
          variantId: 'aws-k8s-1.29',
          prettyName: 'Bottlerocket OS 1.19.2 (aws-k8s-1.29)',
        },
        vendor: 'Bottlerocket',
        installedAt: '2024-02-26T21:46:40.000Z',
        path,
        evidence: { volume: 'vol-1', path },
        system: '/',
        foundBy: 'bottlerocket',
      },
    ])
  })

  it('keeps an epoch that is not 0', async () => {
    const { packages } = await catalog({ Content: [{ ...RECORD, Epoch: '1' }] })
    expect(packages[0]).toMatchObject({ version: '1:6.1.77-1.1708900000.29cc92cc.br1', purl: expect.stringMatching(/epoch=1$/) })
  })

  it('reports records that name no package, and keeps the others', async () => {
    const broken = [null, 'x', [], {}, { ...RECORD, Name: 7 }, { ...RECORD, Version: '1 2' }, { ...RECORD, Release: undefined }]
    const { packages, issues } = await catalog({ Content: [...broken, { ...RECORD, InstalledTime: 'never', Epoch: undefined }] })
    expect(packages).toMatchObject([{ name: 'kernel-6.1' }])
    expect(packages[0]).not.toHaveProperty('installedAt')
    expect(issues).toMatchObject([{ code: 'PARSE', message: '7 records without a name, a version or a release', incomplete: true }])
  })

  it.each([
    ['', 'an application inventory that is no JSON'],
    ['{"Content": [', 'an application inventory that is no JSON'],
    [[], 'an application inventory without its content'],
    [null, 'an application inventory without its content'],
    [{ Content: {} }, 'an application inventory without its content'],
  ])('refuses %j', async (inventory, message) => {
    const { packages, issues } = await catalog(inventory)
    expect([packages, issues.map((issue) => issue.message)]).toEqual([[], [message]])
  })
})
