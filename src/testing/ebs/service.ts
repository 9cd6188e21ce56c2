import { RateLimit } from '../rate-limit.js'
import type { Account } from '../state.js'
import type { LocalAwsOptions } from '../types.js'
import { type Answer, type Operation, type Service, ServiceError, type WireRequest } from '../wire.js'
import { getSnapshotBlock, readableSnapshot } from './blocks.js'
import { invalid } from './errors.js'
import { BLOCK_TOKEN_MS, changedBlocks, type Listing, listPage, writtenBlocks } from './listing.js'
import { Tokens } from './tokens.js'

/** The EBS direct APIs for reading: restJson1, docs.aws.amazon.com/ebs/latest/APIReference. */
export class EbsService implements Service {
  readonly refusals: Service['refusals'] = {
    unsigned: new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403),
    throttle: new ServiceError('RequestThrottledException', 'Request limit exceeded for the account', 400, 'ACCOUNT_THROTTLED'),
    error: new ServiceError('InternalServerException', 'An internal error has occurred', 500),
    denied: new ServiceError('AccessDeniedException', 'You are not authorized to perform this operation.', 403, 'UNAUTHORIZED_ACCOUNT'),
  }
  readonly #account: Account
  readonly #options: LocalAwsOptions
  readonly #tokens = new Tokens()
  readonly #rateLimit: RateLimit | undefined

  constructor(account: Account, options: LocalAwsOptions) {
    this.#account = account
    this.#options = options
    this.#rateLimit = options.requestsPerSecond === undefined ? undefined : new RateLimit(options.requestsPerSecond, () => account.now())
  }

  /** Whether a request's path is this service's. */
  static owns(request: WireRequest): boolean {
    return request.url.pathname !== '/'
  }

  parse(request: WireRequest): Operation {
    const query = request.url.searchParams
    const [root, snapshotId = '', verb, blockIndex, ...more] = pathOf(request.url)
    if (request.method === 'GET' && root === 'snapshots' && more.length === 0) {
      if (verb === 'blocks' && blockIndex === undefined) return this.#listSnapshotBlocks(snapshotId, query)
      if (verb === 'changedblocks' && blockIndex === undefined) return this.#listChangedBlocks(snapshotId, query)
      if (verb === 'blocks' && blockIndex !== undefined) return this.#getSnapshotBlock(snapshotId, blockIndex, query)
    }
    throw new ServiceError('UnknownOperationException', 'The requested operation is not known', 404)
  }

  answerFor(error: ServiceError): Answer {
    const { code, message, reason, status } = error
    return jsonAnswer(status, { Message: message, ...(reason !== undefined && { Reason: reason }) }, { 'x-amzn-errortype': code })
  }

  #listSnapshotBlocks(snapshotId: string, query: URLSearchParams): Operation {
    return {
      action: 'ListSnapshotBlocks',
      resources: [snapshotId],
      run: () => this.#list('Blocks', writtenBlocks(readableSnapshot(this.#account, snapshotId), this.#tokens), query),
    }
  }

  #listChangedBlocks(secondId: string, query: URLSearchParams): Operation {
    const firstId = query.get('firstSnapshotId')
    return {
      action: 'ListChangedBlocks',
      resources: firstId === null ? [secondId] : [secondId, firstId],
      run: () => {
        const second = readableSnapshot(this.#account, secondId)
        const first = firstId === null ? undefined : readableSnapshot(this.#account, firstId)
        if (first && first.volume !== second.volume) throw invalid('UNRELATED_SNAPSHOTS', 'The snapshots are not of the same volume')
        return this.#list('ChangedBlocks', changedBlocks(first, second, this.#tokens), query)
      },
    }
  }

  #getSnapshotBlock(snapshotId: string, index: string, query: URLSearchParams): Operation {
    const blockIndex = /^\d{1,10}$/.test(index) ? Number(index) : undefined
    return {
      action: 'GetSnapshotBlock',
      resources: [snapshotId],
      ...(blockIndex !== undefined && { blockIndex }),
      run: () => {
        if (this.#rateLimit?.admit() === false) throw this.refusals.throttle
        const snapshot = readableSnapshot(this.#account, snapshotId)
        if (blockIndex === undefined) throw invalid('INVALID_BLOCK', 'The block index is not a whole number')
        const oldestToken = this.#account.now() - (this.#options.tokenMs ?? BLOCK_TOKEN_MS)
        return getSnapshotBlock(snapshot, blockIndex, query.get('blockToken'), this.#tokens, oldestToken)
      },
    }
  }

  async #list(name: 'Blocks' | 'ChangedBlocks', listing: Listing, query: URLSearchParams): Promise<Answer> {
    const { entries, rest } = await listPage(listing, query, this.#account, this.#tokens, this.#options)
    return jsonAnswer(200, { [name]: entries, ...rest })
  }
}

function pathOf(url: URL): string[] {
  try {
    return url.pathname.slice(1).split('/').map(decodeURIComponent)
  } catch {
    return []
  }
}

function jsonAnswer(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: Buffer.from(JSON.stringify(body)) }
}
