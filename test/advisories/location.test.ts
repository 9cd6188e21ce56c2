import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { defaultDatabasePath } from '../../src/advisories/location.js'

it('the database lies where it is told, else in the cache folder', () => {
  expect(defaultDatabasePath({ SNAPSIGHT_DB: '/x/y.db', XDG_CACHE_HOME: '/c' })).toBe('/x/y.db')
  expect(defaultDatabasePath({ XDG_CACHE_HOME: '/c' })).toBe('/c/snapsight/advisories.db')
  expect(defaultDatabasePath({ SNAPSIGHT_DB: '', XDG_CACHE_HOME: 'relative' })).toBe(join(homedir(), '.cache/snapsight/advisories.db'))
})
