import type { Recipe } from '../support/recipes.js'
import * as fill from '../support/recipes.js'
import * as data from '../support/recipes-data.js'
import { K } from '../support/units.js'

/** Every recipe that fits a small image. */
export const EVERYTHING: readonly Recipe[] = [
  fill.everyType,
  fill.devices,
  fill.times,
  fill.names,
  fill.symlinks,
  data.unwritten,
  fill.flags,
  fill.hardLinks(40),
  fill.deep(15),
  data.everySize(8),
]

/** What a filesystem feature could get wrong. */
export const SOME: readonly Recipe[] = [
  fill.everyType,
  fill.symlinks,
  data.unwritten,
  fill.manyFiles(300, { keep: 3 }),
  data.plain('p', 700 * K),
]
