import { describe, expect, it } from 'vitest'
import { classifyCall, isDenied, mayHaveHappened, toAwsError } from '../../src/aws/failure.js'

const failure = (name: string, httpStatusCode?: number, more: object = {}): Error =>
  Object.assign(new Error('it said no'), { name, ...(httpStatusCode !== undefined && { $metadata: { httpStatusCode } }), ...more })

const systemError = (code: string): Error => failure('Error', undefined, { code })

describe('what a failed request means', () => {
  it.each([
    ['a throttle', failure('RequestLimitExceeded', 503), 'throttled', false],
    ['a throttle of KMS', failure('ThrottlingException', 400), 'throttled', false],
    ['a failure of the service', failure('InternalError', 500), 'transient', true],
    ['an answer that was cut short', failure('SyntaxError', 200), 'transient', true],
    ['a request that timed out', failure('TimeoutError'), 'transient', true],
    ['a connection that broke', systemError('ECONNRESET'), 'transient', true],
    ['a connection that never was', systemError('ECONNREFUSED'), 'transient', false],
    ['a name that is not known', systemError('ENOTFOUND'), 'transient', false],
    [
      'a clock set right',
      failure('RequestExpired', 400, { $metadata: { httpStatusCode: 400, clockSkewCorrected: true } }),
      'transient',
      false,
    ],
    ['a missing permission', failure('UnauthorizedOperation', 403), 'fatal', false],
    ['a wrong parameter', failure('InvalidParameterValue', 400), 'fatal', false],
    ['no credentials', failure('CredentialsProviderError'), 'fatal', false],
  ] as const)('%s', (_, thrown, verdict, happened) => {
    const error = toAwsError('ec2:CreateSnapshots', thrown)
    expect(classifyCall(error)).toBe(verdict)
    expect(mayHaveHappened(error)).toBe(happened)
  })

  it.each([
    ['UnauthorizedOperation', 'allow ec2:CreateSnapshots to these credentials'],
    ['ExpiredToken', 'renew them'],
    ['AuthFailure', 'AWS does not accept these credentials'],
    ['CredentialsProviderError', 'set AWS_PROFILE'],
  ])('%s comes with what to do', (name, advice) => {
    const error = toAwsError('ec2:CreateSnapshots', failure(name, 403))
    expect(error.message).toMatch(/^ec2:CreateSnapshots: \w+: it said no; /)
    expect(error.message).toContain(advice)
    expect(isDenied(error)).toBe(name === 'UnauthorizedOperation')
  })

  it('leaves out the part of a refusal that only AWS can read', () => {
    const message = `You are not authorized to perform this operation. Encoded authorization failure message: ${'x'.repeat(900)}`
    const error = toAwsError('ec2:DeleteSnapshot', Object.assign(new Error(message), { name: 'UnauthorizedOperation' }))
    expect(error.message).toMatch(/perform this operation\.; allow ec2:DeleteSnapshot/)
  })
})
