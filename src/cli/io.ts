export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }

/** What the command has to do with the world outside, so that tests can run it in their own process. */
export interface CliIo {
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  readonly env: NodeJS.ProcessEnv
  /** Calls `handler` at every SIGINT and SIGTERM, instead of dying of it, until the returned function is called. */
  onSignal(handler: (signal: 'SIGINT' | 'SIGTERM') => void): () => void
  /** Ends the process at once. */
  exit(status: number): void
}

/** The process's own. */
export function processIo(): CliIo {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    onSignal(handler) {
      process.on('SIGINT', handler).on('SIGTERM', handler)
      return () => process.off('SIGINT', handler).off('SIGTERM', handler)
    },
    exit: (status) => process.exit(status),
  }
}

/** Writes many lines in few writes. */
export class LineWriter {
  readonly #stream: OutputStream
  #pending = ''

  constructor(stream: OutputStream) {
    this.#stream = stream
  }

  /** Never waits: a pipe or a file takes the bytes before `write` returns. */
  line(text: string): void {
    this.#pending += `${text}\n`
    if (this.#pending.length >= 64 * 1024) this.flush()
  }

  flush(): void {
    if (this.#pending !== '') this.#stream.write(this.#pending)
    this.#pending = ''
  }
}
