import { ParseError } from '../errors.js'
import { jsonValues, readDocument, readJson } from './formats/index.js'
import { type Outcome, rejected as rejection } from './formats/types.js'
import { type Rejection, RejectionCounter } from './rejections.js'
import type { RecordSource, SourceDocument } from './sources/types.js'
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

/** Streams advisories of any known form into a database. A record that cannot be used is counted with its reason; the rest goes on. */
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
  const take = (outcome: Outcome, origin: string): void => {
    if (outcome.kind === 'rejected') rejected.add(outcome.reason, outcome.id ?? origin)
    if (outcome.kind === 'withdrawn') {
      withdrawn++
      writer.withdraw(outcome.id, outcome.modified)
    }
    if (outcome.kind === 'record') {
      for (const reason of outcome.skipped) rejected.add(reason, outcome.record.details.id)
      if (writer.add(name, outcome.record)) stored++
    }
    if (outcome.kind === 'exploited') writer.addExploited(name, outcome.cve, outcome.exploited)
    if (outcome.kind === 'prediction') writer.addPrediction(name, outcome.cve, outcome.prediction)
    if (outcome.kind === 'exploited' || outcome.kind === 'prediction') stored++
  }
  for await (const document of source.documents(options.signal)) {
    try {
      for await (const outcome of outcomesOf(document)) {
        take(outcome, document.origin)
        if (++records % PROGRESS_INTERVAL !== 0) continue
        options.onProgress?.({ source: name, records })
        await new Promise(setImmediate)
        options.signal?.throwIfAborted()
      }
    } catch (error) {
      if (!(error instanceof ParseError)) throw error
      rejected.add(error.message, document.origin)
    }
  }
  options.onProgress?.({ source: name, records })
  return { records: stored, withdrawn, rejected: rejected.list() }
}

async function* outcomesOf(document: SourceDocument): AsyncIterable<Outcome> {
  if ('problem' in document) yield rejection(document.problem)
  else if ('chunks' in document) yield* readDocument(document.chunks)
  else if (document.text.trimStart().startsWith('<')) yield* readDocument(only(Buffer.from(document.text)))
  else for (const value of jsonValues(document.text)) yield* readJson(value)
}

async function* only(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}
