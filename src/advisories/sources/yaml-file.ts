import { open } from 'node:fs/promises'
import { IoError, messageOf } from '../../errors.js'
import type { RecordSource, SourceKind } from './types.js'

const HEAD_BYTES = 4_096

/** By what such a file begins with. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^document: modulemd/m, 'module metadata in YAML, no advisories'],
  [/^distroversion: /m, 'Alpine secdb in YAML: the same feed is read in JSON'],
  [/^id: PYSEC-/m, 'PyPI advisory in YAML: of language ecosystems only OSV in JSON is read'],
  [/^id: RSEC-/m, 'CRAN advisory in YAML: of language ecosystems only OSV in JSON is read'],
  [/^gem: /m, 'RubyGems advisory in YAML: of language ecosystems only OSV in JSON is read'],
  [/^reference:\s+'?composer:\/\//m, 'Composer advisory in YAML: of language ecosystems only OSV in JSON is read'],
]

/** Advisories in YAML are told apart, to be refused by name. */
export const yamlFile: SourceKind = {
  extensions: ['.yaml', '.yml'],
  open(path: string): RecordSource {
    return {
      path,
      async *documents() {
        const head = await headOf(path)
        yield { origin: path, problem: KINDS.find(([pattern]) => pattern.test(head))?.[1] ?? 'YAML of no known kind' }
      },
    }
  },
}

async function headOf(path: string): Promise<string> {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
      return buffer.toString('utf8', 0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw new IoError(`cannot read ${path}: ${messageOf(error)}`, { cause: error })
  }
}
