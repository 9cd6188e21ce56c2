import { describe, expect, it } from 'vitest'
import { IoError } from '../../src/errors.js'
import { readFiles } from '../../src/fs/read-files.js'
import type { FileHandle, FileSystem } from '../../src/fs/types.js'
import type { ByteRange } from '../../src/io/types.js'

/** Files of these sizes, at 1,000 times their inode number but in reverse; a negative size cannot be opened. */
function fileSystem(sizes: Readonly<Record<number, number>>, cacheBytes = 300): FileSystem & { readonly prefetched: ByteRange[][] } {
  const prefetched: ByteRange[][] = []
  const open = async (ino: number): Promise<FileHandle> => {
    const size = sizes[ino]!
    if (size < 0) throw new IoError(`inode ${ino} is gone`)
    const extents = async (): Promise<ByteRange[]> => (size === 0 ? [] : [{ offset: 1_000_000 - ino * 1_000, length: size }])
    return { size, extents } as Partial<FileHandle> as FileHandle
  }
  const reader = { cacheBytes, prefetch: async (ranges: readonly ByteRange[]) => void prefetched.push([...ranges]) }
  return { open, reader, prefetched } as unknown as ReturnType<typeof fileSystem>
}

const refs = (fs: FileSystem, inos: readonly number[]) => inos.map((ino) => ({ fs, ino }))

describe('readFiles', () => {
  it('visits every file once, filesystem by filesystem, in the order of the disk', async () => {
    const [a, b] = [fileSystem({ 1: 10, 2: 10, 3: 0, 4: 10 }), fileSystem({ 1: 10 })]
    const visited: string[] = []
    await readFiles([...refs(a, [1, 2, 3, 4]), ...refs(b, [1])], async ({ fs, ino }) => void visited.push(`${fs === a ? 'a' : 'b'}${ino}`))
    expect(visited).toEqual(['a3', 'a4', 'a2', 'a1', 'b1'])
  })

  it('fetches windows of a third of the cache, and a larger file as far as that', async () => {
    const fs = fileSystem({ 1: 20, 2: 500, 3: 30, 4: 60, 5: 40 })
    await readFiles(refs(fs, [1, 2, 3, 4, 5]), async () => undefined)
    expect(fs.prefetched.map((ranges) => ranges.map(({ length }) => length))).toEqual([[40, 60], [30], [100], [20], []])
  })

  it('fetches the next window while one is visited', async () => {
    const fs = fileSystem({ 1: 90, 2: 90, 3: 90 })
    const fetchedAtVisit: number[] = []
    await readFiles(refs(fs, [1, 2, 3]), async () => void fetchedAtVisit.push(fs.prefetched.flat().length))
    expect(fetchedAtVisit).toEqual([2, 3, 3])
  })

  it('gives the error of a file that cannot be opened, and goes on', async () => {
    const visited: unknown[] = []
    await readFiles(
      refs(fileSystem({ 1: 10, 2: -1 }), [1, 2]),
      async (_, file) => void visited.push(file instanceof Error ? file.message : file.size),
    )
    expect(visited).toEqual(['inode 2 is gone', 10])
  })

  it('opens thousands of files in batches', async () => {
    const inos = Array.from({ length: 2_500 }, (_, i) => i)
    const fs = fileSystem(Object.fromEntries(inos.map((ino) => [ino, 1])), 1e9)
    let visits = 0
    await readFiles(refs(fs, inos), async () => void visits++)
    expect([visits, fs.prefetched.filter((ranges) => ranges.length > 0).map((ranges) => ranges.length)]).toEqual([
      2_500,
      [1_000, 1_000, 500],
    ])
  })

  it('ends with what visiting throws, or with the reason of an abort', async () => {
    const fs = fileSystem({ 1: 1, 2: 1 })
    const enough = new Error('enough')
    await expect(readFiles(refs(fs, [1, 2]), () => Promise.reject(enough))).rejects.toBe(enough)
    const controller = new AbortController()
    const visited: number[] = []
    const visit = async ({ ino }: { ino: number }): Promise<void> => {
      visited.push(ino)
      controller.abort(enough)
    }
    const reading = readFiles(refs(fs, [1, 2]), visit, controller.signal)
    await expect(reading).rejects.toBe(enough)
    expect(visited).toEqual([2])
  })
})
