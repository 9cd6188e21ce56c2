import type { Cataloger } from './types.js'

interface Rule {
  readonly cataloger: Cataloger
  readonly matches: (path: string) => boolean
}

/** Which catalogers want a file, by its path. */
export interface Dispatch {
  /** `path` is `/`-rooted and ends in `name`. Undefined, after one or two look-ups, for a file that nobody wants. */
  wanting(path: string, name: string): readonly Cataloger[] | undefined
}

/**
 * One table of all patterns: by exact name, by extension (what follows the last dot), and, for the few that fix neither, by their folder.
 * A pattern is an absolute path of literal components and `*`, led by a slash or by a folder of any depth (two asterisks).
 */
export function createDispatch(catalogers: readonly Cataloger[]): Dispatch {
  const byName = new Map<string, Rule[]>()
  const byExtension = new Map<string, Rule[]>()
  const others: Rule[] = []
  for (const cataloger of catalogers) {
    for (const pattern of cataloger.patterns) {
      const name = pattern.slice(pattern.lastIndexOf('/') + 1)
      const extension = /(\.[^.*]+)$/.exec(name)?.[1]
      if (!name.includes('*')) add(byName, name, { cataloger, matches: globMatcher(pattern) })
      else if (extension) add(byExtension, extension, { cataloger, matches: globMatcher(pattern) })
      else others.push({ cataloger, matches: folderMatcher(pattern) })
    }
  }
  return {
    wanting(path, name) {
      const dot = name.lastIndexOf('.')
      const named = byName.get(name)
      const extended = dot < 0 ? undefined : byExtension.get(name.slice(dot))
      let wanting: Cataloger[] | undefined
      for (const rules of [named, extended, others]) {
        if (rules === undefined) continue
        for (const rule of rules) {
          if (rule.matches(path) && !wanting?.includes(rule.cataloger)) wanting = [...(wanting ?? []), rule.cataloger]
        }
      }
      return wanting
    },
  }
}

function add(table: Map<string, Rule[]>, key: string, rule: Rule): void {
  const rules = table.get(key)
  if (rules) rules.push(rule)
  else table.set(key, [rule])
}

/** The glob as one anchored expression; it cannot backtrack across components. */
function globMatcher(pattern: string): (path: string) => boolean {
  const anywhere = pattern.startsWith('**/')
  const literal = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')
  const expression = new RegExp(`^${anywhere ? '(?:/.*)?' : ''}${literal(anywhere ? pattern.slice(2) : pattern)}$`, 's')
  return (path) => expression.test(path)
}

/** As `globMatcher`, but first holds the literal folder of the pattern against the path's, which rules out nearly every file. */
function folderMatcher(pattern: string): (path: string) => boolean {
  const glob = globMatcher(pattern)
  const folder = pattern.slice(pattern.lastIndexOf('*', pattern.lastIndexOf('/')) + 1, pattern.lastIndexOf('/') + 1)
  return (path) => path.startsWith(folder, path.lastIndexOf('/') + 1 - folder.length) && glob(path)
}
