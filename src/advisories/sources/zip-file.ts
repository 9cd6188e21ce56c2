import { crc32, inflateRawSync } from 'node:zlib'
import yauzl, { type Entry, type ZipFile } from 'yauzl'
import { CorruptError, messageOf } from '../../errors.js'
import { MAX_RECORD_BYTES, type RecordSource, type SourceDocument, type SourceKind, TOO_LARGE } from './types.js'

/** The largest public feed has a few hundred thousand records. */
const MAX_ENTRIES = 5_000_000
/** All entries together, inflated; the largest public feed is some tens of GiB. */
const MAX_TOTAL_BYTES = 256 * 1024 * 1024 * 1024

// APPNOTE.TXT 4.4.5
const STORED = 0
const DEFLATED = 8

/** A zip of JSON and XML files, as the public OSV bucket serves them (`all.zip`). Nothing is written to disk: names only tell where a record is from. */
export const zipFile: SourceKind = {
  extensions: ['.zip'],
  open(path: string): RecordSource {
    return { path, documents: (signal) => readEntries(path, signal) }
  },
}

async function* readEntries(path: string, signal?: AbortSignal): AsyncIterable<SourceDocument> {
  const zip = await openZip(path)
  let totalBytes = 0
  try {
    for await (const entry of zip.eachEntry()) {
      signal?.throwIfAborted()
      if (zip.entriesRead > MAX_ENTRIES) throw new CorruptError('zip', `${path}: more than ${MAX_ENTRIES} entries`)
      const name = nameOf(entry)
      if (!/\.(?:json|xml)$/i.test(name)) continue
      const document = await readEntry(zip, entry, `${path}:${name}`)
      if ('text' in document) totalBytes += document.text.length
      if (totalBytes > MAX_TOTAL_BYTES) throw new CorruptError('zip', `${path}: more than ${MAX_TOTAL_BYTES} bytes inflated`)
      yield document
    }
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof CorruptError) throw error
    throw new CorruptError('zip', `${path}: ${messageOf(error)}`)
  } finally {
    zip.close()
  }
}

async function openZip(path: string): Promise<ZipFile> {
  try {
    // Undecoded names: one bad name costs its entry, not the archive.
    return await yauzl.openPromise(path, { lazyEntries: true, autoClose: false, decodeStrings: false })
  } catch (error) {
    throw new CorruptError('zip', `${path}: ${messageOf(error)}`)
  }
}

function nameOf(entry: Entry): string {
  return entry.fileNameRaw.toString('utf8').replace(/\p{Cc}/gu, '?')
}

async function readEntry(zip: ZipFile, entry: Entry, origin: string): Promise<SourceDocument> {
  if (entry.isEncrypted()) return { origin, problem: 'encrypted' }
  if (Math.max(entry.uncompressedSize, entry.compressedSize) > MAX_RECORD_BYTES) return { origin, problem: TOO_LARGE }
  try {
    const chunks: Buffer[] = []
    for await (const chunk of await zip.openReadStreamPromise(entry, { decodeFileData: false })) chunks.push(chunk as Buffer)
    const bytes = inflate(entry, Buffer.concat(chunks))
    if (bytes.length !== entry.uncompressedSize || crc32(bytes) !== entry.crc32) return { origin, problem: 'damaged zip entry' }
    return { origin, text: bytes.toString('utf8') }
  } catch {
    return { origin, problem: 'damaged zip entry' }
  }
}

/** Records are small: inflating each at once is several times faster than a stream for each. */
function inflate({ compressionMethod, uncompressedSize }: Entry, bytes: Buffer): Buffer {
  if (compressionMethod === STORED) return bytes
  if (compressionMethod !== DEFLATED) throw new CorruptError('zip', `compression method ${compressionMethod}`)
  return inflateRawSync(bytes, { maxOutputLength: uncompressedSize + 1 })
}
