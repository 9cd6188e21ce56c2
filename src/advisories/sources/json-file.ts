import { readFile, stat } from 'node:fs/promises'
import { IoError, messageOf } from '../../errors.js'
import { type RecordSource, type SourceDocument, type SourceKind, TOO_LARGE } from './types.js'

/** A file of many records is read whole; more than this is better served as a zip or as JSON lines. */
const MAX_FILE_BYTES = 256 * 1024 * 1024

/** A JSON file: one record, or a list of them. */
export const jsonFile: SourceKind = {
  extensions: ['.json'],
  open(path: string): RecordSource {
    return {
      path,
      async *documents(): AsyncIterable<SourceDocument> {
        yield await readDocument(path)
      },
    }
  },
}

async function readDocument(path: string): Promise<SourceDocument> {
  try {
    if ((await stat(path)).size > MAX_FILE_BYTES) return { origin: path, problem: TOO_LARGE }
    return { origin: path, text: await readFile(path, 'utf8') }
  } catch (error) {
    throw new IoError(`cannot read ${path}: ${messageOf(error)}`, { cause: error })
  }
}
