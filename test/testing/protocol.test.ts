import { once } from 'node:events'
import { connect } from 'node:net'
import { XMLParser } from 'fast-xml-parser'
import { describe, expect, test } from 'vitest'
import { snapshotRoot, startEndpoint } from './endpoint.js'

const AUTHORIZATION = 'AWS4-HMAC-SHA256 Credential=x'
const signed = { authorization: AUTHORIZATION, 'content-type': 'application/x-www-form-urlencoded' }
const ec2Error = (text: string) => new XMLParser().parse(text).Response.Errors.Error

async function post(url: string, body: string, headers: Record<string, string> = signed) {
  const response = await fetch(url, { method: 'POST', body, headers })
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
}

describe('requests without a signature', () => {
  test('are refused by each service in its own way', async () => {
    const { aws, ec2 } = await startEndpoint()
    const snapshotId = await snapshotRoot(ec2)
    const ec2Answer = await post(aws.url, 'Action=DescribeInstances&Version=2016-11-15', {})
    expect([ec2Answer.status, ec2Error(ec2Answer.text).Code]).toEqual([403, 'MissingAuthenticationToken'])
    const ebsAnswer = await fetch(`${aws.url}/snapshots/${snapshotId}/blocks`)
    expect([ebsAnswer.status, ebsAnswer.headers.get('x-amzn-errortype')]).toEqual([403, 'MissingAuthenticationTokenException'])
    const kmsAnswer = await post(aws.url, '{}', { 'x-amz-target': 'TrentService.ListResourceTags' })
    expect([kmsAnswer.status, JSON.parse(kmsAnswer.text).__type]).toEqual([400, 'MissingAuthenticationTokenException'])
    expect(aws.calls.map(({ action }) => action)).toEqual(['CreateSnapshots'])
  })
})

describe('EC2', () => {
  test('answers a signed form, and a GET alike', async () => {
    const { aws } = await startEndpoint()
    const query = 'Action=DescribeVolumes&Version=2016-11-15&VolumeId.1=vol-0000000000000000b'
    const { status, type, text } = await post(aws.url, query)
    expect([status, type]).toEqual([200, 'text/xml;charset=UTF-8'])
    const answer = new XMLParser({ ignoreAttributes: false }).parse(text).DescribeVolumesResponse
    expect(answer['@_xmlns']).toBe('http://ec2.amazonaws.com/doc/2016-11-15/')
    expect(answer.requestId).toMatch(/^[0-9a-f-]{36}$/)
    expect(answer.volumeSet.item.volumeId).toBe('vol-0000000000000000b')
    const got = await fetch(`${aws.url}/?${query}`, { headers: { authorization: AUTHORIZATION } })
    expect(new XMLParser().parse(await got.text()).DescribeVolumesResponse.volumeSet.item.size).toBe(1)
  })

  test.each([
    ['Action=TerminateInstances&Version=2016-11-15', 'InvalidAction'],
    ['Action=constructor&Version=2016-11-15', 'InvalidAction'],
    ['Version=2016-11-15', 'MissingAction'],
    ['', 'MissingAction'],
    ['%%%=&&&', 'MissingAction'],
    ['Action=DescribeVolumes', 'NoSuchVersion'],
    ['Action=DescribeVolumes&Version=2016-11-15&MaxResults=many', 'InvalidParameterValue'],
    ['Action=DescribeVolumes&Version=2016-11-15&DryRun=perhaps', 'InvalidParameterValue'],
    ['Action=DescribeVolumes&Version=2016-11-15&Filter.1.Value.1=x', 'InvalidParameterValue'],
    ['Action=DescribeVolumes&Version=2016-11-15&VolumeId.1=%00', 'InvalidParameterValue'],
    ['Action=DeleteSnapshot&Version=2016-11-15', 'MissingParameter'],
    ['Action=CreateTags&Version=2016-11-15&ResourceId.1=i-0123456789abcdef0', 'MissingParameter'],
  ])('refuses %j', async (body, code) => {
    const { aws } = await startEndpoint()
    const { status, text } = await post(aws.url, body)
    expect([status, ec2Error(text).Code]).toEqual([400, code])
  })

  test('refuses a request of megabytes', async () => {
    const { aws } = await startEndpoint()
    const { status } = await post(aws.url, `Action=DescribeVolumes&Version=2016-11-15&x=${'x'.repeat(3 * 2 ** 20)}`)
    expect(status).toBe(413)
  })
})

describe('EBS', () => {
  test.each([
    ['GET', '/snapshots', 404, 'UnknownOperationException'],
    ['GET', '/snapshots/snap-1', 404, 'UnknownOperationException'],
    ['PUT', '/snapshots/snap-1/blocks/0', 404, 'UnknownOperationException'],
    ['POST', '/snapshots', 404, 'UnknownOperationException'],
    ['GET', '/snapshots/%E0%A4%A/blocks', 404, 'UnknownOperationException'],
    ['GET', '/etc/passwd', 404, 'UnknownOperationException'],
    ['GET', '/snapshots/snap-1/blocks/0/more', 404, 'UnknownOperationException'],
    ['GET', '/snapshots/snap-1/blocks/0', 404, 'ResourceNotFoundException'],
    ['GET', '/snapshots//blocks', 400, 'ValidationException'],
  ])('%s %s is %i %s', async (method, path, status, type) => {
    const { aws } = await startEndpoint()
    const response = await fetch(aws.url + path, { method, headers: { authorization: AUTHORIZATION } })
    expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([status, type])
    expect(await response.json()).toHaveProperty('Message')
  })

  test.each([
    ['/blocks/0', 'INVALID_BLOCK_TOKEN'],
    ['/blocks/first?blockToken=x', 'INVALID_BLOCK'],
    ['/blocks?maxResults=1e3', 'INVALID_PARAMETER_VALUE'],
    ['/blocks?pageToken=', 'INVALID_PAGE_TOKEN'],
  ])('refuses %s with a reason', async (path, Reason) => {
    const { aws, ec2 } = await startEndpoint()
    const snapshotId = await snapshotRoot(ec2)
    const response = await fetch(`${aws.url}/snapshots/${snapshotId}${path}`, { headers: { authorization: AUTHORIZATION } })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ Reason })
  })
})

describe('KMS', () => {
  test.each([
    ['TrentService.Decrypt', '{}', 'UnknownOperationException'],
    ['DynamoDB_20120810.GetItem', '{}', 'UnknownOperationException'],
    ['TrentService.DescribeKey', 'nonsense', 'SerializationException'],
    ['TrentService.DescribeKey', '[1', 'SerializationException'],
    ['TrentService.DescribeKey', 'null', 'SerializationException'],
    ['TrentService.DescribeKey', '{"KeyId":7}', 'ValidationException'],
  ])('refuses %s of %s', async (target, body, type) => {
    const { aws } = await startEndpoint()
    const { status, text } = await post(aws.url, body, { ...signed, 'x-amz-target': target })
    expect([status, JSON.parse(text).__type]).toEqual([400, type])
  })
})

test('what is not HTTP is answered 400, and the endpoint goes on', async () => {
  const { aws, ec2 } = await startEndpoint()
  const socket = connect(Number(new URL(aws.url).port), '127.0.0.1')
  socket.write('\x16\x03\x01 hello\r\n\r\n')
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 /)
  socket.destroy()
  await snapshotRoot(ec2)
})

test('settings for processes and clients', async () => {
  const { aws } = await startEndpoint({ region: 'ap-south-1' })
  expect(aws.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect(aws.clientConfig()).toMatchObject({ region: 'ap-south-1', endpoint: aws.url })
  expect(aws.env()).toEqual({
    AWS_REGION: 'ap-south-1',
    AWS_DEFAULT_REGION: 'ap-south-1',
    AWS_ENDPOINT_URL_EC2: aws.url,
    AWS_ENDPOINT_URL_EBS: aws.url,
    AWS_ENDPOINT_URL_KMS: aws.url,
    AWS_ACCESS_KEY_ID: aws.clientConfig().credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.clientConfig().credentials.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
  })
})
