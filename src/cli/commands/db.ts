import type { Command } from 'commander'
import {
  buildDatabase,
  type DatabaseDetails,
  databaseInfo,
  type Rejection,
  type UpdateProgress,
  updateDatabase,
} from '../../advisories/index.js'
import { defaultDatabasePath } from '../../index.js'
import { grid } from '../../report/grid.js'
import { toJson } from '../../report/json.js'
import { bytesText, countText, printable } from '../../report/text.js'
import { ExitStatus } from '../exit-status.js'
import type { Run, Session } from '../session.js'

interface DbFlags {
  readonly db?: string
}

interface BuildFlags extends DbFlags {
  readonly from: readonly string[]
}

interface UpdateFlags extends DbFlags {
  readonly ecosystem?: readonly string[]
  readonly baseUrl?: string
}

const DB_OPTION = ['--db <file>', 'the database ($SNAPSIGHT_DB, or in the cache folder of the user)'] as const

export function addDbCommand(program: Command, run: Run): void {
  const db = program.command('db').description('make, renew and describe the advisory database')
  db.command('build')
    .description('make a database from advisories on disk')
    .requiredOption('--from <source...>', 'files of advisories as they are published, zips and folders of them')
    .option(...DB_OPTION)
    .action(({ from, ...flags }: BuildFlags) => run((session) => build(session, from, flags)))
  db.command('update')
    .description('download what has changed of the public feeds; makes the database where there is none')
    .option(...DB_OPTION)
    .option('--ecosystem <name...>', 'only these feeds, such as Debian')
    .option('--base-url <url>', 'a mirror of the public OSV bucket, with the other feeds under their hosts')
    .action((flags: UpdateFlags) => run((session) => update(session, flags)))
  db.command('info')
    .description('what the database holds, from where, and how old it is')
    .option(...DB_OPTION)
    .option('--json', 'as JSON')
    .action((flags: DbFlags & { readonly json?: true }) =>
      run(async (session) => {
        const info = databaseInfo(pathOf(flags, session.io.env))
        await session.write(flags.json ? `${toJson(info)}\n` : infoText(info))
        return ExitStatus.complete
      }),
    )
}

async function build(session: Session, from: readonly string[], flags: DbFlags): Promise<number> {
  const { io, signal } = session
  const result = await buildDatabase({
    from,
    to: pathOf(flags, io.env),
    signal,
    onProgress: ({ source, records }) => session.show(`reading ${source}: ${countText(records, 'record')}`),
  })
  for (const { name, rejected } of result.sources) sayRejections(session, name, rejected)
  await session.write(`${result.path}: ${countText(result.records, 'advisory', 'advisories')}\n`)
  return ExitStatus.complete
}

async function update(session: Session, { ecosystem, baseUrl, ...flags }: UpdateFlags): Promise<number> {
  const { io, signal } = session
  const result = await updateDatabase({
    path: pathOf(flags, io.env),
    signal,
    onProgress: (progress) => session.show(updateText(progress)),
    ...(ecosystem && { ecosystems: ecosystem }),
    ...(baseUrl !== undefined && { baseUrl }),
  })
  for (const { name, outcome, reason, rejected } of result.feeds) {
    if (reason !== undefined) session.say(`${name}: ${reason}${outcome === 'kept' ? '; what the database had before stays in it' : ''}`)
    sayRejections(session, name, rejected)
  }
  const rows = result.feeds.map(({ name, outcome, records }) => [
    name,
    outcome,
    records > 0 ? countText(records, 'advisory', 'advisories') : '',
  ])
  await session.write(`${grid(rows)}${result.path}: ${countText(result.records, 'advisory', 'advisories')}\n`)
  return result.feeds.some(({ reason }) => reason !== undefined) ? ExitStatus.incomplete : ExitStatus.complete
}

function pathOf({ db }: DbFlags, env: NodeJS.ProcessEnv): string {
  return db ?? defaultDatabasePath(env)
}

function sayRejections(session: Session, name: string, rejected: readonly Rejection[]): void {
  for (const { reason, count, example } of rejected) session.say(`${name}: ${countText(count, 'record')} not used: ${reason} (${example})`)
}

function updateText(progress: UpdateProgress): string {
  if (progress.kind === 'records') return `reading ${progress.source}: ${countText(progress.records, 'record')}`
  const total = progress.total === undefined ? '' : ` of ${bytesText(progress.total)}`
  return `downloading ${progress.source}: ${bytesText(progress.bytes)}${total}`
}

function infoText(info: DatabaseDetails): string {
  const sources = info.sources.map((source) => [
    printable(source.name),
    countText(source.advisories, 'advisory', 'advisories'),
    source.updated,
    printable([source.license, source.attribution].filter(Boolean).join(', ')),
  ])
  return `${printable(info.path)}\n  built ${info.built}, ${countText(info.advisories, 'advisory', 'advisories')}, schema ${info.schemaVersion}\n${grid(sources)}`
}
