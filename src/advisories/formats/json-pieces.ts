import { StringDecoder } from 'node:string_decoder'
import { ParseError } from '../../errors.js'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPENING = new Set([0x5b, 0x7b])
const CLOSING = new Set([0x5d, 0x7d])
/** Of one item of a list, or one member of an object; the largest in the public feeds are a few MiB. */
const MAX_PIECE = 64 * 1024 * 1024

/**
 * The items of a JSON list, or the members of a JSON object as objects of one member each, as texts: so a document of any size fits in memory.
 * Whether each is JSON is for its parser to say.
 *
 * @throws ParseError where a piece is too large, or the document ends in the middle
 */
export async function* jsonPieces(chunks: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new StringDecoder('utf8')
  const splitter = new Splitter()
  for await (const chunk of chunks) yield* splitter.take(decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)))
  splitter.end()
}

class Splitter {
  #depth = 0
  #inString = false
  #escaped = false
  #isObject = false
  #piece = ''

  end(): void {
    if (this.#depth !== 0) throw new ParseError('not JSON')
  }

  *take(text: string): Iterable<string> {
    let from = 0
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false
        else if (code === BACKSLASH) this.#escaped = true
        else if (code === QUOTE) this.#inString = false
      } else if (code === QUOTE) this.#inString = true
      else if (OPENING.has(code)) {
        if (++this.#depth !== 1) continue
        this.#isObject = text[i] === '{'
        from = i + 1
      } else if (CLOSING.has(code) ? --this.#depth === 0 : code === COMMA && this.#depth === 1) {
        yield* this.#finish(text.slice(from, i))
        from = i + 1
      }
    }
    if (this.#depth > 0) this.#piece += text.slice(from)
    if (this.#piece.length > MAX_PIECE) throw new ParseError('too large')
  }

  #finish(rest: string): string[] {
    const piece = (this.#piece + rest).trim()
    this.#piece = ''
    if (piece === '') return []
    return [this.#isObject ? `{${piece}}` : piece]
  }
}
