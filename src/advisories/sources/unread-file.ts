import type { RecordSource, SourceKind } from './types.js'

/** Compressions and archives that Node.js of every supported version cannot open. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ['.bz2', 'compressed with bzip2: unpack it first'],
  ['.xz', 'compressed with xz: unpack it first'],
  ['.zst', 'compressed with zstd: unpack it first'],
  ['.tar', 'a tar archive: unpack it first'],
  ['.tgz', 'a tar archive: unpack it first'],
])

/** Files that may hold advisories and are not read are told of. */
export const unreadFile: SourceKind = {
  extensions: [...KINDS.keys()],
  open(path: string): RecordSource {
    return {
      path,
      async *documents() {
        const name = path.toLowerCase()
        const reason = [...KINDS].find(([extension]) => name.endsWith(extension))?.[1]
        yield { origin: path, problem: reason ?? 'of no kind that is read' }
      },
    }
  },
}
