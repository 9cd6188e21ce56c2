import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

// Which layers a layer may import from, besides itself. `fs/types` names one file of a layer.
const LAYERS: Record<string, readonly string[]> = {
  errors: [],
  model: ['errors'],
  io: ['errors'],
  formats: ['errors'],
  fs: ['errors', 'model', 'io', 'disk'],
  disk: ['errors', 'model', 'io'],
  aws: ['errors', 'model', 'io'],
  os: ['errors', 'model', 'formats'],
  machine: ['errors', 'model', 'formats', 'os', 'disk/types', 'fs/types', 'fs/tree', 'fs/name', 'fs/path'],
  catalogers: ['errors', 'model', 'formats', 'fs/types', 'fs/tree', 'fs/name', 'fs/read-files'],
  advisories: ['errors', 'model'],
  report: ['errors', 'model'],
  // A test double of AWS for users' own tests: it may not lean on what it is used to test.
  testing: ['errors', 'io'],
  // The public surface: the index of each published subpath.
  cli: ['index', 'errors', 'model', 'version', 'advisories/index', 'aws/index', 'fs/index', 'report'],
  lambda: ['index', 'errors', 'model'],
}
// These compose the layers and may import any of them.
const COMPOSERS = new Set(['scan', 'scan-images', 'scan-instance', 'volume', 'coverage', 'systems', 'index', 'version'])
// The only places that may name an SDK.
const SDK = /^(?:@aws-sdk|@smithy)\//

const files = (readdirSync('src', { recursive: true }) as string[]).filter((file) => file.endsWith('.ts'))
const importsOf = (file: string): string[] =>
  [...readFileSync(join('src', file), 'utf8').matchAll(/(?:from|import\()\s*'([^']+)'/g)].map((match) => match[1]!)

const layerOf = (path: string): string => path.split('/')[0]!.replace(/\.(?:js|ts)$/, '')

/** The imports of `file` that the table does not allow. */
function violations(file: string, imports: readonly string[]): string[] {
  const layer = layerOf(file)
  if (COMPOSERS.has(layer)) return []
  const allowed = LAYERS[layer]
  if (!allowed) return [`${file} is in no layer`]
  return imports
    .filter((from) => from.startsWith('.'))
    .map((from) => join(dirname(file), from).replace(/\.js$/, ''))
    .filter((to) => layerOf(to) !== layer && !allowed.some((rule) => to === rule || to.startsWith(`${rule}/`)))
}

describe('layers', () => {
  it.each(files)('%s imports only what its layer may', (file) => {
    expect(violations(file, importsOf(file))).toEqual([])
  })

  it.each(files.filter((file) => layerOf(file) !== 'aws'))('%s names no SDK', (file) => {
    expect(importsOf(file).filter((from) => SDK.test(from))).toEqual([])
  })

  it('would catch a filesystem that imports AWS and a cataloger that imports ext', () => {
    expect(violations('fs/ext/index.ts', ['../../aws/index.js'])).toEqual(['aws/index'])
    expect(violations('catalogers/dpkg.ts', ['../fs/ext/inode.js'])).toEqual(['fs/ext/inode'])
  })
})
