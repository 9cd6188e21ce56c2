import { DescribeKeyCommand, ListResourceTagsCommand } from '@aws-sdk/client-kms'
import { expect, test } from 'vitest'
import { blocks, INSTANCE, ROOT, startEndpoint } from './endpoint.js'

const ARN = 'arn:aws:kms:eu-central-1:123456789012:key/cafe'

test('tags of a key by id and by ARN, in pages', async () => {
  const tags = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`key${i}`, `value${i}`]))
  const { kms } = await startEndpoint({ keys: [{ keyId: 'cafe', tags }] })
  const first = await kms.send(new ListResourceTagsCommand({ KeyId: 'cafe' }))
  expect(first).toMatchObject({ Truncated: true, NextMarker: expect.any(String) })
  const second = await kms.send(new ListResourceTagsCommand({ KeyId: ARN, Marker: first.NextMarker! }))
  expect(second.Truncated).toBe(false)
  const all = [...first.Tags!, ...second.Tags!]
  expect(Object.fromEntries(all.map(({ TagKey, TagValue }) => [TagKey, TagValue]))).toEqual(tags)
})

test('a key that only a volume names exists, without tags', async () => {
  const volumes = [{ volumeId: ROOT, deviceName: '/dev/xvda', image: blocks([]), kmsKeyId: ARN }]
  const { kms } = await startEndpoint({ instances: [{ instanceId: INSTANCE, volumes }] })
  expect(await kms.send(new ListResourceTagsCommand({ KeyId: ARN }))).toMatchObject({ Tags: [], Truncated: false })
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'cafe' }))
  expect(KeyMetadata).toMatchObject({ Arn: ARN, KeyId: 'cafe', AWSAccountId: '123456789012', KeyManager: 'CUSTOMER', KeyState: 'Enabled' })
})

test('unknown keys, keys of other accounts and bad markers are refused', async () => {
  const foreign = 'arn:aws:kms:eu-central-1:999999999999:key/cafe'
  const { kms } = await startEndpoint({ keys: [{ keyId: foreign }, { keyId: 'cafe' }] })
  const list = (input: object) => expect(kms.send(new ListResourceTagsCommand({ KeyId: 'cafe', ...input }))).rejects
  await list({ KeyId: 'beef' }).toMatchObject({ name: 'NotFoundException', $metadata: { httpStatusCode: 400 } })
  await list({ KeyId: foreign }).toMatchObject({ name: 'AccessDeniedException' })
  await list({ Marker: 'x' }).toMatchObject({ name: 'InvalidMarkerException' })
  await list({ Limit: 51 }).toMatchObject({ name: 'ValidationException' })
})
