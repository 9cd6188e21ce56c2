import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

interface Manifest {
  exports: Record<string, string | { types: string; default: string }>
  dependencies: Record<string, string>
  scripts: Record<string, string>
}
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
const readme = readFileSync('README.md', 'utf8')

describe('package', () => {
  it('gives types first in every subpath export, and each has a source file', () => {
    for (const [subpath, target] of Object.entries(manifest.exports)) {
      if (typeof target === 'string') continue
      expect(Object.keys(target), subpath).toEqual(['types', 'default'])
      expect(target.types).toBe(target.default.replace(/\.js$/, '.d.ts'))
      const source = target.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts')
      expect(readFileSync(source, 'utf8').length, source).toBeGreaterThan(0)
    }
  })

  it('runs no script on install', () => {
    expect(Object.keys(manifest.scripts).filter((name) => /^(?:pre|post)?install$/.test(name))).toEqual([])
  })

  it.each(Object.keys(manifest.dependencies))('README says why %s is depended on', (name) => {
    expect(readme).toContain(`| \`${name}\` |`)
  })

  it('every command of README exists', () => {
    const named = [...readme.matchAll(/npm run (?:--silent )?([a-z:]+)/g)].map((match) => match[1]!)
    expect(named.length).toBeGreaterThan(0)
    for (const name of named) expect(Object.keys(manifest.scripts)).toContain(name)
  })
})
