import { Command, CommanderError } from 'commander'
import { VERSION } from '../index.js'
import { addCatCommand } from './commands/cat.js'
import { addDbCommand } from './commands/db.js'
import { addImageCommand } from './commands/image.js'
import { addInstanceCommand } from './commands/instance.js'
import { addLsCommand } from './commands/ls.js'
import { addPackagesCommand } from './commands/packages.js'
import { addSnapshotCommand } from './commands/snapshot.js'
import { addSweepCommand } from './commands/sweep.js'
import { ExitStatus } from './exit-status.js'
import type { CliIo } from './io.js'
import { type Run, Session } from './session.js'

const COMMANDS = [
  addInstanceCommand,
  addSnapshotCommand,
  addImageCommand,
  addPackagesCommand,
  addLsCommand,
  addCatCommand,
  addDbCommand,
  addSweepCommand,
]

const EXIT_STATUS_HELP = `
Exit status:
  0  complete
  1  failed
  2  wrong usage
  3  incomplete: something that may hold packages was not read (this comes before 4)
  4  complete, with findings at or above --fail-on`

/** Runs the command line; never throws. @returns the exit status */
export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  let status: number = ExitStatus.complete
  const run: Run = async (work) => {
    const session = new Session(io)
    try {
      status = await work(session)
      await session.flush()
    } catch (error) {
      status = session.fail(error)
    } finally {
      session.close()
    }
  }
  try {
    await createProgram(io, run).parseAsync(argv, { from: 'user' })
    return status
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitStatus.complete : ExitStatus.usage
    throw error
  }
}

function createProgram(io: CliIo, run: Run): Command {
  const program = new Command('snapsight')
    .description('Agentless vulnerability scanning of EC2 instances and disk images.')
    .version(VERSION)
    .addHelpText('after', EXIT_STATUS_HELP)
    .showHelpAfterError('(--help tells more)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
    })
  for (const add of COMMANDS) add(program, run)
  return program
}
