import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** A folder of the calling test file's own, gone when its tests are over. */
export function scratchFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'snapsight-test-'))
  afterAll(() => rmSync(path, { recursive: true, force: true }))
  return path
}
