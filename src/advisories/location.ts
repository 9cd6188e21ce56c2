import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * Where the advisory database lies unless told otherwise: `$SNAPSIGHT_DB`, else `snapsight/advisories.db` in the user's cache folder.
 *
 * https://specifications.freedesktop.org/basedir-spec/
 */
export function defaultDatabasePath(env: NodeJS.ProcessEnv = process.env): string {
  if (env.SNAPSIGHT_DB) return env.SNAPSIGHT_DB
  // The specification has relative paths ignored.
  const cache = env.XDG_CACHE_HOME?.startsWith('/') ? env.XDG_CACHE_HOME : join(homedir(), '.cache')
  return join(cache, 'snapsight', 'advisories.db')
}
