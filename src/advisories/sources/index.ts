import { type Stats, statSync } from 'node:fs'
import { ConfigError, messageOf } from '../../errors.js'
import { folder } from './folder.js'
import { jsonLines } from './json-lines.js'
import { streamFile } from './stream-file.js'
import type { RecordSource, SourceKind } from './types.js'
import { unreadFile } from './unread-file.js'
import { yamlFile } from './yaml-file.js'
import { zipFile } from './zip-file.js'

const KINDS: readonly SourceKind[] = [jsonLines, streamFile, unreadFile, yamlFile, zipFile]

/**
 * The records of a JSON or XML file, a file of JSON lines, a zip of such files, or a folder with any of these below it.
 *
 * @throws ConfigError where there is no such file or folder, or it is of no kind that is known.
 */
export function openSource(path: string): RecordSource {
  let stat: Stats
  try {
    stat = statSync(path)
  } catch (error) {
    throw new ConfigError(`no advisories can be read from ${path}: ${messageOf(error)}`, { cause: error })
  }
  if (stat.isDirectory()) return folder(path, openFile)
  const source = stat.isFile() ? openFile(path) : undefined
  if (source) return source
  throw new ConfigError(
    `${path} is no advisory source: expected a folder or a file ending in ${KINDS.flatMap((kind) => kind.extensions).join(', ')}`,
  )
}

function openFile(path: string): RecordSource | undefined {
  const name = path.toLowerCase()
  return KINDS.find(({ extensions }) => extensions.some((extension) => name.endsWith(extension)))?.open(path)
}
