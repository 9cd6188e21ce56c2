import { TextDecoder } from 'node:util'
import { type SaxesAttributePlain, SaxesParser, type SaxesTagPlain } from 'saxes'
import { ParseError } from '../../errors.js'

/** An element with all that is in it. Names are local ones. */
export interface XmlNode {
  readonly name: string
  attribute(name: string): string | undefined
  readonly children: readonly XmlNode[]
  /** Of the element itself, not of its children. */
  readonly text: string
}

/** What an XML stream gives: elements of the wanted name, and those that were too large to be read. */
export type XmlItem = XmlNode | 'too large'

/** Of one element; the largest advisories have some ten thousand elements and a few hundred kilobytes. */
const MAX_NODES = 500_000
const MAX_CHARACTERS = 32 * 1024 * 1024
const MAX_DEPTH = 64
const NO_ENCODING = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii'])

/**
 * The outermost elements of some names, one at a time, so that a feed of any size fits in memory. Entities other than XML's own are not
 * expanded: a document type declaration is refused.
 *
 * @param wanted the names of the elements to give, by the name of the root; none where the root is of no interest
 * @throws ParseError where the document is not well-formed, not UTF-8, or has a document type declaration
 */
export async function* readXml(chunks: AsyncIterable<Uint8Array>, wanted: (root: string) => readonly string[]): AsyncIterable<XmlItem> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const collector = new Collector(wanted)
  for await (const chunk of chunks) {
    collector.write(decode(decoder, chunk))
    yield* collector.take()
  }
  collector.write(decode(decoder))
  collector.close()
  yield* collector.take()
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined })
  } catch {
    throw new ParseError('not UTF-8')
  }
}

class Node implements XmlNode {
  readonly name: string
  readonly children: Node[] = []
  readonly #attributes: Readonly<Record<string, string>>
  #text = ''

  constructor(tag: SaxesTagPlain) {
    this.name = localName(tag.name)
    this.#attributes = tag.attributes
  }

  get text(): string {
    return this.#text
  }

  append(text: string): void {
    this.#text += text
  }

  attribute(name: string): string | undefined {
    return Object.hasOwn(this.#attributes, name) ? this.#attributes[name] : undefined
  }
}

/** Builds the wanted elements out of the parser's events. */
class Collector {
  readonly #parser = new SaxesParser()
  readonly #wanted: (root: string) => readonly string[]
  #items: XmlItem[] = []
  #depth = 0
  #names: readonly string[] = []
  /** From the wanted element down to the open one; empty outside of any. */
  #open: Node[] = []
  /** Depth of a wanted element that has grown too large, until it ends. */
  #skipping: number | undefined
  #nodes = 0
  #characters = 0
  /** Characters since the parser last told of something: a text or a comment without end must not fill the memory. */
  #untold = 0

  constructor(wanted: (root: string) => readonly string[]) {
    this.#wanted = wanted
    this.#parser.on('error', (error) => {
      throw new ParseError(`not well-formed XML (${error.message.replace(/^.*?:\d+:\d+: /, '').replace(/[^\w ,.'-]/g, '')})`)
    })
    this.#parser.on('doctype', () => {
      throw new ParseError('XML with a document type declaration')
    })
    this.#parser.on('xmldecl', ({ encoding }) => {
      if (encoding !== undefined && !NO_ENCODING.has(encoding.toLowerCase())) throw new ParseError('XML in another encoding than UTF-8')
    })
    this.#parser.on('attribute', ({ value }: SaxesAttributePlain) => this.#count(value.length))
    this.#parser.on('opentag', (tag) => this.#openTag(tag))
    this.#parser.on('text', (text) => this.#addText(text))
    this.#parser.on('cdata', (text) => this.#addText(text))
    this.#parser.on('closetag', () => this.#closeTag())
  }

  write(text: string): void {
    this.#untold += text.length
    this.#parser.write(text)
    if (this.#untold > MAX_CHARACTERS) throw new ParseError('XML with a text too large')
  }

  close(): void {
    this.#parser.close()
  }

  take(): XmlItem[] {
    const items = this.#items
    this.#items = []
    return items
  }

  #openTag(tag: SaxesTagPlain): void {
    this.#untold = 0
    if (++this.#depth > MAX_DEPTH) throw new ParseError('XML with elements too deep in each other')
    if (this.#depth === 1) this.#names = this.#wanted(localName(tag.name))
    if (this.#skipping !== undefined) return
    const parent = this.#open.at(-1)
    if (!parent && !this.#names.includes(localName(tag.name))) return
    const node = new Node(tag)
    parent?.children.push(node)
    this.#open.push(node)
    if (!parent) {
      this.#nodes = 0
      this.#characters = 0
    }
    if (++this.#nodes > MAX_NODES) this.#skip()
  }

  #addText(text: string): void {
    this.#count(text.length)
    this.#open.at(-1)?.append(text)
  }

  #count(characters: number): void {
    this.#characters += characters
    if (this.#characters > MAX_CHARACTERS && this.#open.length > 0) this.#skip()
  }

  #skip(): void {
    this.#skipping = this.#depth - this.#open.length + 1
    this.#open = []
    this.#items.push('too large')
  }

  #closeTag(): void {
    this.#untold = 0
    if (this.#skipping === this.#depth) this.#skipping = undefined
    const node = this.#open.pop()
    if (node && this.#open.length === 0) this.#items.push(node)
    this.#depth--
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

/** The child elements of a name. */
export function childrenOf(node: XmlNode | undefined, name: string): XmlNode[] {
  return node?.children.filter((child) => child.name === name) ?? []
}

/** The first child element of a name. */
export function childOf(node: XmlNode | undefined, name: string): XmlNode | undefined {
  return node?.children.find((child) => child.name === name)
}

/** The text of the first child element of a name. */
export function textOf(node: XmlNode | undefined, name: string): string {
  return childOf(node, name)?.text.trim() ?? ''
}
