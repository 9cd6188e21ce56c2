/** What reading snapshots cost so far. */
export interface EbsStats {
  /** Requests sent to the EBS direct APIs: every attempt of every call. */
  requests: number
  /** Those of `requests` that were ListSnapshotBlocks. */
  listRequests: number
  /** Blocks that arrived and were verified. */
  blocks: number
  /** Bytes of those blocks. */
  bytes: number
  /** Attempts after the first. */
  retries: number
  /** Answers that said: too many requests. */
  throttles: number
  /** US dollars at list prices. */
  usd: number
}

// aws.amazon.com/ebs/pricing, "EBS direct APIs for snapshots", us-east-1: per request answered and per 512 KiB block.
export const USD_PER_LIST_REQUEST: number = 0.0006 / 1000
export const USD_PER_BLOCK: number = 0.003 / 1000

export function emptyStats(): EbsStats {
  return { requests: 0, listRequests: 0, blocks: 0, bytes: 0, retries: 0, throttles: 0, usd: 0 }
}

export function addStats(total: EbsStats, part: Partial<EbsStats>): void {
  for (const key of Object.keys(part) as (keyof EbsStats)[]) total[key] += part[key]!
}
