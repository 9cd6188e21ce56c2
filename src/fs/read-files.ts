import type { ByteRange } from '../io/types.js'
import type { FileHandle, FileSystem } from './types.js'

/** Files opened together; bounds what is held in memory however many there are. */
const BATCH = 1_000

/** A regular file, as a walk met it. */
export interface FileRef {
  readonly fs: FileSystem
  readonly ino: number
}

interface OpenedFile<T> {
  readonly ref: T
  readonly file: FileHandle | Error
  readonly ranges: readonly ByteRange[]
  readonly bytes: number
}

/**
 * Visit many files, in the order in which they lie on their filesystems: while some are visited, the data of the next is fetched in one
 * wave. `visit` gets the error of a file that cannot be opened; what it throws ends the reading.
 */
export async function readFiles<T extends FileRef>(
  refs: readonly T[],
  visit: (ref: T, file: FileHandle | Error) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const byFileSystem = new Map<FileSystem, T[]>()
  for (const ref of refs) {
    const group = byFileSystem.get(ref.fs)
    if (group) group.push(ref)
    else byFileSystem.set(ref.fs, [ref])
  }
  for (const [fs, group] of byFileSystem) {
    group.sort((a, b) => a.ino - b.ino)
    for (let start = 0; start < group.length; start += BATCH) {
      signal?.throwIfAborted()
      const opened = await Promise.all(group.slice(start, start + BATCH).map((ref) => openFile(ref)))
      signal?.throwIfAborted()
      opened.sort((a, b) => (a.ranges[0]?.offset ?? 0) - (b.ranges[0]?.offset ?? 0))
      await visitWindows(fs, opened, visit, signal)
    }
  }
}

async function openFile<T extends FileRef>(ref: T): Promise<OpenedFile<T>> {
  try {
    const file = await ref.fs.open(ref.ino)
    const ranges = await file.extents()
    return { ref, file, ranges, bytes: ranges.reduce((sum, range) => sum + range.length, 0) }
  } catch (error) {
    return { ref, file: error instanceof Error ? error : new Error(String(error)), ranges: [], bytes: 0 }
  }
}

async function visitWindows<T extends FileRef>(
  fs: FileSystem,
  files: readonly OpenedFile<T>[],
  visit: (ref: T, file: FileHandle | Error) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const windowBytes = fs.reader.cacheBytes / 3
  const windowEnd = (from: number): number => {
    let to = from
    for (let bytes = 0; to < files.length && (to === from || bytes + files[to]!.bytes <= windowBytes); to++) bytes += files[to]!.bytes
    return to
  }
  // A file larger than a window is fetched ahead up to that size only; its reader asks for the rest.
  const fetch = (from: number, to: number): Promise<void> =>
    fs.reader.prefetch(
      clipRanges(
        files.slice(from, to).flatMap((file) => file.ranges),
        windowBytes,
      ),
    )
  let end = windowEnd(0)
  let loading = fetch(0, end)
  for (let start = 0; start < files.length; ) {
    await loading
    const nextEnd = windowEnd(end)
    loading = fetch(end, nextEnd)
    for (const { ref, file } of files.slice(start, end)) {
      signal?.throwIfAborted()
      await visit(ref, file)
    }
    start = end
    end = nextEnd
  }
  await loading
}

/** The first `bytes` of the ranges. */
function clipRanges(ranges: readonly ByteRange[], bytes: number): ByteRange[] {
  const out: ByteRange[] = []
  let left = bytes
  for (const { offset, length } of ranges) {
    if (left <= 0) break
    out.push({ offset, length: Math.min(length, left) })
    left -= length
  }
  return out
}
