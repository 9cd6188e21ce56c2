import type { Command } from 'commander'
import { underPath } from '../../fs/index.js'
import { EntryFacts } from '../entry-facts.js'
import { jsonLine, textLine } from '../entry-line.js'
import { ExitStatus } from '../exit-status.js'
import type { Run } from '../program.js'
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
    .action((images: string[], flags: LsFlags) =>
      run((session) =>
        withSelection(session, images, flags.filesystem, async ({ trees, refused, issues }) => {
          const out = session.lines()
          for (const why of refused) {
            if (flags.json) out.line(JSON.stringify({ refused: why }))
            else session.say(why)
          }
          const { signal } = session
          const facts = await EntryFacts.read(trees, { sha256: flags.sha256 ?? false, signal })
          let damaged = false
          for (const { prefix, tree } of trees) {
            await tree.walk(
              (entry) => {
                const path = prefix === '' ? entry.path : underPath(prefix, entry.path)
                const fact = facts.of(entry.fs, entry.stat)
                damaged ||= (entry.error ?? entry.stat.error ?? fact.error) !== undefined
                out.line(flags.json ? jsonLine(path, entry, fact) : textLine(path, entry, fact, flags.sha256 ?? false))
                return undefined
              },
              { signal },
            )
          }
          out.flush()
          session.sayIssues(issues())
          if (refused.length > 0) return ExitStatus.failed
          return damaged || issues().some((issue) => issue.incomplete) ? ExitStatus.incomplete : ExitStatus.complete
        }),
      ),
    )
}
