import { open, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ListSnapshotBlocksCommand } from '@aws-sdk/client-ebs'
import { DescribeVolumesCommand } from '@aws-sdk/client-ec2'
import { expect, onTestFinished, test } from 'vitest'
import { MemorySource } from '../../src/io/memory-source.js'
import { startLocalAws } from '../../src/testing/index.js'
import { BLOCK_SIZE, blocks, getBlock, INSTANCE, ROOT, snapshotRoot, startEndpoint } from './endpoint.js'

/** A file of `size` bytes with these bytes at these offsets, and holes elsewhere. */
async function imageFile(size: number, data: readonly (readonly [number, Uint8Array])[]): Promise<string> {
  const path = join(tmpdir(), `snapsight-image-${process.pid}-${size}.img`)
  onTestFinished(() => rm(path, { force: true }))
  await writeFile(path, '')
  await truncate(path, size)
  const file = await open(path, 'r+')
  for (const [at, bytes] of data) await file.write(bytes, 0, bytes.length, at)
  await file.close()
  return path
}

async function serve(image: string) {
  const instances = [{ instanceId: INSTANCE, volumes: [{ volumeId: ROOT, deviceName: '/dev/xvda', image }] }]
  const endpoint = await startEndpoint({ instances })
  return { ...endpoint, SnapshotId: await snapshotRoot(endpoint.ec2) }
}

async function listed(endpoint: Awaited<ReturnType<typeof serve>>, StartingBlockIndex = 0): Promise<(number | undefined)[]> {
  const { SnapshotId, ebs } = endpoint
  const { Blocks } = await ebs.send(new ListSnapshotBlocksCommand({ SnapshotId, StartingBlockIndex }))
  return Blocks!.map(({ BlockIndex }) => BlockIndex)
}

test('a file is served block by block: zeros are not written, the last block is padded', async () => {
  const zeros = new Uint8Array(BLOCK_SIZE)
  const one = Uint8Array.of(1)
  const path = await imageFile(9 * BLOCK_SIZE + 1000, [
    [BLOCK_SIZE - 1, one],
    [2 * BLOCK_SIZE, zeros],
    [4 * BLOCK_SIZE, one],
    [9 * BLOCK_SIZE + 999, Uint8Array.of(7)],
  ])
  const endpoint = await serve(path)
  expect(await listed(endpoint)).toEqual([0, 4, 9])
  const { BlockData, DataLength } = await getBlock(endpoint.ebs, endpoint.SnapshotId, 9)
  const bytes = await BlockData!.transformToByteArray()
  expect([DataLength, bytes.length, bytes[999], bytes.indexOf(7), bytes.lastIndexOf(7)]).toEqual([BLOCK_SIZE, BLOCK_SIZE, 7, 999, 999])
})

test('a file without a hole is listed whole', async () => {
  const path = await imageFile(3 * BLOCK_SIZE, [[0, new Uint8Array(3 * BLOCK_SIZE).fill(9)]])
  expect(await listed(await serve(path))).toEqual([0, 1, 2])
})

test('a sparse file of 8 TiB: a range is found without reading what lies before it', async () => {
  const TIB = 2 ** 40
  const path = await imageFile(8 * TIB, [
    [5 * TIB + 4096, Uint8Array.of(1)],
    [8 * TIB - 1, Uint8Array.of(1)],
  ])
  const endpoint = await serve(path)
  const { Volumes } = await endpoint.ec2.send(new DescribeVolumesCommand({}))
  expect(Volumes![0]!.Size).toBe(8192)
  expect(await listed(endpoint, (5 * TIB) / BLOCK_SIZE - 10)).toEqual([(5 * TIB) / BLOCK_SIZE])
  expect(await listed(endpoint, (8 * TIB) / BLOCK_SIZE - 10)).toEqual([(8 * TIB) / BLOCK_SIZE - 1])
})

test('a file that never held anything has no blocks', async () => {
  expect(await listed(await serve(await imageFile(64 * 2 ** 30, [])))).toEqual([])
})

test('a file that shrinks is an error of the service, not its end', async () => {
  const path = await imageFile(4 * BLOCK_SIZE, [[3 * BLOCK_SIZE, Uint8Array.of(1)]])
  const endpoint = await serve(path)
  await truncate(path, BLOCK_SIZE)
  await expect(listed(endpoint)).rejects.toMatchObject({ name: 'InternalServerException', message: expect.stringMatching(/ended at byte/) })
  expect((await endpoint.ec2.send(new DescribeVolumesCommand({}))).Volumes).toHaveLength(1)
})

test.each([
  ['a missing file', { image: '/nowhere/disk.img' }, /cannot open image "\/nowhere\/disk.img": ENOENT/],
  ['a directory', { image: tmpdir() }, /is not a disk image file/],
  ['other blocks than EBS has', { image: new MemorySource(new Uint8Array(4096), 4096) }, /blocks of 524288 bytes, not 4096/],
  ['a volume id that is none', { volumeId: 'root' }, /not a volume id/],
])('start refuses %s', async (_, volume, message) => {
  const volumes = [{ volumeId: ROOT, deviceName: '/dev/xvda', image: blocks([]), ...volume }]
  await expect(startLocalAws({ instances: [{ instanceId: INSTANCE, volumes }] })).rejects.toThrow(message)
})

test('start refuses instances that contradict each other', async () => {
  const instance = { instanceId: INSTANCE, volumes: [] }
  await expect(startLocalAws({ instances: [instance, instance] })).rejects.toThrow(/given twice/)
  await expect(startLocalAws({ instances: [{ ...instance, instanceId: 'web' }] })).rejects.toThrow(/not an instance id/)
  await expect(startLocalAws({ instances: [{ ...instance, launchTime: 'noon' }] })).rejects.toThrow(/no date/)
})

test('another image must fit its volume', async () => {
  const { aws } = await startEndpoint()
  await expect(aws.replaceImage(ROOT, blocks([], 2 * 2 ** 30))).rejects.toThrow(/larger than/)
  await expect(aws.replaceImage('vol-99', blocks([]))).rejects.toThrow(/no volume "vol-99"/)
})
