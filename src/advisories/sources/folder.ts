import { opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CorruptError, IoError, LimitError, ParseError } from '../../errors.js'
import type { RecordSource, SourceDocument } from './types.js'

const UNREADABLE = 'unreadable file'
const MAX_DEPTH = 32
const MAX_FILES = 5_000_000

/** All files below a folder that `openFile` knows, in the order of their names. Links to folders are not followed. */
export function folder(path: string, openFile: (path: string) => RecordSource | undefined): RecordSource {
  return {
    path,
    async *documents(signal?: AbortSignal): AsyncIterable<SourceDocument> {
      let files = 0
      for await (const file of filesBelow(path, MAX_DEPTH)) {
        signal?.throwIfAborted()
        const source = openFile(file)
        if (!source) continue
        if (++files > MAX_FILES) throw new LimitError(`files below ${path}`, MAX_FILES)
        yield* unlessUnreadable(source, signal)
      }
    },
  }
}

/** One bad file costs itself. */
async function* unlessUnreadable(source: RecordSource, signal?: AbortSignal): AsyncIterable<SourceDocument> {
  try {
    for await (const document of source.documents(signal)) {
      yield 'chunks' in document ? { ...document, chunks: unlessBroken(document.chunks) } : document
    }
  } catch (error) {
    if (!(error instanceof IoError || error instanceof CorruptError)) throw error
    yield { origin: source.path, problem: UNREADABLE }
  }
}

async function* unlessBroken(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    yield* chunks
  } catch (error) {
    if (!(error instanceof IoError || error instanceof CorruptError)) throw error
    throw new ParseError(UNREADABLE)
  }
}

async function* filesBelow(path: string, depth: number): AsyncIterable<string> {
  if (depth === 0) throw new LimitError(`folders inside each other at ${path}`, MAX_DEPTH)
  for (const { name, isFolder } of await entriesOf(path)) {
    if (isFolder) yield* filesBelow(join(path, name), depth - 1)
    else yield join(path, name)
  }
}

async function entriesOf(path: string): Promise<{ name: string; isFolder: boolean }[]> {
  const entries: { name: string; isFolder: boolean }[] = []
  try {
    for await (const entry of await opendir(path)) {
      const isFolder = entry.isDirectory()
      if (isFolder || entry.isFile() || (entry.isSymbolicLink() && (await isFile(join(path, entry.name)))))
        entries.push({ name: entry.name, isFolder })
    }
  } catch (error) {
    throw new IoError(`cannot read folder ${path}: ${(error as NodeJS.ErrnoException).code}`, { cause: error })
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}
