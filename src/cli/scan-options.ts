import { existsSync } from 'node:fs'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type AdvisoryStore, defaultDatabasePath, openStore, type ScanResult, type Severity } from '../index.js'
import { type ReportFormat, reports } from '../report/index.js'
import { ExitStatus, exitStatus, THRESHOLDS, UsageError } from './exit-status.js'
import { writeFileAtomically } from './output-file.js'
import type { Session } from './session.js'

/** What every scanning command takes. */
export interface ScanFlags {
  readonly format: ReportFormat
  readonly json?: true
  readonly output?: string
  readonly failOn?: Severity
  /** False with `--no-db`. */
  readonly db?: string | false
}

export function addScanOptions(command: Command): Command {
  return command
    .addOption(new Option('--format <format>', 'how the result is written').choices(Object.keys(reports)).default('table'))
    .addOption(new Option('--json', 'the same as --format json').implies({ format: 'json' }))
    .option('-o, --output <file>', 'write the result to a file instead')
    .addOption(new Option('--fail-on <severity>', 'exit with 4 on a finding of this severity or above').choices(THRESHOLDS))
    .option('--db <file>', 'advisory database ($SNAPSIGHT_DB, or in the cache folder of the user)')
    .option('--no-db', 'list packages only')
}

/** A commander argument parser for ids of one kind. */
export function idParser(pattern: RegExp, what: string): (value: string, previous?: readonly string[]) => readonly string[] {
  return (value, previous = []) => {
    if (!pattern.test(value)) throw new InvalidArgumentError(`${JSON.stringify(value)} is not ${what}.`)
    return [...previous, value]
  }
}

/**
 * Open the advisory database, scan, write the report.
 * @returns the exit status
 */
export async function scanAndReport(
  session: Session,
  flags: ScanFlags,
  scan: (advisories: AdvisoryStore | undefined) => Promise<ScanResult>,
): Promise<number> {
  const store = openAdvisories(session, flags)
  let result: ScanResult
  try {
    result = await scan(store)
  } finally {
    store?.close()
  }
  const { stdout, env } = session.io
  const toTerminal = flags.output === undefined && stdout.isTTY === true
  const text = reports[flags.format](result, {
    color: toTerminal && !env.NO_COLOR,
    compact: flags.output === undefined && !toTerminal,
    ...(toTerminal && stdout.columns ? { columns: stdout.columns } : {}),
  })
  if (flags.output === undefined) await session.write(text)
  else await writeFileAtomically(flags.output, text)
  if (flags.format !== 'table' || flags.output !== undefined) session.sayIssues(result.issues)
  return conclude(session, result, flags.failOn)
}

/** The exit status of a finished scan; tells where nothing was read at all, so that nobody takes an empty result for a machine without packages. */
export function conclude(session: Session, result: ScanResult, failOn?: Severity): number {
  if (result.volumes.length > 0 && !result.volumes.some((volume) => volume.partitions.some((partition) => partition.filesystem))) {
    session.say('nothing could be read: no volume holds a filesystem that is supported and intact')
    return ExitStatus.failed
  }
  return exitStatus(result, failOn)
}

/** The database that was asked for; the one in its usual place if there is one. */
function openAdvisories(session: Session, { db, failOn }: ScanFlags): AdvisoryStore | undefined {
  if (db === false && failOn !== undefined) throw new UsageError('--fail-on needs an advisory database, so it cannot go with --no-db')
  if (db === false) return undefined
  const path = db ?? defaultDatabasePath(session.io.env)
  if (db !== undefined || failOn !== undefined || session.io.env.SNAPSIGHT_DB || existsSync(path)) return openStore(path)
  session.say(`no advisory database at ${path}: packages are listed, not matched; make one with: snapsight db update`)
  return undefined
}
