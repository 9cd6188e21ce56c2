import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { chunksOf, EntryFacts } from '../../src/cli/entry-facts.js'
import { Tree } from '../../src/fs/index.js'
import type { FileHandle } from '../../src/fs/types.js'
import { MemoryFs } from '../support/memory-fs.js'

const { signal } = new AbortController()

function factsOf(fs: MemoryFs, sha256 = true): Promise<EntryFacts> {
  return EntryFacts.read(new Tree(fs), { sha256, signal })
}

describe('EntryFacts', () => {
  it('hashes each inode once, whatever its names', async () => {
    const fs = new MemoryFs({ '/a': 'text', '/b': { hardlink: '/a' }, '/c': 'other' })
    const facts = await factsOf(fs)
    expect(fs.opened).toEqual(['/a', '/c'])
    const sha256 = createHash('sha256').update('text').digest('hex')
    expect(facts.of(fs, await fs.stat((await fs.lookup(2, 'b'))!))).toEqual({ sha256 })
  })

  it('reads targets, and contents only when asked', async () => {
    const fs = new MemoryFs({ '/a': 'text', '/link': { symlink: 'a' } })
    const facts = await factsOf(fs, false)
    expect(fs.opened).toEqual([])
    expect(facts.of(fs, await fs.stat((await fs.lookup(2, 'link'))!))).toEqual({ target: 'a' })
  })

  it('keeps an error with its file', async () => {
    const fs = new MemoryFs({ '/a': { file: 'x', readError: new Error('block 7 is gone') }, '/b': 'b' })
    const facts = await factsOf(fs)
    expect(facts.of(fs, await fs.stat((await fs.lookup(2, 'a'))!))).toEqual({ error: 'block 7 is gone' })
    expect(facts.of(fs, await fs.stat((await fs.lookup(2, 'b'))!)).sha256).toHaveLength(64)
  })

  it('refuses to hash the holes of a file that claims petabytes', async () => {
    const fs = new MemoryFs({ '/a': { file: '', stat: { size: 2 ** 52 } } })
    const facts = await factsOf(fs)
    expect(facts.of(fs, await fs.stat((await fs.lookup(2, 'a'))!)).error).toMatch(/holes/)
  })
})

describe('chunksOf', () => {
  it.each([0, 1, 1 << 20, (1 << 20) + 1, 3_000_000])('gives all of %i bytes, each once, fetching ahead of what it gives', async (size) => {
    const bytes = Buffer.alloc(size, 'abcdefg')
    const asked: string[] = []
    const file = {
      size,
      read: (offset: number, length: number) => {
        asked.push(`read ${offset}`)
        return bytes.subarray(offset, offset + length)
      },
      prefetch: async ([range]: readonly { offset: number }[]) => void asked.push(`prefetch ${range!.offset}`),
    } as Partial<FileHandle> as FileHandle
    const chunks: Uint8Array[] = []
    for await (const chunk of chunksOf(file, signal)) chunks.push(chunk)
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
    for (const step of asked.filter((step) => step.startsWith('read') && step !== 'read 0')) {
      expect(asked.indexOf(step.replace('read', 'prefetch'))).toBeLessThan(asked.indexOf(step))
      expect(asked).toContain(step.replace('read', 'prefetch'))
    }
  })
})
