import { createReadStream } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { IoError, messageOf } from '../../errors.js'
import { MAX_RECORD_BYTES, type RecordSource, type SourceDocument, type SourceKind, TOO_LARGE } from './types.js'

/** A file with one record on each line. */
export const jsonLines: SourceKind = {
  extensions: ['.jsonl', '.ndjson'],
  open(path: string): RecordSource {
    return { path, documents: (signal) => readLines(path, signal) }
  },
}

async function* readLines(path: string, signal?: AbortSignal): AsyncIterable<SourceDocument> {
  const decoder = new StringDecoder('utf8')
  let line = 1
  let pending = ''
  let skipping = false
  try {
    for await (const chunk of createReadStream(path, { signal }) as AsyncIterable<Buffer>) {
      const parts = decoder.write(chunk).split('\n')
      for (const [i, part] of parts.entries()) {
        pending += part
        // A line without end must not fill the memory.
        if (pending.length > MAX_RECORD_BYTES) {
          if (!skipping) yield { origin: `${path}:${line}`, problem: TOO_LARGE }
          skipping = true
          pending = ''
        }
        if (i === parts.length - 1) continue
        if (!skipping && pending.trim() !== '') yield { origin: `${path}:${line}`, text: pending }
        skipping = false
        pending = ''
        line++
      }
    }
  } catch (error) {
    signal?.throwIfAborted()
    throw new IoError(`cannot read ${path}: ${messageOf(error)}`, { cause: error })
  }
  if (!skipping && pending.trim() !== '') yield { origin: `${path}:${line}`, text: pending }
}
