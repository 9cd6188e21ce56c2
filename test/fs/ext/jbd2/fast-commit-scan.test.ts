import { describe, expect, test } from 'vitest'
import { crc32c } from '../../../../src/fs/crc32c.js'
import { type ScannedFastCommits, scanFastCommits } from '../../../../src/fs/ext/jbd2/fast-commit-scan.js'
import type { JournalSuperblock } from '../../../../src/fs/ext/jbd2/superblock.js'

const BLOCK = 1024
const TID = 7
const INODE_SIZE = 256
const [DEL, CREAT, LINK, INODE, PAD, TAIL, HEAD] = [2, 3, 4, 6, 7, 8, 9] as const

const u16 = (value: number): number[] => [value & 0xff, value >>> 8]
const u32 = (value: number): number[] => [...u16(value & 0xffff), ...u16(value >>> 16)]
const tag = (type: number, value: readonly number[]): number[] => [...u16(type), ...u16(value.length), ...value]
const head = (tid = TID, features = 0): number[] => tag(HEAD, [...u32(features), ...u32(tid)])
const named = (type: number, name: string): number[] => tag(type, [...u32(2), ...u32(12), ...Buffer.from(name)])

/** The tags as one fast commit: its tail takes what is left of the block. */
function commit(tags: readonly number[], tid = TID): number[] {
  const length = BLOCK - (tags.length % BLOCK) - 4
  const summed = [...tags, ...u16(TAIL), ...u16(length), ...u32(tid)]
  const whole = [...summed, ...u32(crc32c(0, Uint8Array.from(summed)))]
  return [...whole, ...new Array<number>(tags.length + 4 + length - whole.length).fill(0)]
}

function scan(...bytes: readonly (readonly number[])[]): Promise<ScannedFastCommits> {
  const area = Buffer.alloc(16 * BLOCK)
  area.set(bytes.flat())
  const read = async (logBlock: number): Promise<Uint8Array> => area.subarray((logBlock - 100) * BLOCK, (logBlock - 99) * BLOCK)
  const superblock = { fastCommitFirst: 100, fastCommitEnd: 116 } as JournalSuperblock
  return scanFastCommits({ superblock, blockSize: BLOCK, read }, TID, INODE_SIZE)
}

const kinds = ({ tags }: ScannedFastCommits): number[] => tags.map((found) => found.tag)

describe('fast commits', () => {
  test('are read one after another up to what is none', async () => {
    const found = await scan(commit([...head(), ...named(CREAT, 'a')]), commit(tag(DEL, new Array<number>(12).fill(1))))
    expect(found).toEqual({ tags: found.tags, commits: 2 })
    expect(kinds(found)).toEqual([HEAD, CREAT, DEL])
    expect(Buffer.from(found.tags[1]!.value.subarray(8)).toString()).toBe('a')
  })

  test('go on from block to block, their checksum too', async () => {
    const first = [...head(), ...tag(INODE, new Array<number>(4 + 256).fill(3))]
    const pad = tag(PAD, new Array<number>(BLOCK - first.length - 4).fill(9))
    expect(kinds(await scan(commit([...first, ...pad, ...named(LINK, 'b')])))).toEqual([HEAD, INODE, PAD, LINK])
  })

  test.each([
    ['one that is torn', commit(named(LINK, 'b')).with(20, 1)],
    ['one of another transaction', commit(named(LINK, 'b'), TID - 1)],
    ['an unknown tag', tag(99, [1])],
    ['a name of no bytes', commit(named(LINK, ''))],
    ['a value that leaves the block', [...u16(PAD), ...u16(60_000)]],
    ['an inode larger than inodes are', commit(tag(INODE, new Array<number>(4 + 257).fill(1)))],
    ['features that are not known', commit(head(TID, 1))],
  ])('end before %s; without one that is whole before it, it is damage', async (_, bytes) => {
    const after = await scan(commit([...head(), ...named(CREAT, 'a')]), bytes)
    expect({ kinds: kinds(after), problem: after.problem }).toEqual({ kinds: [HEAD, CREAT], problem: undefined })
    const alone = await scan(head(), bytes)
    expect(alone).toMatchObject({ tags: [], commits: 0, problem: expect.stringContaining('fast commit') })
  })

  test.each([
    ['an area that was never written', []],
    ['an area of an earlier transaction', commit([...head(TID - 1), ...named(CREAT, 'a')], TID - 1)],
    ['an area that does not begin with a head', commit(named(CREAT, 'a'))],
  ])('there are none in %s', async (_, bytes) => {
    expect(await scan(bytes)).toEqual({ tags: [], commits: 0 })
  })
})
