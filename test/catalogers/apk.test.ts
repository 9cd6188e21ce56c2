import { describe, expect, it } from 'vitest'
import { apk } from '../../src/catalogers/apk.js'
import { takeInventory } from '../../src/catalogers/inventory.js'
import { Tree } from '../../src/fs/tree.js'
import type { OsRelease } from '../../src/model.js'
import { type MemoryEntry, MemoryFs } from '../support/memory-fs.js'

const alpine: OsRelease = { id: 'alpine', idLike: [], versionId: '3.20.3', name: 'Alpine Linux' }

async function catalog(files: Record<string, MemoryEntry>) {
  const osRelease = async (root: string) => (root === '/' ? alpine : undefined)
  const inventory = await takeInventory([{ tree: new Tree(new MemoryFs(files)), system: '/', locate: () => ({}), osRelease }], {
    catalogers: [apk],
  })
  return { ...inventory, messages: inventory.issues.map((issue) => `${issue.where.path}: ${issue.message}`) }
}

describe('apk', () => {
  it('gives everything it knows of a package', async () => {
    const text = 'C:Q1x=\nP:libcrypto3\nV:3.3.2-r1\nA:x86_64\nS:1\nI:4612096\nL:Apache-2.0\no:openssl\nF:usr/lib\nR:libcrypto.so.3\n\n'
    const { packages, messages } = await catalog({ '/lib/apk/db/installed': text })
    expect(packages).toEqual([
      {
        type: 'apk',
        name: 'libcrypto3',
        version: '3.3.2-r1',
        arch: 'x86_64',
        source: 'openssl',
        sourceVersion: '3.3.2-r1',
        purl: 'pkg:apk/alpine/libcrypto3@3.3.2-r1?arch=x86_64&distro=alpine-3.20.3&upstream=openssl',
        path: '/lib/apk/db/installed',
        evidence: { path: '/lib/apk/db/installed' },
        system: '/',
        distro: alpine,
        license: 'Apache-2.0',
        sizeBytes: 4_612_096,
        foundBy: 'apk',
      },
    ])
    expect(messages).toEqual([])
  })

  it('takes the distribution of the root that a database lies in', async () => {
    const text = 'P:a\nV:1-r0\nA:x86_64\n'
    const { packages } = await catalog({ '/usr/lib/apk/db/installed': text, '/srv/root/lib/apk/db/installed': text })
    expect(packages.map(({ path, purl }) => `${path} ${purl}`)).toEqual([
      '/srv/root/lib/apk/db/installed pkg:apk/a@1-r0?arch=x86_64',
      '/usr/lib/apk/db/installed pkg:apk/alpine/a@1-r0?arch=x86_64&distro=alpine-3.20.3',
    ])
  })

  it('takes the package for its own source where it names no origin', async () => {
    const { packages } = await catalog({ '/lib/apk/db/installed': 'P:a\nV:1-r0\n' })
    expect(packages).toMatchObject([{ source: 'a', sourceVersion: '1-r0' }])
  })

  it('reports a broken stanza and lists the others', async () => {
    const { packages, messages } = await catalog({ '/lib/apk/db/installed': 'P:a\nV:1\n\nbroken\n\nP:b\nV:2\n' })
    expect(packages.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(messages).toEqual(['/lib/apk/db/installed: line 4: not a letter, a colon and a value'])
  })

  it('stops after a thousand problems', async () => {
    const { issues, messages } = await catalog({ '/lib/apk/db/installed': 'x\n\n'.repeat(2_000) })
    expect(issues).toHaveLength(1_001)
    expect(messages.at(-1)).toContain('more than 1000')
  })
})
