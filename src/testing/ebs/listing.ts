import { BLOCK_SIZE } from '../image.js'
import type { Snapshot } from '../resources.js'
import type { Account } from '../state.js'
import type { LocalAwsOptions } from '../types.js'
import { invalid } from './errors.js'
import type { Tokens } from './tokens.js'

const MIN_PAGE = 100
const MAX_PAGE = 10_000
const PAGE_TOKEN_MS = 60 * 60 * 1000
const BLOCKS_PER_GIB = 2 ** 30 / BLOCK_SIZE
// Bounds of the work for one page: it ends early in a long hole rather than keep the caller waiting, as the service's pages may.
const MAX_EXAMINED = 512 * BLOCKS_PER_GIB
const MAX_SCANNED = 4 * BLOCKS_PER_GIB
const MAX_COMPARED = 4 * BLOCKS_PER_GIB

/** How long block tokens live unless told otherwise: docs.aws.amazon.com/ebs/latest/userguide/ebsapi-faq.html */
export const BLOCK_TOKEN_MS: number = 7 * 24 * 60 * 60 * 1000

/** What a page of a listing is made of; `undefined` for a block that the listing leaves out. */
export interface Listing {
  readonly first: Snapshot | undefined
  readonly second: Snapshot
  /** Most blocks to examine for one page. */
  readonly maxExamined: number
  readonly entry: (blockIndex: number, issuedAt: number) => Promise<object | undefined>
}

/** The answer's body but for the name of its list. */
export interface Page {
  readonly entries: readonly object[]
  readonly rest: object
}

/** One page of ListSnapshotBlocks or ListChangedBlocks. */
export async function listPage(
  listing: Listing,
  query: URLSearchParams,
  account: Account,
  tokens: Tokens,
  options: LocalAwsOptions,
): Promise<Page> {
  const { first, second } = listing
  const of = `${first?.snapshotId ?? ''}/${second.snapshotId}`
  const issuedAt = account.now()
  const limit = Math.min(pageSize(query), options.maxPageBlocks ?? MAX_PAGE)
  const cursor = startOf(query, of, issuedAt, tokens)
  const end = second.volume.sizeGiB * BLOCKS_PER_GIB
  const entries: object[] = []
  let blockIndex = cursor.blockIndex
  if (!cursor.empty) {
    const stop = Math.min(end, blockIndex + listing.maxExamined)
    const scanned = second.image.scanned + MAX_SCANNED
    for (; blockIndex < stop && entries.length < limit && second.image.scanned < scanned; blockIndex++) {
      const entry = await listing.entry(blockIndex, issuedAt)
      if (entry) entries.push(entry)
    }
  }
  const rest = {
    ExpiryTime: (issuedAt + (options.tokenMs ?? BLOCK_TOKEN_MS)) / 1000,
    VolumeSize: second.volume.sizeGiB,
    BlockSize: BLOCK_SIZE,
  }
  if (blockIndex >= end) return { entries, rest }
  const empty = options.emptyPages === true && !cursor.empty
  return { entries, rest: { ...rest, NextToken: tokens.pageToken({ of, blockIndex, empty, issuedAt }) } }
}

/** Blocks of a snapshot that were written. */
export function writtenBlocks(second: Snapshot, tokens: Tokens): Listing {
  return {
    first: undefined,
    second,
    maxExamined: MAX_EXAMINED,
    entry: async (BlockIndex, issuedAt) =>
      (await second.image.isWritten(BlockIndex))
        ? { BlockIndex, BlockToken: tokens.blockToken(second.snapshotId, BlockIndex, issuedAt) }
        : undefined,
  }
}

/** Blocks that differ between two snapshots; a side that never wrote the block has no token. Without `first`, all of `second`. */
export function changedBlocks(first: Snapshot | undefined, second: Snapshot, tokens: Tokens): Listing {
  return {
    first,
    second,
    maxExamined: MAX_COMPARED,
    entry: async (BlockIndex, issuedAt) => {
      if (first?.image === second.image) return undefined
      const inFirst = (await first?.image.isWritten(BlockIndex)) === true
      const inSecond = await second.image.isWritten(BlockIndex)
      if (!inFirst && !inSecond) return undefined
      if (first && inFirst && inSecond) {
        const [before, after] = await Promise.all([first.image.readBlock(BlockIndex), second.image.readBlock(BlockIndex)])
        if (Buffer.compare(before, after) === 0) return undefined
      }
      return {
        BlockIndex,
        ...(first && inFirst && { FirstBlockToken: tokens.blockToken(first.snapshotId, BlockIndex, issuedAt) }),
        ...(inSecond && { SecondBlockToken: tokens.blockToken(second.snapshotId, BlockIndex, issuedAt) }),
      }
    },
  }
}

function pageSize(query: URLSearchParams): number {
  const asked = integer(query, 'maxResults') ?? MAX_PAGE
  if (asked > MAX_PAGE) throw invalid('INVALID_PARAMETER_VALUE', `maxResults must be between ${MIN_PAGE} and ${MAX_PAGE}`)
  return Math.max(asked, MIN_PAGE)
}

/** A page token overrides startingBlockIndex. */
function startOf(query: URLSearchParams, of: string, now: number, tokens: Tokens): { blockIndex: number; empty: boolean } {
  const pageToken = query.get('pageToken')
  if (pageToken === null) return { blockIndex: integer(query, 'startingBlockIndex') ?? 0, empty: false }
  const cursor = tokens.pageCursor(pageToken)
  if (cursor?.of !== of) throw invalid('INVALID_PAGE_TOKEN', 'The page token is not valid')
  if (cursor.issuedAt + PAGE_TOKEN_MS < now) throw invalid('INVALID_PAGE_TOKEN', 'The page token has expired')
  return cursor
}

function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  if (!/^\d{1,10}$/.test(text)) throw invalid('INVALID_PARAMETER_VALUE', `${name} is not a whole number: ${text.slice(0, 32)}`)
  return Number(text)
}
