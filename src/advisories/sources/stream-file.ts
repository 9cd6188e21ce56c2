import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { CorruptError, IoError, messageOf } from '../../errors.js'
import type { RecordSource, SourceKind } from './types.js'

const GZIP_MAGIC = 0x8b1f
/** Inflated; the largest public feed is a few hundred MiB. */
const MAX_BYTES = 4 * 1024 * 1024 * 1024

/** A file of one document that is read in pieces, compressed with gzip or not. */
export const streamFile: SourceKind = {
  extensions: ['.json', '.xml', '.csv', '.gz'],
  open(path: string): RecordSource {
    return {
      path,
      async *documents(signal) {
        yield { origin: path, chunks: readChunks(path, signal) }
      },
    }
  },
}

async function* readChunks(path: string, signal?: AbortSignal): AsyncIterable<Uint8Array> {
  const gunzip = (await isGzip(path)) ? createGunzip() : undefined
  const file = createReadStream(path, { signal })
  // The errors of each come out of the other end.
  const stream: Readable = gunzip ? pipeline(file, gunzip, () => undefined) : file
  let bytes = 0
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > MAX_BYTES) throw new CorruptError('gzip', `${path}: more than ${MAX_BYTES} bytes`)
      yield chunk
    }
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof CorruptError) throw error
    if ((error as NodeJS.ErrnoException).code?.startsWith('Z_')) throw new CorruptError('gzip', `${path}: ${messageOf(error)}`)
    throw new IoError(`cannot read ${path}: ${messageOf(error)}`, { cause: error })
  } finally {
    file.destroy()
  }
}

async function isGzip(path: string): Promise<boolean> {
  let file: FileHandle | undefined
  try {
    file = await open(path)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer.readUInt16LE(0) === GZIP_MAGIC
  } catch (error) {
    throw new IoError(`cannot read ${path}: ${messageOf(error)}`, { cause: error })
  } finally {
    await file?.close()
  }
}
