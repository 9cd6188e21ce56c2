import { AwsError } from '../errors.js'
import type { Verdict } from './retry.js'

// Names of docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html and of the KMS and EBS references.
const DENIED = new Set(['UnauthorizedOperation', 'AccessDenied', 'AccessDeniedException', 'AuthorizationError', 'OptInRequired'])
const THROTTLED = new Set([
  'RequestLimitExceeded',
  'EC2ThrottledException',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'RequestThrottled',
  'RequestThrottledException',
  'TooManyRequestsException',
  'SlowDown',
])
const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException', 'RequestExpired'])
const BAD_CREDENTIALS = new Set([
  'AuthFailure',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'SignatureDoesNotMatch',
  'InvalidSignatureException',
  'IncompleteSignature',
])
const NO_CREDENTIALS = new Set(['CredentialsProviderError', 'TokenProviderError', 'ProviderError'])
// The connection was never made, so the request cannot have taken effect.
const NOT_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])
const CONNECTION_LOST = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED'])

/** What the SDK's errors have in common. */
interface SdkFailure extends Error {
  readonly code?: string
  readonly $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean }
}

/** The SDK's error as ours: what was asked, what came back, and what to do about it. */
export function toAwsError(action: string, thrown: unknown): AwsError {
  const { awsCode, message, cause } = describeFailure(action, thrown)
  return new AwsError(action, awsCode, message, { cause })
}

/** What the SDK's error says: the service's name for it or Node's, and a line that ends with what to do about it. */
export function describeFailure(action: string, thrown: unknown): { awsCode: string; message: string; cause: Error } {
  const failure = thrown instanceof Error ? (thrown as SdkFailure) : (new Error(String(thrown)) as SdkFailure)
  const code = failure.code && (NOT_CONNECTED.has(failure.code) || CONNECTION_LOST.has(failure.code)) ? failure.code : failure.name
  // EC2 appends a blob of a kilobyte that only sts:DecodeAuthorizationMessage can read.
  const said = failure.message.replace(/\s*Encoded authorization failure message:.*$/s, '').trim() || 'no message'
  return { awsCode: code, message: [said, adviceOn(action, code)].filter(Boolean).join('; '), cause: failure }
}

function adviceOn(action: string, code: string): string | undefined {
  if (DENIED.has(code)) return `allow ${action} to these credentials (the README has the whole IAM policy)`
  if (EXPIRED.has(code)) return 'the credentials have expired: renew them (and check the clock of this machine)'
  if (BAD_CREDENTIALS.has(code)) return 'AWS does not accept these credentials in this region: check AWS_PROFILE, AWS_REGION and the keys'
  if (NO_CREDENTIALS.has(code)) return 'no AWS credentials were found: set AWS_PROFILE or AWS_ACCESS_KEY_ID, or run under a role'
  if (NOT_CONNECTED.has(code)) return 'the endpoint cannot be reached: check the region, the network and AWS_ENDPOINT_URL'
  if (code.endsWith('.NotFound')) return 'check the id and the region'
  return undefined
}

export function isDenied(error: unknown): boolean {
  return error instanceof AwsError && DENIED.has(error.awsCode)
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof AwsError && codes.includes(error.awsCode)
}

/** What to do about a failed attempt at a call that may be repeated. */
export function classifyCall(error: unknown): Verdict {
  if (!(error instanceof AwsError)) return 'fatal'
  if (THROTTLED.has(error.awsCode)) return 'throttled'
  const { name, code, $metadata } = error.cause as SdkFailure
  if (name === 'TimeoutError' || (code !== undefined && (NOT_CONNECTED.has(code) || CONNECTION_LOST.has(code)))) return 'transient'
  // The SDK has set its clock by the answer, so the next signature will be right.
  if ($metadata?.clockSkewCorrected) return 'transient'
  const status = $metadata?.httpStatusCode
  // A 200 that ends up here was cut short or garbled on its way.
  return status !== undefined && (status >= 500 || status === 429 || status === 200) ? 'transient' : 'fatal'
}

/** True where the service may have carried out the request although no good answer came back. */
export function mayHaveHappened(error: unknown): boolean {
  if (!(error instanceof AwsError) || THROTTLED.has(error.awsCode)) return false
  if (NO_CREDENTIALS.has(error.awsCode) || NOT_CONNECTED.has(error.awsCode)) return false
  const status = (error.cause as SdkFailure).$metadata?.httpStatusCode
  return status === undefined || status < 400 || status >= 500
}
