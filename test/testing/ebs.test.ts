import { createHash } from 'node:crypto'
import { type EBSClient, GetSnapshotBlockCommand, ListChangedBlocksCommand, ListSnapshotBlocksCommand } from '@aws-sdk/client-ebs'
import { describe, expect, test } from 'vitest'
import { BLOCK_SIZE, blocks, DATA, getBlock, INSTANCE, ROOT, snapshotRoot, startEndpoint } from './endpoint.js'

const HOUR = 60 * 60 * 1000

/** Block indexes of every page of a listing. */
async function listPages(ebs: EBSClient, input: { SnapshotId: string; MaxResults?: number; StartingBlockIndex?: number }) {
  const pages: (number | undefined)[][] = []
  for (let NextToken: string | undefined, more = true; more; more = NextToken !== undefined) {
    const page = await ebs.send(new ListSnapshotBlocksCommand({ ...input, ...(NextToken && { NextToken }) }))
    pages.push(page.Blocks!.map(({ BlockIndex }) => BlockIndex))
    NextToken = page.NextToken
  }
  return pages
}

const oneVolume = (written: readonly number[], sizeGiB = 1) => ({
  instances: [{ instanceId: INSTANCE, volumes: [{ volumeId: ROOT, deviceName: '/dev/xvda', image: blocks(written, sizeGiB * 2 ** 30) }] }],
})

describe('ListSnapshotBlocks', () => {
  test('lists written blocks with tokens of 60 characters', async () => {
    const { aws, ec2, ebs } = await startEndpoint()
    const before = Date.now()
    const listed = await ebs.send(new ListSnapshotBlocksCommand({ SnapshotId: await snapshotRoot(ec2) }))
    expect(listed.Blocks!.map(({ BlockIndex }) => BlockIndex)).toEqual([0, 3, 4, 7])
    for (const { BlockToken } of listed.Blocks!) expect(BlockToken).toMatch(/^[A-Za-z0-9+/]{60}$/)
    expect(listed).toMatchObject({ VolumeSize: 1, BlockSize: BLOCK_SIZE })
    expect(listed.NextToken).toBeUndefined()
    expect(listed.ExpiryTime!.getTime()).toBeGreaterThanOrEqual(before + 7 * 24 * HOUR)
    expect(aws.calls.at(-1)).toMatchObject({ action: 'ListSnapshotBlocks', status: 200 })
  })

  test('pages: MaxResults below 100 is 100, maxPageBlocks caps, empty pages come between', async () => {
    const written = Array.from({ length: 250 }, (_, i) => i * 2)
    const sizes = async (options: object, MaxResults: number) => {
      const { ec2, ebs } = await startEndpoint({ ...oneVolume(written), ...options })
      const pages = await listPages(ebs, { SnapshotId: await snapshotRoot(ec2), MaxResults })
      expect(pages.flat()).toEqual(written)
      return pages.map((page) => page.length)
    }
    expect(await sizes({}, 5)).toEqual([100, 100, 50])
    expect(await sizes({}, 249)).toEqual([249, 1])
    expect(await sizes({ maxPageBlocks: 90 }, 10_000)).toEqual([90, 90, 70])
    expect(await sizes({ maxPageBlocks: 90, emptyPages: true }, 10_000)).toEqual([90, 0, 90, 0, 70])
  })

  test('a long hole gives empty pages, not a long wait', async () => {
    const GIB = 2048
    const { ec2, ebs } = await startEndpoint(oneVolume([0, 1100 * GIB], 1200))
    expect(await listPages(ebs, { SnapshotId: await snapshotRoot(ec2) })).toEqual([[0], [], [1100 * GIB]])
  })

  test('starts at StartingBlockIndex, which a page token overrides', async () => {
    const { ec2, ebs } = await startEndpoint({ maxPageBlocks: 1 })
    const SnapshotId = await snapshotRoot(ec2)
    const StartingBlockIndex = 1
    expect(await listPages(ebs, { SnapshotId, StartingBlockIndex })).toEqual([[3], [4], [7], []])
    const { NextToken } = await ebs.send(new ListSnapshotBlocksCommand({ SnapshotId, StartingBlockIndex: 4 }))
    const next = await ebs.send(new ListSnapshotBlocksCommand({ SnapshotId, StartingBlockIndex: 0, NextToken: NextToken! }))
    expect(next.Blocks!.map(({ BlockIndex }) => BlockIndex)).toEqual([7])
    const beyond = await ebs.send(new ListSnapshotBlocksCommand({ SnapshotId, StartingBlockIndex: 1_000_000 }))
    expect(beyond).toMatchObject({ Blocks: [] })
    expect(beyond.NextToken).toBeUndefined()
  })

  test('page tokens are bound to their snapshot and end after an hour', async () => {
    const { aws, ec2, ebs } = await startEndpoint({ maxPageBlocks: 1 })
    const SnapshotId = await snapshotRoot(ec2)
    const other = aws.snapshots[1]!.snapshotId
    const { NextToken } = await ebs.send(new ListSnapshotBlocksCommand({ SnapshotId }))
    const list = (id: string, token: string) => ebs.send(new ListSnapshotBlocksCommand({ SnapshotId: id, NextToken: token }))
    const refusal = { name: 'ValidationException', Reason: 'INVALID_PAGE_TOKEN' }
    await expect(list(other, NextToken!)).rejects.toMatchObject(refusal)
    await expect(list(SnapshotId, 'AAAA')).rejects.toMatchObject(refusal)
    await expect(list(SnapshotId, `${NextToken!.slice(0, -4)}AAA=`)).rejects.toMatchObject(refusal)
    aws.advance(HOUR - 10_000)
    await list(SnapshotId, NextToken!)
    aws.advance(20_000)
    await expect(list(SnapshotId, NextToken!)).rejects.toMatchObject(refusal)
  })

  test.each([
    ['an unknown snapshot', { SnapshotId: 'snap-99' }, 'ResourceNotFoundException', 'SNAPSHOT_NOT_FOUND', 404],
    ['a malformed id', { SnapshotId: 'vol/99' }, 'ValidationException', 'INVALID_SNAPSHOT_ID', 400],
    ['too many results', { MaxResults: 10_001 }, 'ValidationException', 'INVALID_PARAMETER_VALUE', 400],
    ['a negative start', { StartingBlockIndex: -1 }, 'ValidationException', 'INVALID_PARAMETER_VALUE', 400],
  ])('refuses %s', async (_, input, name, Reason, httpStatusCode) => {
    const { ec2, ebs } = await startEndpoint()
    const refused = ebs.send(new ListSnapshotBlocksCommand({ SnapshotId: await snapshotRoot(ec2), ...input }))
    await expect(refused).rejects.toMatchObject({ name, Reason, $metadata: { httpStatusCode } })
  })

  test.each([
    ['pending', { snapshotMs: HOUR }],
    ['error', { failingVolumes: [ROOT] }],
  ])('a snapshot in state %s cannot be read', async (state, options) => {
    const { ec2, ebs } = await startEndpoint(options)
    const refused = ebs.send(new ListSnapshotBlocksCommand({ SnapshotId: await snapshotRoot(ec2) }))
    await expect(refused).rejects.toMatchObject({ name: 'ValidationException', message: expect.stringContaining(`'${state}'`) })
  })
})

describe('GetSnapshotBlock', () => {
  test('gives the bytes, their length and their SHA-256', async () => {
    const { aws, ec2, ebs } = await startEndpoint()
    const SnapshotId = await snapshotRoot(ec2)
    const block = await getBlock(ebs, SnapshotId, 3)
    const bytes = await block.BlockData!.transformToByteArray()
    expect(bytes.length).toBe(BLOCK_SIZE)
    expect(bytes.every((byte) => byte === 4)).toBe(true)
    expect(block).toMatchObject({
      DataLength: BLOCK_SIZE,
      ChecksumAlgorithm: 'SHA256',
      Checksum: createHash('sha256').update(bytes).digest('base64'),
    })
    expect(aws.calls.at(-1)).toEqual({ action: 'GetSnapshotBlock', resource: SnapshotId, blockIndex: 3, status: 200 })
  })

  test('a token is good for its block of its snapshot only, until it expires', async () => {
    const { aws, ec2, ebs } = await startEndpoint({ tokenMs: 5000 })
    const SnapshotId = await snapshotRoot(ec2)
    await snapshotRoot(ec2)
    const again = aws.snapshots[2]!.snapshotId
    const { Blocks } = await ebs.send(new ListSnapshotBlocksCommand({ SnapshotId }))
    const [token, other] = Blocks!.map(({ BlockToken }) => BlockToken!)
    const get = async (id: string, BlockIndex: number, BlockToken: string) => {
      const { BlockData } = await ebs.send(new GetSnapshotBlockCommand({ SnapshotId: id, BlockIndex, BlockToken }))
      await BlockData!.transformToByteArray()
    }
    const refusal = { name: 'ValidationException', Reason: 'INVALID_BLOCK_TOKEN', $metadata: { httpStatusCode: 400 } }
    await get(SnapshotId, 0, token!)
    await expect(get(SnapshotId, 0, other!)).rejects.toMatchObject(refusal)
    await expect(get(SnapshotId, 1, token!)).rejects.toMatchObject(refusal)
    await expect(get(again, 0, token!)).rejects.toMatchObject(refusal)
    await expect(get(SnapshotId, 0, 'bm9uc2Vuc2U=')).rejects.toMatchObject(refusal)
    await ebs.send(new ListSnapshotBlocksCommand({ SnapshotId }))
    await get(SnapshotId, 0, token!)
    aws.advance(6000)
    await expect(get(SnapshotId, 0, token!)).rejects.toMatchObject(refusal)
    await getBlock(ebs, SnapshotId, 0).then(({ BlockData }) => BlockData!.transformToByteArray())
  })

  test('is throttled above requestsPerSecond', async () => {
    const { aws, ec2, ebs } = await startEndpoint({ requestsPerSecond: 3 })
    const SnapshotId = await snapshotRoot(ec2)
    const { Blocks } = await ebs.send(new ListSnapshotBlocksCommand({ SnapshotId }))
    const { BlockIndex, BlockToken } = Blocks![0]!
    const get = async () => {
      const { BlockData } = await ebs.send(new GetSnapshotBlockCommand({ SnapshotId, BlockIndex: BlockIndex!, BlockToken: BlockToken! }))
      return (await BlockData!.transformToByteArray()).length
    }
    expect([await get(), await get(), await get()]).toEqual([BLOCK_SIZE, BLOCK_SIZE, BLOCK_SIZE])
    const throttled = { name: 'RequestThrottledException', Reason: 'ACCOUNT_THROTTLED', $metadata: { httpStatusCode: 400 } }
    await expect(get()).rejects.toMatchObject(throttled)
    aws.advance(1000)
    expect(await get()).toBe(BLOCK_SIZE)
  })
})

describe('ListChangedBlocks', () => {
  test('lists blocks that differ, with the token of each side that has them', async () => {
    const { aws, ec2, ebs } = await startEndpoint()
    const FirstSnapshotId = await snapshotRoot(ec2)
    const image = blocks([0, 3, 5, 7])
    await aws.replaceImage(ROOT, {
      ...image,
      readBlock: async (index) => new Uint8Array(BLOCK_SIZE).fill(index === 3 ? 99 : index + 1),
    })
    await snapshotRoot(ec2)
    const SecondSnapshotId = aws.snapshots[2]!.snapshotId
    const { ChangedBlocks, VolumeSize } = await ebs.send(new ListChangedBlocksCommand({ FirstSnapshotId, SecondSnapshotId }))
    expect(VolumeSize).toBe(1)
    expect(ChangedBlocks!.map((b) => [b.BlockIndex, b.FirstBlockToken !== undefined, b.SecondBlockToken !== undefined])).toEqual([
      [3, true, true],
      [4, true, false],
      [5, false, true],
    ])
    const changed = ChangedBlocks![0]!
    const read = async (SnapshotId: string, BlockToken: string) => {
      const { BlockData } = await ebs.send(new GetSnapshotBlockCommand({ SnapshotId, BlockIndex: 3, BlockToken }))
      return (await BlockData!.transformToByteArray())[0]
    }
    expect(await read(FirstSnapshotId, changed.FirstBlockToken!)).toBe(4)
    expect(await read(SecondSnapshotId, changed.SecondBlockToken!)).toBe(99)
  })

  test('nothing changed between two snapshots of the same contents; other volumes are unrelated', async () => {
    const { aws, ec2, ebs } = await startEndpoint()
    const FirstSnapshotId = await snapshotRoot(ec2)
    await snapshotRoot(ec2)
    const [, data, SecondSnapshotId] = aws.snapshots.map(({ snapshotId }) => snapshotId)
    const same = await ebs.send(new ListChangedBlocksCommand({ FirstSnapshotId, SecondSnapshotId: SecondSnapshotId! }))
    expect(same.ChangedBlocks).toEqual([])
    const refused = ebs.send(new ListChangedBlocksCommand({ FirstSnapshotId, SecondSnapshotId: data! }))
    await expect(refused).rejects.toMatchObject({ name: 'ValidationException', Reason: 'UNRELATED_SNAPSHOTS' })
    expect(aws.snapshots[1]!.volumeId).toBe(DATA)
  })
})
