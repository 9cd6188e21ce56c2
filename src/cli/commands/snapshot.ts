import type { Command } from 'commander'
import { scanSnapshots } from '../../index.js'
import { addScanOptions, idParser, type ScanFlags, scanAndReport } from '../scan-options.js'
import type { Run } from '../session.js'

interface SnapshotFlags extends ScanFlags {
  readonly region?: string
}

export function addSnapshotCommand(program: Command, run: Run): void {
  addScanOptions(program.command('snapshot'))
    .description('scan EBS snapshots that exist: the volumes of one machine, the root volume first; they stay')
    .argument('<id...>', 'snap-…', idParser(/^snap-\w+$/, 'a snapshot id (snap-…)'))
    .option('--region <region>', 'AWS region (that of the environment)')
    .action((snapshotIds: string[], flags: SnapshotFlags) =>
      run((session) =>
        scanAndReport(session, flags, (advisories) => {
          const { signal, onProgress } = session
          const { region } = flags
          return scanSnapshots({
            snapshotIds,
            signal,
            onProgress,
            ...(advisories && { advisories }),
            ...(region !== undefined && { region }),
          })
        }),
      ),
    )
}
