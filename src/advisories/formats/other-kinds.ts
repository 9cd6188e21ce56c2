import type { Fields } from '../osv-values.js'

interface Kind {
  readonly reason: string
  recognises(value: Fields): boolean
}

/** What lies beside advisories, and advisories that are not matched here: refused by name. */
const KINDS: readonly Kind[] = [
  { reason: 'a JSON schema, no advisories', recognises: (value) => typeof value.$schema === 'string' && 'properties' in value },
  { reason: 'a catalogue of Amazon Linux extras, no advisories', recognises: (value) => Array.isArray(value.topics) && 'motd' in value },
  {
    reason: 'npm advisory of the Node.js working group: of language ecosystems only OSV is read',
    recognises: (value) => 'vulnerable_versions' in value && 'module_name' in value,
  },
]

/** Why a JSON value that is no advisory of a known form is refused; undefined where it may be OSV. */
export function otherKind(value: Fields): string | undefined {
  return KINDS.find(({ recognises }) => recognises(value))?.reason
}
