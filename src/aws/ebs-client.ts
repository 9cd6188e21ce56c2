import type { EBSClient, ListSnapshotBlocksRequest, ListSnapshotBlocksResponse } from '@aws-sdk/client-ebs'
import { once } from './call.js'
import { readBlockBody } from './ebs-block.js'

/** The calls a scan makes of the EBS direct APIs, one attempt each: without the SDK's own retries. */
export interface EbsCalls {
  list(input: ListSnapshotBlocksRequest, signal: AbortSignal): Promise<ListSnapshotBlocksResponse>
  /**
   * A block's bytes, checked against their length and SHA-256.
   * @throws IoError where they do not fit
   */
  get(snapshotId: string, blockIndex: number, token: string, blockSize: number, signal: AbortSignal): Promise<Uint8Array>
  close(): void
}

export interface EbsClientOptions {
  /** Used as it is and not closed. */
  readonly client?: EBSClient | undefined
  /** Else as the SDK finds it: `AWS_REGION`, the profile. */
  readonly region?: string | undefined
  /** Size of the socket pool. */
  readonly sockets: number
  readonly attemptTimeoutMs: number
}

/** How long a TCP and TLS handshake may take. */
const CONNECTION_TIMEOUT_MS = 5_000

/** Loads the SDK; everything not named in `options` is the SDK's own configuration (`AWS_ENDPOINT_URL_EBS`, profiles, …). */
export async function openEbsCalls({ client: given, region, sockets, attemptTimeoutMs }: EbsClientOptions): Promise<EbsCalls> {
  const [{ EBSClient, GetSnapshotBlockCommand, ListSnapshotBlocksCommand }, { NodeHttpHandler }] = await Promise.all([
    import('@aws-sdk/client-ebs'),
    import('@smithy/node-http-handler'),
  ])
  const agent = { keepAlive: true, maxSockets: sockets }
  const client =
    given ??
    new EBSClient({
      ...(region && { region }),
      requestHandler: new NodeHttpHandler({
        httpAgent: agent,
        httpsAgent: agent,
        connectionTimeout: Math.min(CONNECTION_TIMEOUT_MS, attemptTimeoutMs),
        requestTimeout: attemptTimeoutMs,
        throwOnRequestTimeout: true,
      }),
    })
  return {
    list: (input, abortSignal) => client.send(once(new ListSnapshotBlocksCommand(input)), { abortSignal }),
    get: async (snapshotId, blockIndex, token, blockSize, abortSignal) => {
      const input = { SnapshotId: snapshotId, BlockIndex: blockIndex, BlockToken: token }
      return readBlockBody(await client.send(once(new GetSnapshotBlockCommand(input)), { abortSignal }), blockSize)
    },
    close: () => {
      if (!given) client.destroy()
    },
  }
}
