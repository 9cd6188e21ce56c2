import { ParseError } from '../../errors.js'
import { parseOsv } from '../osv.js'
import { type Fields, fieldsOf } from '../osv-values.js'
import { csaf } from './csaf.js'
import { debianTracker } from './debian-tracker.js'
import { isEpss, readEpss } from './epss.js'
import { kev } from './kev.js'
import { openvex } from './openvex.js'
import { otherKind } from './other-kinds.js'
import { oval } from './oval.js'
import { secdb } from './secdb.js'
import { type JsonFormat, type Outcome, rejected, type XmlFormat, type XmlReader } from './types.js'
import { updateinfo } from './updateinfo.js'
import { readXml } from './xml.js'

/** Anything else is taken for an OSV record. */
const JSON_FORMATS: readonly JsonFormat[] = [csaf, debianTracker, kev, openvex, secdb]
const XML_FORMATS: readonly XmlFormat[] = [oval, updateinfo]

/** A JSON document that arrives in pieces is read whole up to this size. */
const MAX_JSON_BYTES = 256 * 1024 * 1024

/** What a JSON value holds: one OSV record, or whatever the formats recognise. Never throws. */
export function readJson(value: unknown): Iterable<Outcome> {
  const fields = fieldsOf(value)
  const format = fields && JSON_FORMATS.find(({ recognises }) => recognises(fields))
  if (fields && format) return format.read(fields)
  const other = fields && otherKind(fields)
  return [other === undefined ? parseOsv(value) : rejected(other)]
}

/**
 * What a document of any of the formats holds, recognised by its beginning.
 *
 * @throws ParseError where the document as a whole, or the rest of it, cannot be used
 */
export async function* readDocument(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Outcome> {
  const { head, all } = await withHead(chunks)
  if (head.startsWith('<')) yield* readAnyXml(all)
  else if (isEpss(head)) yield* readEpss(all)
  else if (/^[[{]/.test(head)) for (const value of jsonValues(await textOf(all))) yield* readJson(value)
  else throw new ParseError('not recognised as any form of advisories')
}

async function* readAnyXml(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Outcome> {
  let reader: XmlReader | undefined
  const wanted = (root: string): readonly string[] => {
    const format = XML_FORMATS.find((known) => known.root === root)
    if (!format) throw new ParseError(root === 'repomd' ? 'metadata of a repository, no advisories' : 'XML of no form of advisories')
    reader = format.open()
    return format.elements
  }
  for await (const item of readXml(chunks, wanted)) {
    if (item === 'too large') yield rejected('too large')
    else if (reader) yield* reader.read(item)
  }
  if (reader?.end) yield* reader.end()
}

/**
 * The values of a JSON text: itself, the items of a list, or the `vulns` of an answer of api.osv.dev.
 *
 * @throws ParseError
 */
export function jsonValues(text: string): readonly unknown[] {
  let value: unknown
  try {
    value = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)
  } catch {
    throw new ParseError('not JSON')
  }
  if (Array.isArray(value)) return value
  const { id, vulns }: Fields = fieldsOf(value) ?? {}
  return id === undefined && Array.isArray(vulns) ? vulns : [value]
}

/** The first characters of a stream without its byte order mark and blanks, and the stream with them. */
async function withHead(chunks: AsyncIterable<Uint8Array>): Promise<{ head: string; all: AsyncIterable<Uint8Array> }> {
  const iterator = chunks[Symbol.asyncIterator]()
  const read: Uint8Array[] = []
  let head = ''
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    read.push(next.value)
    head = Buffer.concat(read)
      .subarray(0, 256)
      .toString('utf8')
      .replace(/^\ufeff/, '')
      .trimStart()
    if (head !== '' || read.length > 16) break
  }
  async function* all(): AsyncIterable<Uint8Array> {
    yield* read
    yield* { [Symbol.asyncIterator]: () => iterator }
  }
  return { head, all: all() }
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > MAX_JSON_BYTES) throw new ParseError('too large')
    parts.push(chunk)
  }
  return Buffer.concat(parts).toString('utf8')
}
