import { withinTime } from './abort.js'
import { classifyCall, toAwsError } from './failure.js'
import { retry } from './retry.js'

/** How long one attempt of a request to EC2 or KMS may take. */
export const REQUEST_TIMEOUT_MS = 20_000

type Send<T> = (abortSignal: AbortSignal) => Promise<T>

/**
 * Requests to EC2 and KMS under one policy: a time limit for each attempt, and retries of ours alone.
 *
 * The SDK's own retries are switched off for every command (see `once`), also on clients that the caller made: they would repeat CreateSnapshots,
 * which is not idempotent, and multiply with ours elsewhere.
 */
export class Caller {
  readonly #timeoutMs: number

  constructor(requestTimeoutMs: number = REQUEST_TIMEOUT_MS) {
    this.#timeoutMs = requestTimeoutMs
  }

  /** A request that may be repeated. @throws AwsError, or the reason of `signal`. */
  async call<T>(action: string, send: Send<T>, signal?: AbortSignal): Promise<T> {
    return retry(() => this.attempt(action, send, signal), { classify: classifyCall, signal })
  }

  /** One attempt. @throws AwsError, or the reason of `signal`. */
  async attempt<T>(action: string, send: Send<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await withinTime(this.#timeoutMs, signal, send)
    } catch (thrown) {
      signal?.throwIfAborted()
      throw toAwsError(action, failureOf(thrown))
    }
  }
}

/** Carries a failure past the SDK's retry middleware, which repeats only what it knows (and looks into `cause` for it). */
class OnlyAttempt extends Error {
  readonly failure: unknown
  constructor(failure: unknown) {
    super('the only attempt failed')
    this.failure = failure
  }
}

/** The SDK's error out of what sending a command made by `once` throws. */
export function failureOf(thrown: unknown): unknown {
  return thrown instanceof OnlyAttempt ? thrown.failure : thrown
}

interface Command {
  readonly middlewareStack: {
    addRelativeTo(
      middleware: <A, R>(next: (args: A) => Promise<R>) => (args: A) => Promise<R>,
      options: { readonly name: string; readonly relation: 'after'; readonly toMiddleware: string },
    ): void
  }
}

/** The command, barred from the SDK's own retries. */
export function once<C extends Command>(command: C): C {
  command.middlewareStack.addRelativeTo(
    (next) => async (args) => {
      try {
        return await next(args)
      } catch (failure) {
        throw new OnlyAttempt(failure)
      }
    },
    { name: 'snapsightOnce', relation: 'after', toMiddleware: 'retryMiddleware' },
  )
  return command
}
