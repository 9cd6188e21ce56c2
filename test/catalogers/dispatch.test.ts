import { describe, expect, it } from 'vitest'
import { createDispatch } from '../../src/catalogers/dispatch.js'
import type { Cataloger } from '../../src/catalogers/types.js'

function cataloger(name: string, ...patterns: string[]): Cataloger {
  return { name, patterns, catalog: async () => [] }
}

const dispatch = createDispatch([
  cataloger('exact', '/etc/os.release'),
  cataloger('anywhere', '**/var/lib/dpkg/status', '**/status'),
  cataloger('folder', '**/var/lib/dpkg/status.d/*'),
  cataloger('extension', '**/*.jar', '/opt/*/lib-*.jar'),
  cataloger('within', '**/node_modules/*/package.json'),
  cataloger('prefix', '**/specs/gem-*'),
])

function wanting(path: string): readonly string[] {
  return dispatch.wanting(path, path.slice(path.lastIndexOf('/') + 1))?.map(({ name }) => name) ?? []
}

describe('createDispatch', () => {
  it.each<[string, string[]]>([
    ['/etc/os.release', ['exact']],
    ['/srv/etc/os.release', []],
    ['/etc/osxrelease', []],
    ['/var/lib/dpkg/status', ['anywhere']],
    ['/srv/a b/\n/var/lib/dpkg/status', ['anywhere']],
    ['/status', ['anywhere']],
    ['/status-old', []],
    ['/var/lib/dpkg/status.d/tzdata', ['folder']],
    ['/srv/var/lib/dpkg/status.d/a.b', ['folder']],
    ['/var/lib/dpkg/status.d/x/y', []],
    ['/xvar/lib/dpkg/status.d/y', []],
    ['/a.jar', ['extension']],
    ['/opt/x/lib-a.jar', ['extension']],
    ['/jar', []],
    ['/.jar', ['extension']],
    ['/node_modules/a/package.json', ['within']],
    ['/x/node_modules/a/package.json', ['within']],
    ['/x/node_modules/@a/b/package.json', []],
    ['/specs/gem-1', ['prefix']],
    ['/specs/gem', []],
    ['/', []],
  ])('%j', (path, expected) => {
    expect(wanting(path)).toEqual(expected)
  })

  it('answers for a path full of components and of stars at once', () => {
    const path = `${'/a'.repeat(20_000)}/package.json`
    expect(wanting(path)).toEqual([])
  })
})
