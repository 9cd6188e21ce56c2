import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { ConfigError, messageOf } from '../errors.js'

/** Another name of a file, in a folder of its own. */
export interface PrivateName {
  readonly path: string
  remove(): void
}

/**
 * Gives a database file a name of its own for one reader.
 *
 * node-sqlite3-wasm locks a database by making the folder `<name>.lock` beside it, for readers too. Under a private name that works
 * where the database lies on a read-only file system, two readers never meet, and a lock left by a killed process is in nobody's way.
 *
 * @throws ConfigError where no folder for temporary files can be written to.
 */
export function privateName(path: string): PrivateName {
  let problem: unknown
  for (const folder of new Set([tmpdir(), '/dev/shm'])) {
    try {
      const own = mkdtempSync(join(folder, 'snapsight-'))
      const name = join(own, 'advisories.db')
      symlinkSync(resolve(path), name)
      return { path: name, remove: () => rmSync(own, { recursive: true, force: true }) }
    } catch (error) {
      problem = error
    }
  }
  throw new ConfigError(`no folder for temporary files can be written to (set TMPDIR): ${messageOf(problem)}`, { cause: problem })
}
