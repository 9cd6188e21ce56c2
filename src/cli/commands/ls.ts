import type { Command } from 'commander'
import { underPath } from '../../fs/index.js'
import { ScanError } from '../../index.js'
import { EntryFacts } from '../entry-facts.js'
import { jsonLine, textLine } from '../entry-line.js'
import { ExitStatus } from '../exit-status.js'
import type { LineWriter } from '../io.js'
import type { SelectedTree } from '../selection.js'
import type { Run, Session } from '../session.js'
import { FILESYSTEM_OPTION, withSelection } from '../with-selection.js'

interface LsFlags {
  readonly json?: true
  readonly sha256?: true
  readonly filesystem?: string
}

export function addLsCommand(program: Command, run: Run): void {
  program
    .command('ls')
    .description('list every entry of the tree that disk images make')
    .argument('<image...>', 'raw disk images: the volumes of one machine, the root volume first')
    .option('--json', 'one JSON object a line')
    .option('--sha256', 'with the SHA-256 of every regular file')
    .option(...FILESYSTEM_OPTION)
    .action((images: string[], flags: LsFlags) => run((session) => list(session, images, flags)))
}

async function list(session: Session, images: readonly string[], flags: LsFlags): Promise<number> {
  return withSelection(session, images, flags.filesystem, async ({ trees, refused, issues }) => {
    const out = session.lines()
    const refusals = [...refused]
    let damaged = false
    for (const tree of trees) {
      try {
        if (await listTree(tree, out, flags, session.signal)) damaged = true
      } catch (error) {
        session.signal.throwIfAborted()
        if (!(error instanceof ScanError)) throw error
        refusals.push(`${tree.prefix || '/'}: ${error.message}`)
      }
    }
    for (const why of refusals) {
      if (flags.json) out.line(JSON.stringify({ refused: why }))
      else session.say(why)
    }
    out.flush()
    session.sayIssues(issues())
    if (refusals.length > 0) return ExitStatus.failed
    return damaged || issues().some((issue) => issue.incomplete) ? ExitStatus.incomplete : ExitStatus.complete
  })
}

/** Whether any entry could not be read. @throws ScanError where the tree cannot be walked */
async function listTree({ prefix, tree }: SelectedTree, out: LineWriter, flags: LsFlags, signal: AbortSignal): Promise<boolean> {
  const sha256 = flags.sha256 ?? false
  const facts = await EntryFacts.read(tree, { sha256, signal })
  let damaged = false
  await tree.walk(
    (entry) => {
      const path = prefix === '' ? entry.path : underPath(prefix, entry.path)
      const fact = facts.of(entry.fs, entry.stat)
      damaged ||= (entry.error ?? entry.stat.error ?? fact.error) !== undefined
      out.line(flags.json ? jsonLine(path, entry, fact) : textLine(path, entry, fact, sha256))
      return undefined
    },
    { signal },
  )
  return damaged
}
