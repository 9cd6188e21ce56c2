import ora, { type Ora } from 'ora'
import type { ProgressEvent } from '../index.js'
import { bytesText, countText } from '../report/text.js'
import type { OutputStream } from './io.js'

/** One line on a terminal that tells what is being done; nothing anywhere else. */
export class Progress {
  readonly #spinner: Ora | undefined
  readonly #now: () => number
  #readingSince: number | undefined

  constructor(stream: OutputStream, now: () => number = Date.now) {
    this.#now = now
    if (stream.isTTY) this.#spinner = ora({ stream, isEnabled: true, discardStdin: false })
  }

  /** What a scan is doing. */
  event(event: ProgressEvent): void {
    if (event.phase === 'scan') this.#readingSince ??= this.#now()
    this.show(progressText(event, this.#now() - (this.#readingSince ?? this.#now())))
  }

  show(text: string): void {
    if (!this.#spinner) return
    this.#spinner.text = text
    if (!this.#spinner.isSpinning) this.#spinner.start()
  }

  /** Takes the line away, so that something else can be written. */
  clear(): void {
    this.#spinner?.stop()
  }
}

/** `milliseconds` since reading began. */
export function progressText(event: ProgressEvent, milliseconds: number): string {
  switch (event.phase) {
    case 'describe':
      return `looking at ${event.instanceId}`
    case 'snapshot':
      return `asking for snapshots of ${countText(event.volumes, 'volume')} (scan ${event.scanId})`
    case 'wait':
      return `waiting for snapshots: ${event.completed} of ${event.total} completed, ${Math.floor(event.percent)} %`
    case 'scan': {
      const seconds = milliseconds / 1000
      const rate = seconds >= 1 ? `, ${bytesText(event.bytes / seconds)}/s` : ''
      return `${event.step}: ${countText(event.blocks, 'block')}, ${bytesText(event.bytes)}${rate}, ${seconds.toFixed(0)} s`
    }
    case 'delete':
      return `deleting snapshots: ${event.deleted} of ${event.total}`
  }
}
