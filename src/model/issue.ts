import type { Location, ScanErrorCode } from '../errors.js'

/** The step of the scan in which something went wrong. */
export type Stage = 'volume' | 'disk' | 'filesystem' | 'machine' | 'catalog' | 'match' | 'cleanup'

/** A problem that cost only what it names; everything else was still done. */
export interface Issue {
  readonly stage: Stage
  readonly code: ScanErrorCode
  /** One line: what was expected, what was found. */
  readonly message: string
  readonly where: Location
  /** False where nothing of the inventory can be missing for it (a bad checksum on a structure that was still read, say). */
  readonly incomplete: boolean
}

/** How a volume, partition, filesystem or package file ended. `ignored`: recognised, holds no files (swap, boot code). */
export type Outcome = 'read' | 'ignored' | 'unsupported' | 'failed'
