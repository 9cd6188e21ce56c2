import type { Command } from 'commander'
import { type Package, scanImages } from '../../index.js'
import { grid } from '../../report/grid.js'
import { toJson } from '../../report/json.js'
import { printable } from '../../report/text.js'
import { conclude } from '../scan-options.js'
import type { Run } from '../session.js'

export function addPackagesCommand(program: Command, run: Run): void {
  program
    .command('packages')
    .description('list every package on disk images')
    .argument('<image...>', 'raw disk images: the volumes of one machine, the root volume first')
    .option('--json', 'one JSON object a line')
    .action((images: string[], flags: { readonly json?: true }) =>
      run(async (session) => {
        const { signal, onProgress } = session
        const result = await scanImages(images, { signal, onProgress })
        session.sayIssues(result.issues)
        if (flags.json) {
          const out = session.lines()
          for (const pkg of result.packages) out.line(toJson(pkg, true))
          out.flush()
        } else await session.write(table(result.packages, session.io.stdout.columns))
        return conclude(session, result)
      }),
    )
}

function table(packages: readonly Package[], columns: number | undefined): string {
  const rows = packages.map((pkg) => [pkg.type, pkg.name, pkg.version, pkg.arch ?? '', pkg.source ?? '', pkg.path].map(printable))
  return grid(rows, { head: ['TYPE', 'NAME', 'VERSION', 'ARCH', 'SOURCE', 'PATH'], columns })
}
