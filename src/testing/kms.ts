import type { Key } from './resources.js'
import type { Account } from './state.js'
import { type Answer, type Operation, type Service, ServiceError, type WireRequest } from './wire.js'

const TARGET = 'TrentService.'

interface Input {
  readonly KeyId?: unknown
  readonly Limit?: unknown
  readonly Marker?: unknown
}

/** AWS KMS as far as volumes need it: AWS JSON 1.1, docs.aws.amazon.com/kms/latest/APIReference. */
export class KmsService implements Service {
  readonly refusals: Service['refusals'] = {
    unsigned: new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token'),
    throttle: new ServiceError('ThrottlingException', 'Rate exceeded'),
    error: new ServiceError('KMSInternalException', 'The request was rejected because an internal exception occurred', 500),
    denied: new ServiceError('AccessDeniedException', 'User is not authorized to perform this operation'),
  }
  readonly #account: Account

  constructor(account: Account) {
    this.#account = account
  }

  /** Whether a request's X-Amz-Target is this service's. */
  static owns(request: WireRequest): boolean {
    return request.headers['x-amz-target'] !== undefined
  }

  parse(request: WireRequest): Operation {
    const target = String(request.headers['x-amz-target'])
    const action = target.startsWith(TARGET) ? target.slice(TARGET.length) : ''
    if (action !== 'ListResourceTags' && action !== 'DescribeKey') throw new ServiceError('UnknownOperationException', '')
    const input = parseInput(request.body)
    const keyId = typeof input.KeyId === 'string' ? input.KeyId : undefined
    return {
      action,
      resources: keyId === undefined ? [] : [keyId, this.#account.arnOfKey(keyId)],
      run: () => {
        const key = this.#key(keyId)
        return answerOf(200, action === 'DescribeKey' ? { KeyMetadata: this.#metadata(key) } : listTags(key, input))
      },
    }
  }

  answerFor(error: ServiceError): Answer {
    return answerOf(error.status, { __type: error.code, message: error.message })
  }

  #key(keyId: string | undefined): Key {
    if (keyId === undefined || keyId === '') throw invalid("Value at 'keyId' failed to satisfy constraint: Member must not be null")
    const key = this.#account.keys.get(this.#account.arnOfKey(keyId))
    if (!key) throw new ServiceError('NotFoundException', `Key '${this.#account.arnOfKey(keyId)}' does not exist`)
    if (key.arn.split(':')[4] !== this.#account.accountId) throw this.refusals.denied
    return key
  }

  #metadata(key: Key): object {
    return {
      AWSAccountId: this.#account.accountId,
      KeyId: key.keyId,
      Arn: key.arn,
      CreationDate: 1_600_000_000,
      Enabled: true,
      Description: '',
      KeyUsage: 'ENCRYPT_DECRYPT',
      KeyState: 'Enabled',
      Origin: 'AWS_KMS',
      KeyManager: key.managedBy,
      KeySpec: 'SYMMETRIC_DEFAULT',
      CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
      EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
      MultiRegion: false,
    }
  }
}

function listTags(key: Key, input: Input): object {
  const limit = input.Limit ?? 50
  if (typeof limit !== 'number' || !(limit >= 1 && limit <= 50)) throw invalid("Value at 'limit' failed to satisfy constraint")
  const marker = input.Marker ?? '0'
  if (typeof marker !== 'string' || !/^\d{1,9}$/.test(marker))
    throw new ServiceError('InvalidMarkerException', 'Could not deserialize marker')
  const start = Number(marker)
  const Tags = [...key.tags].slice(start, start + limit).map(([TagKey, TagValue]) => ({ TagKey, TagValue }))
  const Truncated = start + limit < key.tags.size
  return Truncated ? { Tags, Truncated, NextMarker: String(start + limit) } : { Tags, Truncated }
}

function parseInput(body: string): Input {
  let input: unknown
  try {
    input = JSON.parse(body)
  } catch {
    input = undefined
  }
  if (typeof input !== 'object' || input === null) throw new ServiceError('SerializationException', 'The request is not a JSON object')
  return input
}

function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', `1 validation error detected: ${message}`)
}

function answerOf(status: number, body: unknown): Answer {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: Buffer.from(JSON.stringify(body)) }
}
