import type { LocalAction } from './types.js'

/** A request as it came over the wire. */
export interface WireRequest {
  readonly method: string
  /** Path and query. */
  readonly url: URL
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Cut short where it is larger than any request may be. */
  readonly body: string
  /** Bytes that were sent. */
  readonly bodyBytes: number
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** A call that was understood but not yet carried out. */
export interface Operation {
  readonly action: LocalAction
  /** Ids the caller names; the first one is logged. */
  readonly resources: readonly string[]
  readonly blockIndex?: number
  /** @throws ServiceError where the service refuses it. */
  run(): Promise<Answer> | Answer
}

/** An error answer of a service. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  readonly code: string
  readonly status: number
  readonly reason: string | undefined
  constructor(code: string, message: string, status = 400, reason?: string) {
    super(message)
    this.code = code
    this.status = status
    this.reason = reason
  }
}

/** One of the services behind the endpoint. */
export interface Service {
  /** @throws ServiceError for an action or path the service does not know. */
  parse(request: WireRequest): Operation
  answerFor(error: ServiceError): Answer
  readonly refusals: Readonly<Record<'unsigned' | 'throttle' | 'error' | 'denied', ServiceError>>
}
