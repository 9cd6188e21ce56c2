import { invalidValue } from './errors.js'
import type { Ec2Query } from './query.js'

/** What a resource has under a filter's name: one or more values. */
export type FilterFields<Resource> = Readonly<Record<string, (resource: Resource) => readonly string[]>>

/**
 * Resources that pass every `Filter.N`; one of a filter's values must match, with `*` and `?` as wildcards.
 * @throws ServiceError for a filter that is not among `fields`, `tag:…` and `tag-key`.
 */
export function filtered<Resource extends { readonly tags: ReadonlyMap<string, string> }>(
  resources: readonly Resource[],
  query: Ec2Query,
  fields: FilterFields<Resource>,
): Resource[] {
  let rest = [...resources]
  for (const filter of query.structures('Filter')) {
    const valuesOf = fieldOf(filter.text('Name') ?? '', fields)
    const patterns = filter.texts('Value').map(patternOf)
    rest = rest.filter((resource) => valuesOf(resource).some((value) => patterns.some((pattern) => pattern.test(value))))
  }
  return rest
}

function fieldOf<Resource extends { readonly tags: ReadonlyMap<string, string> }>(
  name: string,
  fields: FilterFields<Resource>,
): (resource: Resource) => readonly string[] {
  if (name === 'tag-key') return (resource) => [...resource.tags.keys()]
  if (name.startsWith('tag:')) return (resource) => [resource.tags.get(name.slice('tag:'.length)) ?? []].flat()
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (!field) throw invalidValue(`The filter '${name}' is invalid`)
  return field
}

/** A backslash takes a wildcard's meaning from it. */
function patternOf(value: string): RegExp {
  const source = value.replace(/\\([*?\\])|[\s\S]/g, (character, escaped: string | undefined) => {
    if (escaped === undefined && character === '*') return '[\\s\\S]*'
    if (escaped === undefined && character === '?') return '[\\s\\S]'
    return (escaped ?? character).replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
  })
  return new RegExp(`^${source}$`)
}
