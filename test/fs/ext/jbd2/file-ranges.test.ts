import { expect, test } from 'vitest'
import { replaceRange } from '../../../../src/fs/ext/jbd2/file-ranges.js'
import { type Run, runEnd } from '../../../../src/fs/run.js'
import { Random } from '../../../support/random.js'

const LENGTH = 60

/** The fsBlock of each block of the file; 0 in a hole. */
function blocks(runs: readonly Run[]): number[] {
  const out = new Array<number>(LENGTH).fill(0)
  for (const run of runs) for (let i = 0; i < run.blockCount; i++) out[run.fileBlock + i] = run.fsBlock + i
  return out
}

test('ranges replace what was there, block by block, and runs stay in order', () => {
  const random = new Random(3)
  for (let round = 0; round < 200; round++) {
    const runs: Run[] = []
    const expected = new Array<number>(LENGTH).fill(0)
    for (let step = 0; step < 12; step++) {
      const fileBlock = random.below(LENGTH)
      const blockCount = 1 + random.below(LENGTH - fileBlock)
      const fsBlock = random.below(3) === 0 ? undefined : 1000 * (step + 1)
      replaceRange(runs, fileBlock, blockCount, fsBlock)
      for (let i = 0; i < blockCount; i++) expected[fileBlock + i] = fsBlock === undefined ? 0 : fsBlock + i
      expect(blocks(runs), `round ${round}, step ${step}`).toEqual(expected)
      for (let i = 1; i < runs.length; i++) expect(runEnd(runs[i - 1]!)).toBeLessThanOrEqual(runs[i]!.fileBlock)
      expect(runs.every((run) => run.blockCount > 0)).toBe(true)
    }
  }
})
