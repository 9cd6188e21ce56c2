import { type ChildProcess, spawn } from 'node:child_process'

export interface Finished {
  /** Null where a signal ended it. */
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A run of `snapsight` in a process of its own, from source. */
export class Command {
  readonly process: ChildProcess
  readonly finished: Promise<Finished>

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const output: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] }
    child.stdout.on('data', (chunk: Buffer) => output.stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => output.stderr.push(chunk))
    this.process = child
    this.finished = new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (status) =>
        resolve({ status, stdout: Buffer.concat(output.stdout).toString(), stderr: Buffer.concat(output.stderr).toString() }),
      )
    })
  }
}

/** Run `snapsight` to its end. */
export function snapsight(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Finished> {
  return new Command(args, env).finished
}
