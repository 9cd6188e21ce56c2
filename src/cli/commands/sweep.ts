import { type Command, InvalidArgumentError } from 'commander'
import { type SweptSnapshot, sweepOrphans } from '../../aws/index.js'
import { toJson } from '../../report/json.js'
import { countText } from '../../report/text.js'
import { ExitStatus } from '../exit-status.js'
import type { Run } from '../session.js'

interface SweepFlags {
  readonly region?: string
  readonly olderThan?: number
  readonly dryRun?: true
  readonly json?: true
}

export function addSweepCommand(program: Command, run: Run): void {
  program
    .command('sweep')
    .description('delete the snapshots that killed scans left in the account and region')
    .option('--older-than <hours>', 'only those of at least this age (6); 0 takes those of scans under way as well', parseHours)
    .option('--dry-run', 'only tell what would be deleted')
    .option('--region <region>', 'AWS region (that of the environment)')
    .option('--json', 'write the outcome as JSON')
    .action((flags: SweepFlags) =>
      run(async (session) => {
        const { region, olderThan, dryRun = false } = flags
        const result = await sweepOrphans({
          signal: session.signal,
          dryRun,
          ...(region !== undefined && { region }),
          ...(olderThan !== undefined && { olderThanHours: olderThan }),
        })
        if (flags.json) await session.write(`${toJson(result)}\n`)
        else {
          const line = (what: string, { snapshotId, volumeId, startedAt }: SweptSnapshot, why = ''): string =>
            `${what} ${snapshotId} of ${volumeId}${startedAt === undefined ? '' : `, ${startedAt}`}${why}\n`
          const { deleted, failed, kept } = result
          const lines = [
            ...deleted.map((snapshot) => line(dryRun ? 'would delete' : 'deleted', snapshot)),
            ...kept.map((snapshot) => line('kept', snapshot, ': too young')),
            ...failed.map((snapshot) => line('NOT DELETED', snapshot, `: ${snapshot.reason}`)),
          ]
          const summary = `${countText(deleted.length, 'snapshot')} ${dryRun ? 'to delete' : 'deleted'}, ${kept.length} kept, ${failed.length} failed\n`
          await session.write(lines.join('') + summary)
        }
        return result.failed.length > 0 ? ExitStatus.failed : ExitStatus.complete
      }),
    )
}

function parseHours(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('It must be a number of hours.')
  return Number(text)
}
