import { describe, expect, it } from 'vitest'
import { type InventoryTree, takeInventory } from '../../src/catalogers/inventory.js'
import type { Cataloger } from '../../src/catalogers/types.js'
import { ParseError, UnsupportedError } from '../../src/errors.js'
import { Tree } from '../../src/fs/tree.js'
import type { FileSystem } from '../../src/fs/types.js'
import { type MemoryEntry, MemoryFs } from '../support/memory-fs.js'

/** One package per line of `*.list`; a line `!` is reported, a file of `broken` throws. */
const lines: Cataloger = {
  name: 'lines',
  patterns: ['**/*.list'],
  async catalog({ path, file }, context) {
    const text = Buffer.from(await file.read(0, file.size)).toString()
    if (text === 'broken') throw new ParseError('broken', 1)
    return text.split('\n').flatMap((name) => {
      if (name !== '!') return [{ type: 'generic' as const, name, version: '1', purl: `pkg:generic/${name}@1` }]
      context.report(new ParseError('a bad line'), path)
      return []
    })
  },
}

const second: Cataloger = { name: 'second', patterns: ['**/b.list'], catalog: async () => [] }

function treeOf(fs: FileSystem, system?: string): InventoryTree & { tree: Tree } {
  return {
    tree: new Tree(fs),
    ...(system === undefined ? {} : { system }),
    locate: ({ uuid }) => ({ volume: 'vol-1', filesystem: uuid }),
    osRelease: async () => undefined,
  }
}

function inventoryOf(files: Record<string, MemoryEntry>, catalogers: Cataloger[] = [lines]) {
  return takeInventory([treeOf(new MemoryFs(files), '/')], { catalogers })
}

describe('takeInventory', () => {
  it('opens the files that are wanted, and no others', async () => {
    const fs = new MemoryFs({ '/a.list': 'a', '/b.txt': 'b', '/etc/passwd': 'c', '/d.list/e': 'e' })
    const { packages } = await takeInventory([treeOf(fs)], { catalogers: [lines] })
    expect(packages.map((pkg) => pkg.name)).toEqual(['a'])
    expect(fs.opened).toEqual(['/a.list'])
  })

  it('gives packages by path of the evidence, whatever the order on disk', async () => {
    const { packages } = await inventoryOf({ '/z.list': 'z1\nz2', '/a/b.list': 'b', '/a.list': 'a' })
    expect(packages.map((pkg) => `${pkg.path} ${pkg.name}`)).toEqual(['/a.list a', '/a/b.list b', '/z.list z1', '/z.list z2'])
  })

  it('costs a file that fails nothing but itself', async () => {
    const files = {
      '/a.list': 'broken',
      '/b.list': 'b',
      '/c.list': { file: 'c', readError: new UnsupportedError('encrypt') },
      '/d.list': 'd\n!\ne',
    }
    const { packages, issues, catalogers } = await inventoryOf(files)
    expect(packages.map((pkg) => pkg.name)).toEqual(['b', 'd', 'e'])
    expect(issues.map((issue) => [issue.code, issue.where.path, issue.message, issue.incomplete]).sort()).toEqual([
      ['PARSE', '/a.list', 'line 1: broken', true],
      ['PARSE', '/d.list', 'a bad line', true],
      ['UNSUPPORTED', '/c.list', 'unsupported: encrypt', true],
    ])
    expect(catalogers).toEqual([{ cataloger: 'lines', filesRead: 2, filesFailed: 2, packages: 3 }])
  })

  it('catalogs an inode once, under the first of its names', async () => {
    const files = {
      '/z.list': 'a',
      '/b.list': { hardlink: '/z.list' },
      '/a.list': { symlink: '/z.list' },
      '/up.list': { symlink: '../../z.list' },
    }
    const { packages } = await inventoryOf(files)
    expect(packages.map((pkg) => pkg.path)).toEqual(['/b.list'])
  })

  it('offers an inode to every cataloger that wants one of its names', async () => {
    const { catalogers } = await inventoryOf({ '/a.list': 'a', '/b.list': { hardlink: '/a.list' } }, [lines, second])
    expect(catalogers.map((entry) => [entry.cataloger, entry.filesRead])).toEqual([
      ['lines', 1],
      ['second', 1],
    ])
  })

  it('follows a symlink to a file that no pattern names, and no link that leads nowhere', async () => {
    const files = {
      '/data/x': 'x',
      '/a.list': { symlink: 'data/x' },
      '/b.list': { symlink: '/gone' },
      '/c.list': { symlink: 'c.list' },
      '/d.list': { symlink: '/' },
    }
    const { packages, issues } = await inventoryOf(files)
    expect(packages).toMatchObject([{ name: 'x', path: '/a.list', evidence: { path: '/data/x' } }])
    expect(issues).toEqual([])
  })

  it('names evidence by its own filesystem, and counts the entries of each', async () => {
    const root = new MemoryFs({ '/var/hidden.list': 'h', '/a.list': 'a' })
    const data = new MemoryFs({ '/lib/b.list': 'b', '/bad': { file: '', stat: { error: 'bad inode' } } }, { uuid: 'data' })
    const tree = treeOf(root, '/')
    await tree.tree.mount('/var', data)
    const { packages, entries } = await takeInventory([tree], { catalogers: [lines] })
    expect(packages).toMatchObject([
      { name: 'a', path: '/a.list', system: '/', evidence: { volume: 'vol-1', filesystem: root.uuid, path: '/a.list' } },
      { name: 'b', path: '/var/lib/b.list', system: '/', evidence: { volume: 'vol-1', filesystem: data.uuid, path: '/lib/b.list' } },
    ])
    expect(entries.get(root)).toEqual({ entries: 2, unreadable: 0 })
    expect(entries.get(data)).toEqual({ entries: 4, unreadable: 1 })
  })

  it('lists what two systems share in each, and counts its entries once', async () => {
    const shared = new MemoryFs({ '/a.list': 'a' })
    const { packages, entries } = await takeInventory([treeOf(shared, '/'), treeOf(shared, 'vol-2:1')], { catalogers: [lines] })
    expect(packages.map((pkg) => pkg.system)).toEqual(['/', 'vol-2:1'])
    expect(entries.get(shared)).toEqual({ entries: 2, unreadable: 0 })
  })

  it('reports an os-release that cannot be read, and lists the packages all the same', async () => {
    const asking: Cataloger = {
      ...lines,
      async catalog(evidence, context) {
        expect(await context.osRelease('/')).toBeUndefined()
        return lines.catalog(evidence, context)
      },
    }
    const tree = { ...treeOf(new MemoryFs({ '/a.list': 'a' })), osRelease: () => Promise.reject(new ParseError('unreadable')) }
    const { packages, issues } = await takeInventory([tree], { catalogers: [asking] })
    expect(packages.map((pkg) => pkg.name)).toEqual(['a'])
    expect(issues.map((issue) => issue.message)).toEqual(['unreadable'])
  })

  it('goes on with the next tree where a walk fails', async () => {
    const broken = treeOf(new MemoryFs({}), '/')
    broken.tree.walk = () => Promise.reject(new ParseError('no way'))
    const { packages, issues } = await takeInventory([broken, treeOf(new MemoryFs({ '/a.list': 'a' }))], { catalogers: [lines] })
    expect(packages.map((pkg) => pkg.name)).toEqual(['a'])
    expect(issues).toEqual([{ stage: 'filesystem', code: 'PARSE', message: 'no way', where: { path: '/' }, incomplete: true }])
  })

  it('stops with the reason of an abort', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const stopping: Cataloger = {
      ...lines,
      async catalog() {
        controller.abort(reason)
        return []
      },
    }
    const files = { '/a.list': 'a', '/b.list': 'b' }
    const taken = takeInventory([treeOf(new MemoryFs(files))], { catalogers: [stopping], signal: controller.signal })
    await expect(taken).rejects.toBe(reason)
  })
})
