import { ParseError } from '../errors.js'
import { parseOsv } from './osv.js'
import { type Rejection, RejectionCounter } from './rejections.js'
import type { RecordSource } from './sources/types.js'
import type { DatabaseWriter } from './writer.js'

export interface IngestProgress {
  /** Name of the feed, or path of the source. */
  readonly source: string
  /** Records read so far, used or not. */
  readonly records: number
}

export interface IngestOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: IngestProgress) => void
}

/** What became of the records of one source. */
export interface IngestResult {
  /** Stored. */
  readonly records: number
  /** Taken back by their authors; not stored. */
  readonly withdrawn: number
  readonly rejected: readonly Rejection[]
}

/** Records between two reports of progress, and between two chances for other work. */
const PROGRESS_INTERVAL = 500

/** Streams OSV records into a database. A record that cannot be used is counted with its reason; the rest goes on. */
export async function ingest(
  source: RecordSource,
  name: string,
  writer: DatabaseWriter,
  options: IngestOptions = {},
): Promise<IngestResult> {
  const rejected = new RejectionCounter()
  let records = 0
  let stored = 0
  let withdrawn = 0
  const take = (value: unknown, origin: string): void => {
    const outcome = parseOsv(value)
    if (outcome.kind === 'rejected') rejected.add(outcome.reason, outcome.id ?? origin)
    if (outcome.kind === 'withdrawn') {
      withdrawn++
      writer.withdraw(outcome.id, outcome.modified)
    }
    if (outcome.kind === 'record') {
      for (const reason of outcome.skipped) rejected.add(reason, outcome.record.details.id)
      if (writer.add(name, outcome.record)) stored++
    }
  }
  for await (const document of source.documents(options.signal)) {
    if ('problem' in document) {
      rejected.add(document.problem, document.origin)
      continue
    }
    for (const value of valuesOf(document.text)) {
      if (value instanceof ParseError) rejected.add(value.message, document.origin)
      else take(value, document.origin)
      if (++records % PROGRESS_INTERVAL !== 0) continue
      options.onProgress?.({ source: name, records })
      await new Promise(setImmediate)
      options.signal?.throwIfAborted()
    }
  }
  options.onProgress?.({ source: name, records })
  return { records: stored, withdrawn, rejected: rejected.list() }
}

/** The records of a JSON text: itself, the items of a list, or the `vulns` of an answer of api.osv.dev. */
function valuesOf(text: string): readonly unknown[] {
  let value: unknown
  try {
    value = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)
  } catch {
    return [new ParseError('not JSON')]
  }
  if (Array.isArray(value)) return value
  const { id, vulns } = (value ?? {}) as { id?: unknown; vulns?: unknown }
  return id === undefined && Array.isArray(vulns) ? vulns : [value]
}
