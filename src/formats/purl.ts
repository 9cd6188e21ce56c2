import { PackageURL } from 'packageurl-js'

export interface PurlParts {
  readonly type: string
  readonly namespace?: string | undefined
  readonly name: string
  readonly version: string
  /** Those that are undefined are left out. */
  readonly qualifiers?: Readonly<Record<string, string | undefined>>
}

/**
 * A package URL in canonical form: https://github.com/package-url/purl-spec
 * Only `:` and the unreserved characters stand unencoded, so that a `+` in a version cannot be taken for a space.
 */
export function packageUrl(parts: PurlParts): string {
  const qualifiers: Record<string, string> = {}
  for (const [key, value] of Object.entries(parts.qualifiers ?? {})) if (value) qualifiers[key] = value
  const purl = new PackageURL(parts.type, parts.namespace, parts.name, parts.version, qualifiers, undefined)
  return purl.toString().replaceAll('+', '%2B').replaceAll('%7E', '~').replaceAll('%3A', ':')
}
