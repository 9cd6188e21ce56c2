import { DescribeKeyCommand, KMSClient, ListResourceTagsCommand } from '@aws-sdk/client-kms'
import { type Caller, once } from './call.js'

/** The KMS calls of a scan. Every one throws AwsError, or the reason of its signal. */
export interface Kms {
  /** Keys of all tags of a KMS key. */
  tagKeys(keyId: string, signal?: AbortSignal): Promise<string[]>
  /** True for a key such as `aws/ebs`, which AWS manages and nobody can tag. */
  isAwsManaged(keyId: string, signal?: AbortSignal): Promise<boolean>
}

export function makeKmsClient(region: string): KMSClient {
  return new KMSClient({ region })
}

/** `Kms` over the SDK's client. This module loads the SDK: import it lazily. */
export class SdkKms implements Kms {
  readonly #client: KMSClient
  readonly #caller: Caller

  constructor(client: KMSClient, caller: Caller) {
    this.#client = client
    this.#caller = caller
  }

  async tagKeys(keyId: string, signal?: AbortSignal): Promise<string[]> {
    const keys: string[] = []
    let marker: string | undefined
    for (;;) {
      const answer = await this.#caller.call(
        'kms:ListResourceTags',
        (abortSignal) =>
          this.#client.send(once(new ListResourceTagsCommand({ KeyId: keyId, ...(marker && { Marker: marker }) })), { abortSignal }),
        signal,
      )
      keys.push(...(answer.Tags ?? []).map((tag) => tag.TagKey ?? ''))
      if (!answer.Truncated || !answer.NextMarker || answer.NextMarker === marker) return keys
      marker = answer.NextMarker
    }
  }

  async isAwsManaged(keyId: string, signal?: AbortSignal): Promise<boolean> {
    const answer = await this.#caller.call(
      'kms:DescribeKey',
      (abortSignal) => this.#client.send(once(new DescribeKeyCommand({ KeyId: keyId })), { abortSignal }),
      signal,
    )
    return answer.KeyMetadata?.KeyManager === 'AWS'
  }
}
