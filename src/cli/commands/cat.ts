import type { Command } from 'commander'
import { isWithin } from '../../fs/index.js'
import { ConfigError } from '../../index.js'
import { chunksOf } from '../entry-facts.js'
import { ExitStatus } from '../exit-status.js'
import type { Run } from '../session.js'
import { FILESYSTEM_OPTION, withSelection } from '../with-selection.js'

interface CatFlags {
  readonly filesystem?: string
}

export function addCatCommand(program: Command, run: Run): void {
  program
    .command('cat')
    .description("write a file's bytes")
    .argument('<image...>', 'raw disk images, and last the path in their tree as `ls` gives it')
    .usage('[options] <image...> <path>')
    .option(...FILESYSTEM_OPTION)
    .action((operands: string[], flags: CatFlags, command: Command) => {
      const path = operands.at(-1)!
      if (operands.length < 2) command.error('error: it takes an image and a path')
      return run((session) =>
        withSelection(session, operands.slice(0, -1), flags.filesystem, async ({ trees, refused }) => {
          const within = trees.find(({ prefix }) => prefix !== '' && isWithin(path, prefix)) ?? trees.find(({ prefix }) => prefix === '')
          if (!within) throw new ConfigError(refused[0] ?? `${JSON.stringify(path)} is on none of the filesystems: see snapsight ls`)
          const file = await within.tree.open(path.slice(within.prefix.length) || '/')
          for await (const chunk of chunksOf(file, session.signal)) await session.write(chunk)
          return ExitStatus.complete
        }),
      )
    })
}
