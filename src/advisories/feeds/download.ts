import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { IoError, messageOf } from '../../errors.js'
import type { SourceInfo } from '../schema.js'

export interface DownloadOptions {
  readonly fetch?: typeof globalThis.fetch
  readonly signal?: AbortSignal
  /** Without an answer or a further byte for so long, an attempt has failed; 60,000 by default. */
  readonly timeoutMs?: number
  /** Attempts in all; 4 by default. */
  readonly attempts?: number
  /** Before the second attempt; doubled for each further one, with jitter; 1,000 by default. */
  readonly retryDelayMs?: number
  /** Bytes of this download so far, and in all where the server says. */
  readonly onBytes?: (bytes: number, total: number | undefined) => void
}

type Validators = Pick<SourceInfo, 'etag' | 'lastModified' | 'hash'>

/** No public feed comes near this. */
const MAX_BYTES = 8 * 1024 * 1024 * 1024

/** An answer that another attempt will not change. */
export class RefusedError extends IoError {
  /** HTTP status; absent where the answer itself is refused. */
  readonly status: number | undefined
  constructor(message: string, status?: number) {
    super(message)
    this.status = status
  }
}

/**
 * Downloads a file unless it is unchanged since `previous`: by ETag, Last-Modified, and the hash that Google Cloud Storage sends.
 * Length and MD5 are verified where the server gives them.
 *
 * @returns what will tell whether it has changed; undefined where it is unchanged
 * @throws IoError when the server refuses, or all attempts failed
 */
export async function downloadFile(
  url: string,
  path: string,
  previous: Validators | undefined,
  options: DownloadOptions = {},
): Promise<Validators | undefined> {
  const { attempts = 4, retryDelayMs = 1_000, signal } = options
  for (let attempt = 1; ; attempt++) {
    try {
      return await downloadOnce(url, path, previous, options)
    } catch (error) {
      await rm(path, { force: true })
      signal?.throwIfAborted()
      if (error instanceof RefusedError) throw error
      if (attempt >= attempts) throw new IoError(`cannot download ${url}: ${reasonOf(error)}`, { cause: error })
      await delay(retryDelayMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2), undefined, signal ? { signal } : {})
    }
  }
}

async function downloadOnce(
  url: string,
  path: string,
  previous: Validators | undefined,
  { fetch = globalThis.fetch, signal, timeoutMs = 60_000, onBytes }: DownloadOptions,
): Promise<Validators | undefined> {
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(new IoError(`nothing received for ${timeoutMs} ms`)), timeoutMs)
  const heard = (): void => void timer.refresh()
  try {
    const combined = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal
    const response = await fetch(url, { headers: conditions(previous), signal: combined })
    heard()
    const validators = validatorsOf(response)
    if (response.status === 304 || (response.ok && isSame(previous, validators))) {
      await response.body?.cancel()
      return undefined
    }
    if (!response.ok) {
      await response.body?.cancel()
      const problem = `${url}: HTTP ${response.status}`
      throw response.status === 408 || response.status === 429 || response.status >= 500
        ? new IoError(problem)
        : new RefusedError(problem, response.status)
    }
    await save(response, path, combined, (bytes, total) => {
      heard()
      onBytes?.(bytes, total)
    })
    return validators
  } finally {
    clearTimeout(timer)
  }
}

async function save(
  response: Response,
  path: string,
  signal: AbortSignal,
  onBytes: (bytes: number, total: number | undefined) => void,
): Promise<void> {
  if (!response.body) throw new IoError('empty answer')
  // An encoded body has another length than the file.
  const encoded = response.headers.has('content-encoding')
  const length = response.headers.get('content-length')
  const total = length === null || encoded ? undefined : Number(length)
  const md5 = createHash('md5')
  let bytes = 0
  await pipeline(
    Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        bytes += chunk.length
        if (bytes > MAX_BYTES) throw new RefusedError(`more than ${MAX_BYTES} bytes`)
        md5.update(chunk)
        onBytes(bytes, total)
        yield chunk
      }
    },
    createWriteStream(path),
    { signal },
  )
  if (total !== undefined && bytes !== total) throw new IoError(`${bytes} bytes received of ${total}`)
  const expected = /(?:^|[,\s])md5=([^,\s]+)/.exec(response.headers.get('x-goog-hash') ?? '')?.[1]
  if (expected !== undefined && !encoded && md5.digest('base64') !== expected) throw new IoError('the content does not match its MD5')
}

function conditions(previous: Validators | undefined): Record<string, string> {
  return {
    ...(previous?.etag === undefined ? {} : { 'if-none-match': previous.etag }),
    ...(previous?.lastModified === undefined ? {} : { 'if-modified-since': previous.lastModified }),
  }
}

function validatorsOf({ headers }: Response): Validators {
  const etag = headers.get('etag')
  const lastModified = headers.get('last-modified')
  const hash = headers.get('x-goog-hash')
  return { ...(etag ? { etag } : {}), ...(lastModified ? { lastModified } : {}), ...(hash ? { hash } : {}) }
}

function isSame(previous: Validators | undefined, now: Validators): boolean {
  return (previous?.etag !== undefined && previous.etag === now.etag) || (previous?.hash !== undefined && previous.hash === now.hash)
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error ? `${messageOf(error)} (${messageOf(cause)})` : messageOf(error)
}
