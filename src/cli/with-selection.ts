import { openImages } from '../index.js'
import { type Selection, selectFileSystem, selectMachine } from './selection.js'
import type { Session } from './session.js'

/** Flag and description, for commander. */
export const FILESYSTEM_OPTION = [
  '--filesystem <which>',
  'one filesystem alone: a partition number (2:1 is partition 1 of the second image), vg/lv, or its UUID',
] as const

/** Open images, select what is asked for of them, work with that; the issues of the filesystems come at the end. */
export async function withSelection(
  session: Session,
  images: readonly string[],
  which: string | undefined,
  work: (selection: Selection) => Promise<number>,
): Promise<number> {
  const opened = await openImages(images, { signal: session.signal })
  try {
    const status = await work(which === undefined ? selectMachine(opened) : selectFileSystem(opened, which))
    session.sayIssues(opened.issues)
    return status
  } finally {
    await opened.close()
  }
}
