import type { Command } from 'commander'
import { scanImages } from '../../index.js'
import { addScanOptions, type ScanFlags, scanAndReport } from '../scan-options.js'
import type { Run } from '../session.js'

export function addImageCommand(program: Command, run: Run): void {
  addScanOptions(program.command('image'))
    .description('scan disk images: the volumes of one machine, the root volume first')
    .argument('<file...>', 'raw disk images')
    .action((files: string[], flags: ScanFlags) =>
      run((session) =>
        scanAndReport(session, flags, (advisories) => {
          const { signal, onProgress } = session
          return scanImages(files, { signal, onProgress, advisories })
        }),
      ),
    )
}
