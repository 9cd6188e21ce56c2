import { createHash } from 'node:crypto'
import { expect, vi } from 'vitest'
import { createEbsPool, type EbsPool, type EbsPoolOptions } from '../../src/aws/ebs-pool.js'
import { BlockReader } from '../../src/io/block-reader.js'
import type { BlockSource } from '../../src/io/types.js'
import type { Fault, LocalAws, LocalAwsOptions } from '../../src/testing/index.js'
import { BLOCK_SIZE, INSTANCE, ROOT, snapshotRoot, startEndpoint } from '../testing/endpoint.js'

/** A block that no other is like. */
export function blockBytes(blockIndex: number): Uint8Array {
  const digest = createHash('sha256').update(`block ${blockIndex}`).digest()
  return Buffer.alloc(BLOCK_SIZE, digest)
}

/** Contents of a volume: `blockBytes` of each block that is written. */
export function volume(sizeGiB: number, written: (blockIndex: number) => boolean): BlockSource {
  return {
    size: sizeGiB * 2 ** 30,
    blockSize: BLOCK_SIZE,
    hasBlock: written,
    readBlock: async (blockIndex) => blockBytes(blockIndex),
  }
}

export interface Opened {
  readonly aws: LocalAws
  readonly pool: EbsPool
  readonly snapshotId: string
}

/** A snapshot of `image` behind a local endpoint, and a pool that finds it as the SDK finds its endpoint. */
export async function snapshotOf(
  image: BlockSource,
  options: Partial<LocalAwsOptions> = {},
  poolOptions: EbsPoolOptions = {},
): Promise<Opened> {
  const { faults = [], ...others } = options
  const { aws, ec2 } = await startEndpoint({
    instances: [{ instanceId: INSTANCE, volumes: [{ volumeId: ROOT, deviceName: '/dev/xvda', image }] }],
    ...others,
  })
  const snapshotId = await snapshotRoot(ec2)
  for (const [name, value] of Object.entries(aws.env())) vi.stubEnv(name, value)
  for (const fault of faults) aws.addFault(fault)
  return { aws, pool: createEbsPool(poolOptions), snapshotId }
}

/** Two of three blocks below `below`. */
export function twoOfThree(below: number): (blockIndex: number) => boolean {
  return (blockIndex) => blockIndex < below && blockIndex % 3 !== 0
}

/** A fault of GetSnapshotBlock. */
export const always = (fault: Partial<Fault> & Pick<Fault, 'kind'>): Fault => ({ action: 'GetSnapshotBlock', ...fault })

/** How often a block was asked for; without an index, any. */
export const gets = (aws: LocalAws, blockIndex?: number): number =>
  aws.calls.filter((call) => call.action === 'GetSnapshotBlock' && (blockIndex === undefined || call.blockIndex === blockIndex)).length

/** The first `below` blocks, read through a reader, are what the volume holds. */
export async function expectBlocks(source: BlockSource, below: number, written: (blockIndex: number) => boolean): Promise<void> {
  const reader = new BlockReader(source)
  for (let blockIndex = 0; blockIndex < below; blockIndex += 100) {
    const length = Math.min(100, below - blockIndex) * BLOCK_SIZE
    const bytes = await reader.read(blockIndex * BLOCK_SIZE, length)
    for (let i = 0; i * BLOCK_SIZE < length; i++) {
      const expected = written(blockIndex + i) ? blockBytes(blockIndex + i) : Buffer.alloc(BLOCK_SIZE)
      expect(Buffer.compare(expected, bytes.subarray(i * BLOCK_SIZE, (i + 1) * BLOCK_SIZE)), `block ${blockIndex + i}`).toBe(0)
    }
  }
}
