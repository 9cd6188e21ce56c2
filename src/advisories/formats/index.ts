import { ParseError } from '../../errors.js'
import { parseOsv } from '../osv.js'
import { type Fields, fieldsOf } from '../osv-values.js'
import { csaf } from './csaf.js'
import { debianTracker } from './debian-tracker.js'
import { isEpss, readEpss } from './epss.js'
import { jsonPieces } from './json-pieces.js'
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

/** What a format is recognised by. */
const MAX_HEAD_BYTES = 1_024
/** A JSON document is read whole up to this size, a larger one piece by piece: a list, or an object whose members say what they are. */
const MAX_WHOLE_BYTES = 8 * 1024 * 1024

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
  const { head: bytes, all } = await withStart(chunks, MAX_HEAD_BYTES)
  const head = bytes
    .subarray(0, MAX_HEAD_BYTES)
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart()
  if (head.startsWith('<')) yield* readAnyXml(all)
  else if (isEpss(head)) yield* readEpss(all)
  else if (/^[[{]/.test(head)) yield* readAnyJson(all)
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

/** The first bytes of a stream, at least so many unless it ends before, and the stream with them. */
async function withStart(
  chunks: AsyncIterable<Uint8Array>,
  bytes: number,
): Promise<{ head: Buffer; all: AsyncIterable<Uint8Array>; isWhole: boolean }> {
  const iterator = chunks[Symbol.asyncIterator]()
  const read: Uint8Array[] = []
  let length = 0
  let isWhole = false
  while (length < bytes && !isWhole) {
    const next = await iterator.next()
    if (next.done) isWhole = true
    else {
      read.push(next.value)
      length += next.value.length
    }
  }
  const head = Buffer.concat(read)
  async function* all(): AsyncIterable<Uint8Array> {
    yield head
    yield* { [Symbol.asyncIterator]: () => iterator }
  }
  return { head, all: all(), isWhole }
}

async function* readAnyJson(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Outcome> {
  const { head, all, isWhole } = await withStart(chunks, MAX_WHOLE_BYTES)
  if (isWhole) for (const value of jsonValues(head.toString('utf8'))) yield* readJson(value)
  else for await (const text of jsonPieces(all)) for (const value of jsonValues(text)) yield* readJson(value)
}
