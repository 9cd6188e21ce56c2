import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '../errors.js'
import { type FaultInjector, refusalOf } from './faults.js'
import type { Account } from './state.js'
import type { Fault, LocalCall } from './types.js'
import { type Answer, type Operation, type Service, ServiceError, type WireRequest } from './wire.js'

const MAX_REQUEST_BYTES = 1024 * 1024

export interface EndpointParts {
  readonly account: Account
  readonly faults: FaultInjector
  readonly latencyMs: number
  /** The service a request is for. */
  readonly serviceFor: (request: WireRequest) => Service
}

/** The HTTP side: reads requests, injects faults, answers, keeps the call log. */
export class Endpoint {
  readonly calls: LocalCall[] = []
  readonly #parts: EndpointParts
  readonly #server: Server
  readonly #closed = new AbortController()

  constructor(parts: EndpointParts) {
    this.#parts = parts
    this.#server = createServer((incoming, response) => {
      // A connection that the client or close() ended takes its answer with it.
      this.#handle(incoming, response).catch(() => incoming.socket.destroy())
    })
    // Longer than clients keep idle connections, so that none is closed under a request.
    this.#server.keepAliveTimeout = 120_000
  }

  /** Listens on a free port of 127.0.0.1; returns the URL. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(0, '127.0.0.1', resolve)
    })
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    this.#closed.abort()
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }

  async #handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming)
    const service = this.#parts.serviceFor(request)
    let operation: Operation
    try {
      if (request.bodyBytes > MAX_REQUEST_BYTES) throw new ServiceError('RequestEntityTooLarge', 'The request is too large', 413)
      if (!isSigned(request)) throw service.refusals.unsigned
      operation = service.parse(request)
    } catch (error) {
      await this.#send(response, service.answerFor(errorOf(error, service)))
      return
    }
    await this.#carryOut(operation, service, incoming, response)
  }

  async #carryOut(operation: Operation, service: Service, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { action, resources, blockIndex } = operation
    const fault = this.#parts.faults.choose(operation, this.#parts.account.concerned(resources))
    const call: { -readonly [K in keyof LocalCall]: LocalCall[K] } = { action, status: 0 }
    if (resources[0] !== undefined) call.resource = resources[0]
    if (blockIndex !== undefined) call.blockIndex = blockIndex
    if (fault) call.fault = fault.kind
    this.calls.push(call)
    if (fault?.kind === 'hang') return

    let answer: Answer
    try {
      const refusal = refusalOf(fault, service)
      if (refusal) throw refusal
      answer = spoil(await operation.run(), fault)
    } catch (error) {
      answer = service.answerFor(errorOf(error, service))
    }
    if (fault?.kind === 'lost-answer') {
      await this.#latency()
      incoming.socket.destroy()
    } else if (fault?.kind === 'cut') {
      await this.#latency()
      response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length })
      response.write(answer.body.subarray(0, answer.body.length >> 1), () => incoming.socket.destroy())
    } else {
      call.status = answer.status
      await this.#send(response, answer)
    }
  }

  async #send(response: ServerResponse, answer: Answer): Promise<void> {
    await this.#latency()
    response.writeHead(answer.status, {
      'x-amzn-requestid': randomUUID(),
      ...answer.headers,
      'content-length': answer.body.length,
    })
    response.end(answer.body)
  }

  async #latency(): Promise<void> {
    const { latencyMs } = this.#parts
    if (latencyMs > 0) await delay(latencyMs, undefined, { signal: this.#closed.signal })
  }
}

async function readRequest(incoming: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = []
  let bodyBytes = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bodyBytes += chunk.length
    if (bodyBytes <= MAX_REQUEST_BYTES) chunks.push(chunk)
  }
  return {
    method: incoming.method ?? 'GET',
    url: urlOf(incoming.url ?? '/'),
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString(),
    bodyBytes,
  }
}

function urlOf(target: string): URL {
  try {
    return new URL(`http://localhost${target.startsWith('/') ? '' : '/'}${target}`)
  } catch {
    return new URL('http://localhost/')
  }
}

/** Signatures are not verified, but an unsigned request is refused as AWS refuses it. */
function isSigned(request: WireRequest): boolean {
  return request.headers.authorization !== undefined || request.url.searchParams.has('X-Amz-Signature')
}

function errorOf(error: unknown, service: Service): ServiceError {
  if (error instanceof ServiceError) return error
  const { code, status } = service.refusals.error
  return new ServiceError(code, messageOf(error), status)
}

/** The answer as a fault of its body leaves it. */
function spoil(answer: Answer, fault: Fault | undefined): Answer {
  if (fault?.kind === 'short-body') return { ...answer, body: answer.body.subarray(0, answer.body.length >> 1) }
  if (fault?.kind === 'wrong-checksum') {
    return { ...answer, headers: { ...answer.headers, 'x-amz-checksum': Buffer.alloc(32).toString('base64') } }
  }
  if (fault?.kind === 'wrong-data') {
    const body = Uint8Array.from(answer.body)
    body[body.length >> 1] = (body[body.length >> 1] ?? 0) ^ 0xff
    return { ...answer, body }
  }
  return answer
}
