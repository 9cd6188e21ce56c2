import { readDocument } from '../../../src/advisories/formats/index.js'
import type { Outcome } from '../../../src/advisories/formats/types.js'
import type { AdvisoryRecord } from '../../../src/advisories/types.js'

/** A document in pieces of so many bytes. */
export async function* pieces(text: string | Buffer, size: number = 1 << 16): AsyncIterable<Uint8Array> {
  const bytes = Buffer.from(text as string)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

export async function outcomesOf(text: string | Buffer, size?: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for await (const outcome of readDocument(pieces(text, size))) outcomes.push(outcome)
  return outcomes
}

export async function recordsOf(text: string): Promise<AdvisoryRecord[]> {
  return (await outcomesOf(text)).flatMap((outcome) => (outcome.kind === 'record' ? [outcome.record] : []))
}
