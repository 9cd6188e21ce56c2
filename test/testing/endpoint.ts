import { EBSClient, GetSnapshotBlockCommand, type GetSnapshotBlockCommandOutput, ListSnapshotBlocksCommand } from '@aws-sdk/client-ebs'
import { CreateSnapshotsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { KMSClient } from '@aws-sdk/client-kms'
import { onTestFinished } from 'vitest'
import type { BlockSource } from '../../src/io/types.js'
import { type LocalAws, type LocalAwsOptions, startLocalAws } from '../../src/testing/index.js'

export const BLOCK_SIZE: number = 512 * 1024
export const INSTANCE: string = 'i-0123456789abcdef0'
export const ROOT: string = 'vol-0000000000000000a'
export const DATA: string = 'vol-0000000000000000b'

/** A source of which these blocks are written; block `n` is filled with the byte `n + salt`. */
export function blocks(written: readonly number[], size: number = 2 ** 30, salt: number = 1): BlockSource {
  return {
    size,
    blockSize: BLOCK_SIZE,
    hasBlock: (blockIndex) => written.includes(blockIndex),
    readBlock: async (blockIndex) => new Uint8Array(BLOCK_SIZE).fill(blockIndex + salt),
  }
}

export interface TestEndpoint {
  readonly aws: LocalAws
  readonly ec2: EC2Client
  readonly ebs: EBSClient
  readonly kms: KMSClient
}

/** An endpoint with one instance of two volumes, closed with the test; its clients do not retry. */
export async function startEndpoint(options: Partial<LocalAwsOptions> = {}): Promise<TestEndpoint> {
  const volumes = [
    { volumeId: ROOT, deviceName: '/dev/xvda', image: blocks([0, 3, 4, 7]) },
    { volumeId: DATA, deviceName: '/dev/sdf', image: blocks([1]) },
  ]
  const aws = await startLocalAws({ instances: [{ instanceId: INSTANCE, volumes }], ...options })
  const config = { ...aws.clientConfig(), maxAttempts: 1 }
  const clients = { ec2: new EC2Client(config), ebs: new EBSClient(config), kms: new KMSClient(config) }
  onTestFinished(async () => {
    for (const client of Object.values(clients)) client.destroy()
    await aws.close()
  })
  return { aws, ...clients }
}

/** Snapshots every volume of the instance; the snapshot of its first volume. */
export async function snapshotRoot(ec2: EC2Client): Promise<string> {
  const { Snapshots } = await ec2.send(new CreateSnapshotsCommand({ InstanceSpecification: { InstanceId: INSTANCE } }))
  return Snapshots![0]!.SnapshotId!
}

/** One block through a new listing of its snapshot. */
export async function getBlock(ebs: EBSClient, SnapshotId: string, BlockIndex: number): Promise<GetSnapshotBlockCommandOutput> {
  const { Blocks } = await ebs.send(new ListSnapshotBlocksCommand({ SnapshotId, StartingBlockIndex: BlockIndex }))
  return ebs.send(new GetSnapshotBlockCommand({ SnapshotId, BlockIndex, BlockToken: Blocks![0]!.BlockToken! }))
}
