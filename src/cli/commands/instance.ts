import type { Command } from 'commander'
import { scanInstance } from '../../index.js'
import { addScanOptions, idParser, type ScanFlags, scanAndReport } from '../scan-options.js'
import type { Run } from '../session.js'

interface InstanceFlags extends ScanFlags {
  readonly region?: string
  readonly includeStopped?: true
}

export function addInstanceCommand(program: Command, run: Run): void {
  addScanOptions(program.command('instance'))
    .description('snapshot the volumes of an EC2 instance, scan the snapshots, delete them')
    .argument('<id>', 'i-…', idParser(/^i-\w+$/, 'an instance id (i-…)'))
    .option('--region <region>', 'AWS region (that of the environment)')
    .option('--include-stopped', 'scan the instance also where it is stopped')
    .action(([instanceId = '']: string[], flags: InstanceFlags) =>
      run((session) =>
        scanAndReport(session, flags, (advisories) => {
          const { signal, onProgress } = session
          const { region, includeStopped } = flags
          return scanInstance({
            instanceId,
            signal,
            onProgress,
            ...(advisories && { advisories }),
            ...(region !== undefined && { region }),
            ...(includeStopped && { includeStopped }),
          })
        }),
      ),
    )
}
