import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { IoError } from '../../src/errors.js'
import { FileSource } from '../../src/io/file-source.js'
import { MemorySource } from '../../src/io/memory-source.js'
import { distinctBytes } from '../support/counting-source.js'

const bytes = distinctBytes(1000)

describe('MemorySource', () => {
  it('gives its bytes in blocks, the last one cut; blocks of zeros count as never written', async () => {
    const image = bytes.slice()
    image.fill(0, 256, 512)
    const source = new MemorySource(image, 256)
    expect(Array.from({ length: 5 }, (_, i) => source.hasBlock(i))).toEqual([true, false, true, true, false])
    expect(source.hasBlock(-1)).toBe(false)
    for (const i of [0, 1, 2, 3]) expect(await source.readBlock(i)).toEqual(image.subarray(i * 256, i * 256 + 256))
    expect((await source.readBlock(3)).length).toBe(1000 - 768)
    expect(new MemorySource(image).blockSize).toBe(524_288)
  })
})

describe('FileSource', () => {
  let directory: string
  let path: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'snapsight-'))
    path = join(directory, 'disk.img')
    await writeFile(path, bytes)
  })
  afterAll(() => rm(directory, { recursive: true }))

  it('gives the file in blocks, the last one cut', async () => {
    const source = await FileSource.open(path, 256)
    expect([source.size, source.blockSize]).toEqual([1000, 256])
    expect(Array.from({ length: 5 }, (_, i) => source.hasBlock(i))).toEqual([true, true, true, true, false])
    const blocks = await Promise.all([3, 1, 0, 2].map((i) => source.readBlock(i)))
    expect(blocks.map((block) => block.length)).toEqual([232, 256, 256, 256])
    for (const [at, i] of [3, 1, 0, 2].entries()) expect(Buffer.compare(blocks[at]!, bytes.subarray(i * 256, i * 256 + 256))).toBe(0)
    await expect(source.readBlock(4)).rejects.toThrow('has no block 4')
    await expect(source.readBlock(0, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
    await source.close()
    await expect(source.readBlock(0)).rejects.toBeInstanceOf(IoError)
  })

  it('says where a file ends that has become shorter', async () => {
    const shrinking = join(directory, 'shrinking.img')
    await writeFile(shrinking, bytes)
    const source = await FileSource.open(shrinking, 256)
    await truncate(shrinking, 300)
    await expect(source.readBlock(1)).rejects.toThrow(`image ${JSON.stringify(shrinking)} ends at byte 300, before its 1000 bytes`)
    await source.close()
  })

  it('refuses what is not a file it can read, a pipe without waiting for its other end', async () => {
    await expect(FileSource.open(join(directory, 'none'))).rejects.toThrow(/^cannot open image ".*none": ENOENT$/)
    await expect(FileSource.open(directory)).rejects.toThrow('is not a regular file')
    const pipe = join(directory, 'pipe')
    execFileSync('mkfifo', [pipe])
    await expect(FileSource.open(pipe)).rejects.toThrow('is not a regular file')
  })

  it('takes an empty file as a disk of no blocks', async () => {
    const empty = join(directory, 'empty.img')
    await writeFile(empty, '')
    const source = await FileSource.open(empty)
    expect([source.size, source.hasBlock(0)]).toEqual([0, false])
    await source.close()
  })
})
