import { Random } from '../support/random.js'
import * as fill from '../support/recipes.js'
import * as data from '../support/recipes-data.js'
import * as xfs from '../support/recipes-xfs.js'
import type { XfsRow } from '../support/xfs-image.js'

function randomRow(seed: number): XfsRow {
  const random = new Random(seed)
  const bit = (): number => random.below(2)
  const blockBits = random.pick([10, 10, 11, 12, 12, 12, 13, 14, 16])
  const inodeSize = random.pick([512, 512, 1024, 2048].filter((size) => size * 2 <= 2 ** blockBits))
  const dirBits = Math.min(16, Math.max(12, blockBits + random.below(5)))
  const finobt = bit()
  const make = [
    `-b size=${2 ** blockBits}`,
    `-i size=${inodeSize},sparse=${bit()},nrext64=${bit()},maxpct=${random.pick([0, 5, 50])}`,
    `-n size=${2 ** dirBits}`,
    `-m finobt=${finobt},inobtcount=${finobt && bit()},bigtime=${bit()},rmapbt=${bit()},reflink=${bit()}`,
    `-d agcount=${1 + random.below(blockBits > 13 ? 3 : 12)}`,
  ].join(' ')
  return {
    name: `seed ${seed}: ${make}`,
    size: `${600 + random.below(700)}M`,
    make,
    fill: [
      fill.churn(seed, 800),
      xfs.everyForm([random.below(20) + 1, random.below(300) + 1]),
      xfs.rearranged(seed, 80),
      fill.manyFiles(random.below(3000), { keep: 1 + random.below(30) }),
      data.fragments(random.below(500), 2 ** blockBits),
      fill.everyType,
    ],
  }
}

/** Layouts that nobody thought of; a seed gives the same one again. */
export const RANDOM: readonly XfsRow[] = Array.from({ length: 24 }, (_, seed) => randomRow(seed + 1))
