import cvssCalculator from 'ae-cvss-calculator'
import type { CvssScore, Severity } from '../model.js'

/** Words of vendors and databases. Others (`not yet assigned`, `untriaged`, `end-of-life`) say nothing about severity. */
const WORDS: ReadonlyMap<string, Severity> = new Map([
  ['critical', 'critical'],
  ['high', 'high'],
  ['important', 'high'],
  ['medium', 'medium'],
  ['moderate', 'medium'],
  ['low', 'low'],
  ['negligible', 'negligible'],
  ['unimportant', 'negligible'],
  ['none', 'none'],
])

const METRIC = /^[A-Za-z]{1,3}:[A-Za-z]{1,6}$/

/** The severity a vendor's word stands for; undefined where it is no severity. */
export function severityOfWord(word: string | undefined): Severity | undefined {
  // Debian marks a preliminary urgency with asterisks: `low**`.
  return word === undefined ? undefined : WORDS.get(word.toLowerCase().replace(/\*+$/, '').trim())
}

/** Bands of the specifications; version 2 has no critical one. */
export function severityOfScore({ version, baseScore }: Pick<CvssScore, 'version' | 'baseScore'>): Severity {
  if (baseScore <= 0) return 'none'
  if (baseScore < 4) return 'low'
  if (baseScore < 7) return 'medium'
  return baseScore < 9 || version === '2.0' ? 'high' : 'critical'
}

/**
 * Scores a CVSS vector of version 2.0 (prefix optional), 3.0, 3.1 or 4.0: the base score, for 4.0 the score of the vector as it
 * stands. Undefined where the vector is not valid.
 *
 * https://www.first.org/cvss/
 */
export function scoreVector(vector: string): Omit<CvssScore, 'source'> | undefined {
  const version = versionOfVector(vector)
  if (version === undefined) return undefined
  try {
    const parsed = cvssCalculator.fromVector(vector)
    // The calculator reads metrics of another version as that version, whatever the prefix says.
    if (parsed?.getVectorName() !== `CVSS:${version}`) return undefined
    const scores: { base?: number; overall: number } = parsed.calculateScores()
    if (scores.base === undefined || !Number.isFinite(scores.base)) return undefined
    return { version, vector, baseScore: version === '4.0' ? scores.overall : scores.base }
  } catch {
    return undefined
  }
}

/** Undefined where the text is not built like a vector: the calculator is lenient with repeated, empty and foreign metrics. */
function versionOfVector(vector: string): string | undefined {
  const prefix = /^CVSS:(2\.0|3\.0|3\.1|4\.0)\//.exec(vector)
  const metrics = vector.slice(prefix?.[0].length ?? 0).split('/')
  if (!metrics.every((metric) => METRIC.test(metric))) return undefined
  if (new Set(metrics.map((metric) => metric.split(':')[0])).size !== metrics.length) return undefined
  if (prefix) return prefix[1]
  return metrics[0]?.startsWith('AV:') ? '2.0' : undefined
}
