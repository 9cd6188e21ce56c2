import { type ExecFileOptions, execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { MemorySource } from '../../src/io/memory-source.js'
import { startLocalAws } from '../../src/testing/index.js'

const INSTANCE = 'i-0123456789abcdef0'
const ROOT = 'vol-0000000000000000a'
const BLOCK_SIZE = 512 * 1024

const run = promisify(execFile)

const missing = await run('aws', ['--version']).then(
  () => false,
  () => true,
)
if (missing) console.warn('aws command test skipped: there is no aws executable on PATH')

test.skipIf(missing)('the aws command takes the local endpoint for AWS', async () => {
  const contents = new Uint8Array(4 * BLOCK_SIZE)
  contents.fill(0x5a, 2 * BLOCK_SIZE, 3 * BLOCK_SIZE)
  const image = new MemorySource(contents)
  const local = await startLocalAws({
    instances: [
      {
        instanceId: INSTANCE,
        tags: { Name: 'web & <db> é' },
        volumes: [
          { volumeId: ROOT, deviceName: '/dev/xvda', image, kmsKeyId: 'cafe' },
          { volumeId: 'vol-0000000000000000b', deviceName: '/dev/sdf', image },
        ],
      },
    ],
    keys: [{ keyId: 'cafe', tags: { InspectorEc2Exclusion: '' } }],
    faults: [{ action: 'ListSnapshotBlocks', kind: 'throttle', times: 1 }],
  })
  const directory = await mkdtemp(join(tmpdir(), 'snapsight-aws-cli-'))
  onTestFinished(async () => {
    await local.close()
    await rm(directory, { recursive: true })
  })

  const options: ExecFileOptions = { env: { ...process.env, ...local.env(), AWS_CONFIG_FILE: '/dev/null', AWS_PAGER: '' } }
  const aws = async (...words: string[]) =>
    JSON.parse((await run('aws', [...words, '--output', 'json'], options)).stdout.toString() || 'null')
  const refused = (...words: string[]) => expect(run('aws', words, options)).rejects

  const { Reservations } = await aws('ec2', 'describe-instances', '--instance-ids', INSTANCE)
  expect(Reservations[0].Instances[0]).toMatchObject({ InstanceId: INSTANCE, Tags: [{ Key: 'Name', Value: 'web & <db> é' }] })
  const { Volumes } = await aws('ec2', 'describe-volumes', '--filters', `Name=attachment.instance-id,Values=${INSTANCE}`)
  expect(Volumes.map((volume: { VolumeId: string; Encrypted: boolean }) => [volume.VolumeId, volume.Encrypted])).toEqual([
    [ROOT, true],
    ['vol-0000000000000000b', false],
  ])
  const { Tags } = await aws('kms', 'list-resource-tags', '--key-id', Volumes[0].KmsKeyId)
  expect(Tags).toEqual([{ TagKey: 'InspectorEc2Exclusion', TagValue: '' }])

  const specification = `InstanceId=${INSTANCE},ExcludeDataVolumeIds=vol-0000000000000000b`
  const create = ['ec2', 'create-snapshots', '--instance-specification', specification]
  await refused(...create, '--dry-run').toThrow(/\(DryRunOperation\)/)
  const tags = 'ResourceType=snapshot,Tags=[{Key=InspectorScan,Value=cli-1}]'
  const { Snapshots } = await aws(...create, '--tag-specifications', tags)
  expect(Snapshots).toMatchObject([{ VolumeId: ROOT, State: 'pending', Tags: [{ Key: 'InspectorScan', Value: 'cli-1' }] }])
  const id = ['--snapshot-id', Snapshots[0].SnapshotId]
  const ours = ['ec2', 'describe-snapshots', '--owner-ids', 'self', '--filters', 'Name=tag:InspectorScan,Values=cli-*']
  expect((await aws(...ours)).Snapshots).toMatchObject([{ SnapshotId: id[1], State: 'completed', Progress: '100%' }])

  const { Blocks, BlockSize } = await aws('ebs', 'list-snapshot-blocks', ...id)
  expect([BlockSize, Blocks.length, Blocks[0].BlockIndex]).toEqual([BLOCK_SIZE, 1, 2])
  const output = join(directory, 'block')
  const token = ['--block-token', Blocks[0].BlockToken]
  const block = await aws('ebs', 'get-snapshot-block', ...id, '--block-index', '2', ...token, output)
  const bytes = await readFile(output)
  expect(bytes).toEqual(Buffer.alloc(BLOCK_SIZE, 0x5a))
  const Checksum = createHash('sha256').update(bytes).digest('base64')
  expect(block).toEqual({ DataLength: BLOCK_SIZE, Checksum, ChecksumAlgorithm: 'SHA256' })
  await refused('ebs', 'get-snapshot-block', ...id, '--block-index', '3', ...token, output).toThrow(/\(ValidationException\)/)

  await aws('ec2', 'delete-snapshot', ...id)
  await refused('ec2', 'delete-snapshot', ...id).toThrow(/\(InvalidSnapshot.NotFound\)/)
  await refused('ebs', 'list-snapshot-blocks', ...id).toThrow(/\(ResourceNotFoundException\)/)
  expect(local.snapshots).toEqual([])
})
