import type { Package } from '../../model.js'
import type { Matcher } from '../types.js'
import { debMatcher } from './deb.js'

export const matchers: readonly Matcher[] = [debMatcher]

/** The matcher for a package type; undefined where none is known. */
export function matcherFor(type: Package['type']): Matcher | undefined {
  return matchers.find(({ types }) => types.includes(type))
}
