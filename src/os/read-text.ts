import type { OsTree } from './os-tree.js'

/** No file that says what a system is comes near this. */
const MAX_BYTES = 1024 * 1024

/** The text of a regular file, undefined where there is none. @throws LimitError, IoError */
export async function readText(tree: OsTree, path: string): Promise<string | undefined> {
  if ((await tree.stat(path))?.type !== 'file') return undefined
  return Buffer.from(await tree.read(path, MAX_BYTES)).toString('utf8')
}
