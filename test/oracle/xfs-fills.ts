import type { Recipe } from '../support/recipes.js'
import * as fill from '../support/recipes.js'
import * as data from '../support/recipes-data.js'
import * as xfs from '../support/recipes-xfs.js'
import { K } from '../support/units.js'

/** Every recipe that fits a small image. */
export const EVERYTHING: readonly Recipe[] = [
  fill.everyType,
  xfs.devices,
  fill.times,
  fill.names,
  fill.symlinks,
  data.unwritten,
  fill.flags,
  fill.hardLinks(40),
  fill.deep(15),
  data.everySize(8),
  xfs.everyForm([1, 3, 8, 12, 20, 90, 200, 700]),
  fill.churn(7, 600),
]

/** What a filesystem feature could get wrong. */
export const SOME: readonly Recipe[] = [
  fill.everyType,
  fill.symlinks,
  data.unwritten,
  fill.manyFiles(600, { keep: 3 }),
  data.plain('p', 700 * K),
  data.fragments(300, 4096),
]
