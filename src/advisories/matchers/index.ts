import type { Package } from '../../model.js'
import type { Matcher } from '../types.js'
import { apkMatcher } from './apk.js'
import { debMatcher } from './deb.js'
import { rpmMatcher } from './rpm.js'

export const matchers: readonly Matcher[] = [apkMatcher, debMatcher, rpmMatcher]

/** The matcher for a package type; undefined where none is known. */
export function matcherFor(type: Package['type']): Matcher | undefined {
  return matchers.find(({ types }) => types.includes(type))
}
