import { type Issue, type OpenImages, openImages } from '../index.js'
import { type Selection, selectFileSystem, selectMachine } from './selection.js'
import type { Session } from './session.js'

/** Flag and description, for commander. */
export const FILESYSTEM_OPTION = [
  '--filesystem <which>',
  'one filesystem alone: a partition number (2:1 is partition 1 of the second image), vg/lv, or its UUID',
] as const

/** What was selected of opened images. */
export interface OpenSelection extends Selection {
  /** What was found wrong so far with what was selected; that it was refused is not among it. */
  issues(): readonly Issue[]
}

/** Open images, select what is asked for of them, work with that, close them. */
export async function withSelection(
  session: Session,
  images: readonly string[],
  which: string | undefined,
  work: (selection: OpenSelection) => Promise<number>,
): Promise<number> {
  const opened = await openImages(images, { signal: session.signal })
  try {
    const selection = which === undefined ? selectMachine(opened) : selectFileSystem(opened, which)
    return await work({ ...selection, issues: () => issuesOf(opened, selection, which !== undefined) })
  } finally {
    await opened.close()
  }
}

function issuesOf(opened: OpenImages, { trees, refused }: Selection, isPart: boolean): Issue[] {
  const selected = new Set(trees.flatMap(({ tree }) => tree.mounts.map(({ fs }) => fs.uuid)))
  return opened.issues.filter(({ where, message }) => {
    if (refused.some((why) => why.endsWith(message))) return false
    return where.filesystem === undefined ? !isPart : selected.has(where.filesystem)
  })
}
