import { describe, expect, it } from 'vitest'
import { progressText } from '../../src/cli/progress.js'
import type { ProgressEvent } from '../../src/index.js'

describe('progressText', () => {
  it.each<[ProgressEvent, number, string]>([
    [{ phase: 'describe', instanceId: 'i-1' }, 0, 'looking at i-1'],
    [{ phase: 'snapshot', volumes: 1, scanId: 'snapsight-1' }, 0, 'asking for snapshots of 1 volume (scan snapsight-1)'],
    [{ phase: 'wait', completed: 1, total: 2, percent: 53.9 }, 0, 'waiting for snapshots: 1 of 2 completed, 53 %'],
    [{ phase: 'scan', step: 'listing packages', blocks: 1, bytes: 524_288 }, 400, 'listing packages: 1 block, 512.0 KiB, 0 s'],
    [
      { phase: 'scan', step: 'listing packages', blocks: 2_000, bytes: 1_048_576_000 },
      10_000,
      'listing packages: 2,000 blocks, 1000.0 MiB, 100.0 MiB/s, 10 s',
    ],
    [{ phase: 'delete', deleted: 1, total: 2 }, 0, 'deleting snapshots: 1 of 2'],
  ])('%j', (event, milliseconds, expected) => {
    expect(progressText(event, milliseconds)).toBe(expected)
  })
})
