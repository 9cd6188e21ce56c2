import { once } from 'node:events'
import { LeftoverError } from '../aws/index.js'
import { type Errno, type Issue, messageOf, PathError, type ProgressEvent } from '../index.js'
import { locationText, printable } from '../report/text.js'
import { ExitStatus, UsageError } from './exit-status.js'
import { type CliIo, LineWriter } from './io.js'
import { Progress } from './progress.js'

const MAX_ISSUES_SHOWN = 20
/** 128 and the signal's number, as shells have it. */
const SIGNAL_STATUS = { SIGINT: 130, SIGTERM: 143 } as const

const ERRNO_TEXT: Readonly<Record<Errno, string>> = {
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  EISDIR: 'is a directory',
  ELOOP: 'too many levels of symbolic links',
  EINVAL: 'not a regular file',
  ENAMETOOLONG: 'name too long',
}

/** The reason of an abort by a signal. */
class Interrupt extends Error {
  readonly status: number
  constructor(signal: keyof typeof SIGNAL_STATUS) {
    super('interrupted')
    this.status = SIGNAL_STATUS[signal]
  }
}

/** The reader of our output has gone, as `head` does. */
class ClosedPipe extends Error {}

/** How a command does its work: `work` gives the exit status. */
export type Run = (work: (session: Session) => Promise<number>) => Promise<void>

/** One run of the command: its streams, its progress line, and how it is stopped. */
export class Session {
  readonly io: CliIo
  readonly signal: AbortSignal
  readonly #controller = new AbortController()
  readonly #progress: Progress
  readonly #offSignal: () => void
  #scanId: string | undefined

  constructor(io: CliIo) {
    this.io = io
    this.signal = this.#controller.signal
    this.#progress = new Progress(io.stderr)
    this.#offSignal = io.onSignal((signal) => this.#interrupt(signal))
    // They stay for good: a write may fail after the last of them was made. Nobody can be told that stderr is gone.
    io.stderr.on('error', () => undefined)
    io.stdout.on('error', (error: NodeJS.ErrnoException) => {
      this.#controller.abort(error.code === 'EPIPE' ? new ClosedPipe() : error)
    })
  }

  /** For `onProgress` of a scan. */
  readonly onProgress = (event: ProgressEvent): void => {
    if (event.phase === 'snapshot') this.#scanId = event.scanId
    // Once it is stopped, all that is left to do is to delete.
    if (!this.signal.aborted || event.phase === 'delete') this.#progress.event(event)
  }

  /** What is being done, where that is no scan. */
  show(text: string): void {
    this.#progress.show(text)
  }

  /** Into the output; resolves when it takes more. @throws what kept it from going out, or the reason of an abort */
  async write(data: string | Uint8Array): Promise<void> {
    this.#progress.clear()
    this.signal.throwIfAborted()
    if (this.io.stdout.write(data)) return
    try {
      await once(this.io.stdout, 'drain', { signal: this.signal })
    } catch (error) {
      this.signal.throwIfAborted()
      throw error
    }
  }

  /** Into the output, line by line. */
  lines(): LineWriter {
    this.#progress.clear()
    return new LineWriter(this.io.stdout)
  }

  /** One line to the terminal, never into the output. */
  say(text: string): void {
    this.#progress.clear()
    this.io.stderr.write(`snapsight: ${printable(text)}\n`)
  }

  /** What was left unread, so that nobody takes a listing for the whole, and what was left in the account. */
  sayIssues(issues: readonly Issue[]): void {
    const serious = issues.filter(({ incomplete, stage }) => incomplete || stage === 'cleanup')
    for (const { where, message } of serious.slice(0, MAX_ISSUES_SHOWN)) {
      const place = locationText(where)
      this.say(place === '' ? message : `${place}: ${message}`)
    }
    if (serious.length > MAX_ISSUES_SHOWN) this.say(`… and ${serious.length - MAX_ISSUES_SHOWN} more like these`)
  }

  /** Resolves when all output has gone out. @throws what kept it from going out, or the reason of an abort */
  async flush(): Promise<void> {
    // The stream emits its error after it has called back.
    await new Promise((resolve) => this.io.stdout.write('', () => setImmediate(resolve)))
    this.signal.throwIfAborted()
  }

  /** Ends the progress line and stops listening for signals. */
  close(): void {
    this.#progress.clear()
    this.#offSignal()
  }

  /** Tells a person what went wrong, in one line; returns the exit status. */
  fail(error: unknown): number {
    const reason = error instanceof LeftoverError ? error.cause : error
    if (reason instanceof ClosedPipe || (this.signal.aborted && this.signal.reason instanceof ClosedPipe)) return ExitStatus.complete
    if (error instanceof LeftoverError) this.say(`${error.message} (snapsight sweep --older-than 0)`)
    else if (error instanceof PathError) this.say(`${JSON.stringify(error.path)}: ${ERRNO_TEXT[error.errno]}`)
    else if (!(error instanceof Interrupt)) this.say(messageOf(error))
    else this.say(this.#scanId === undefined ? 'stopped' : 'stopped; the snapshots of this scan are deleted')
    if (reason instanceof UsageError) return ExitStatus.usage
    return reason instanceof Interrupt ? reason.status : ExitStatus.failed
  }

  #interrupt(signal: keyof typeof SIGNAL_STATUS): void {
    if (!this.signal.aborted) {
      const cleanup = this.#scanId === undefined ? '' : ': deleting the snapshots of this scan; press Ctrl-C again to leave them'
      this.say(`interrupted${cleanup}`)
      this.#controller.abort(new Interrupt(signal))
      return
    }
    if (this.#scanId !== undefined) {
      this.say(`snapshots tagged InspectorScan=${this.#scanId} may be left; delete them with: snapsight sweep --older-than 0`)
    }
    this.io.exit(SIGNAL_STATUS[signal])
  }
}
