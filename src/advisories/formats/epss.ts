import { StringDecoder } from 'node:string_decoder'
import { ParseError } from '../../errors.js'
import { type Outcome, rejected } from './types.js'

const MODEL = /^#model_version:/
const HEAD = /^cve,epss,percentile\b/
const ROW = /^(CVE-\d{4}-\d{4,}),([\d.]+(?:e-?\d+)?),([\d.]+(?:e-?\d+)?)(?:,|$)/i
const MAX_LINE = 4_096

/** Whether a text begins as the file of scores does: a comment that names the model, then the names of the columns. */
export function isEpss(head: string): boolean {
  return MODEL.test(head) || HEAD.test(head)
}

/**
 * Scores of the Exploit Prediction Scoring System, as FIRST publishes them daily.
 *
 * https://www.first.org/epss/data_stats
 *
 * @throws ParseError where a line has no end
 */
export async function* readEpss(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Outcome> {
  const decoder = new StringDecoder('utf8')
  let pending = ''
  for await (const chunk of chunks) {
    const lines = (pending + decoder.write(chunk)).split('\n')
    pending = lines.pop() ?? ''
    if (pending.length > MAX_LINE) throw new ParseError('EPSS scores with a line too long')
    yield* lines.flatMap(scoreOf)
  }
  yield* scoreOf(pending)
}

function scoreOf(text: string): Outcome[] {
  const line = text.trim()
  if (line === '' || line.startsWith('#') || HEAD.test(line)) return []
  const [, cve, score, rank] = ROW.exec(line) ?? []
  const [probability, percentile] = [Number(score), Number(rank)]
  if (cve === undefined || !(probability <= 1) || !(percentile <= 1)) return [rejected('line that is no EPSS score', cve)]
  return [{ kind: 'prediction', cve: cve.toUpperCase(), prediction: { probability, percentile } }]
}
