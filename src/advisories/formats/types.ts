import type { Exploited, ExploitPrediction } from '../../model.js'
import type { OsvOutcome } from '../osv.js'
import type { Fields } from '../osv-values.js'
import type { XmlNode } from './xml.js'

/** What became of one piece of a feed: an advisory, or what is known of a CVE's exploitation. */
export type Outcome =
  | OsvOutcome
  | { readonly kind: 'exploited'; readonly cve: string; readonly exploited: Exploited }
  | { readonly kind: 'prediction'; readonly cve: string; readonly prediction: ExploitPrediction }

/** A form in which advisories are published as JSON. A new one is one file here and one line in `formats/index.ts`. */
export interface JsonFormat {
  /** By its content, whatever the file is called. */
  recognises(value: Fields): boolean
  /** Never throws. */
  read(value: Fields): Iterable<Outcome>
}

/** A form in which advisories are published as XML, read element by element. A new one is one file here and one line in `formats/index.ts`. */
export interface XmlFormat {
  /** Local name of the root element. */
  readonly root: string
  /** Local names of the elements that are read. */
  readonly elements: readonly string[]
  /** For one document. */
  open(): XmlReader
}

export interface XmlReader {
  /** Never throws. */
  read(element: XmlNode): Iterable<Outcome>
  /** After the last element. */
  end?(): Iterable<Outcome>
}

/** The outcome of what cannot be used. */
export function rejected(reason: string, id?: string): Outcome {
  return { kind: 'rejected', reason, id }
}
