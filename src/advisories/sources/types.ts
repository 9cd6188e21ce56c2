/** One document out of a source: a text, or a stream where it may be large; `problem` where it could not be read. */
export type SourceDocument =
  | { readonly origin: string; readonly text: string }
  /** @throws IoError, CorruptError */
  | { readonly origin: string; readonly chunks: AsyncIterable<Uint8Array> }
  /** Why, in words that are the same for every document of its kind, so that they can be counted. */
  | { readonly origin: string; readonly problem: string }

/** Where advisory records come from, as documents of the formats that are known. */
export interface RecordSource {
  /** File or folder. */
  readonly path: string
  /** One at a time, so that a source of any size fits in memory. @throws IoError, CorruptError where the source as a whole fails. */
  documents(signal?: AbortSignal): AsyncIterable<SourceDocument>
}

/** A kind of source. A new one is one file here and one line in `sources/index.ts`. */
export interface SourceKind {
  /** Lower-case endings of file names, with the dot. */
  readonly extensions: readonly string[]
  open(path: string): RecordSource
}

/** One record, inflated or on a line of its own. The largest in the public feeds are a few MiB. */
export const MAX_RECORD_BYTES: number = 64 * 1024 * 1024
export const TOO_LARGE = 'too large'
