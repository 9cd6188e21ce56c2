import { XMLBuilder } from 'fast-xml-parser'
import type { Answer } from '../wire.js'

/** An element's content by child name; undefined children are left out. */
export interface Xml {
  readonly [name: string]: string | number | boolean | undefined | Xml | readonly Xml[]
}

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', suppressEmptyNode: true })

/** A list as EC2 writes it: `item` elements in an element of the list's name. */
export function list(items: readonly Xml[]): Xml {
  return { item: items }
}

export function tagSet(tags: ReadonlyMap<string, string>): Xml {
  return list([...tags].map(([key, value]) => ({ key, value })))
}

/** An XML document with one root element. */
export function xmlAnswer(status: number, root: string, content: Xml): Answer {
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build({ [root]: content })}`
  return { status, headers: { 'content-type': 'text/xml;charset=UTF-8' }, body: Buffer.from(text) }
}
