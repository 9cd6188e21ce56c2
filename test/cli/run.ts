import { mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import type { CliIo, OutputStream } from '../../src/cli/io.js'
import { runCli } from '../../src/cli/program.js'
import { SnapshotFixture } from '../../src/testing/snapshot-fixture.js'

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv
  /** Both streams are terminals, this wide. */
  readonly columns?: number
  /** Fails every write to stdout with this. */
  readonly stdoutError?: NodeJS.ErrnoException
  /** Fails every write to stderr with this. */
  readonly stderrError?: NodeJS.ErrnoException
  /** Called with what stderr has so far, whenever something is written there. */
  readonly onStderr?: (text: string, interrupt: (signal: 'SIGINT' | 'SIGTERM') => void) => void
}

export interface Ran {
  readonly status: number
  readonly stdout: Buffer
  readonly text: string
  readonly stderr: string
  /** Lines of stdout as JSON. */
  readonly lines: readonly Record<string, unknown>[]
  /** What the process was ended with at once, if it was. */
  readonly exited: number | undefined
}

/** Runs the command line in this process. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const handlers = new Set<(signal: 'SIGINT' | 'SIGTERM') => void>()
  const interrupt = (signal: 'SIGINT' | 'SIGTERM'): void => {
    for (const handler of handlers) handler(signal)
  }
  const chunks: Buffer[] = []
  let stderr = ''
  const stdout = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(Buffer.from(chunk))
      done(options.stdoutError)
    },
  })
  const complaints = new Writable({
    decodeStrings: false,
    write(chunk: string, _, done) {
      stderr += chunk
      options.onStderr?.(stderr, interrupt)
      done(options.stderrError)
    },
  })
  let exited: number | undefined
  const cursor = { cursorTo: () => true, clearLine: () => true, moveCursor: () => true }
  const terminal = options.columns === undefined ? {} : { isTTY: true, columns: options.columns, ...cursor }
  const io: CliIo = {
    stdout: Object.assign(stdout, terminal) as OutputStream,
    stderr: Object.assign(complaints, terminal) as OutputStream,
    env: { SNAPSIGHT_DB: '', XDG_CACHE_HOME: '/nonexistent', ...options.env },
    onSignal(handler) {
      handlers.add(handler)
      return () => handlers.delete(handler)
    },
    exit(status) {
      exited ??= status
    },
  }
  const status = await runCli(argv, io)
  const bytes = Buffer.concat(chunks)
  const text = bytes.toString()
  return {
    status,
    stdout: bytes,
    text,
    stderr,
    get lines() {
      return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]))
    },
    exited,
  }
}

/** A folder for image files. */
export class Images {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'snapsight-cli-'))

  /** A fixture as a sparse file; `fixture` is its path below `fixtures/`, without `.snap.gz`. */
  async unpack(fixture: string, name: string = `${fixture.replaceAll('/', '-')}.img`): Promise<string> {
    const source = await SnapshotFixture.load(join(import.meta.dirname, '../../fixtures', `${fixture}.snap.gz`))
    const path = join(this.folder, name)
    const file = await open(path, 'w')
    try {
      await file.truncate(source.size)
      for (const blockIndex of source.blocks) {
        const block = await source.readBlock(blockIndex)
        await file.write(block, 0, block.length, blockIndex * source.blockSize)
      }
    } finally {
      await file.close()
    }
    return path
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
