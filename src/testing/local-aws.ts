import type { BlockSource } from '../io/types.js'
import { EbsService } from './ebs/service.js'
import { Ec2Service } from './ec2/service.js'
import { FaultInjector } from './faults.js'
import { KmsService } from './kms.js'
import { Endpoint } from './server.js'
import { Account } from './state.js'
import type { Fault, LocalAws, LocalAwsOptions, LocalCall, LocalClientConfig, LocalInstanceState, LocalSnapshot } from './types.js'

const CREDENTIALS = { accessKeyId: 'AKIALOCALENDPOINT000', secretAccessKey: 'a-placeholder-for-the-local-endpoint' }

/**
 * Starts an HTTP server on 127.0.0.1 that answers as EC2, the EBS direct APIs and KMS do, for instances whose volumes are disk
 * images: to test code that scans instances without an AWS account.
 *
 * ```ts
 * const aws = await startLocalAws({
 *   instances: [{ instanceId: 'i-0123456789abcdef0', volumes: [{ volumeId: 'vol-1', deviceName: '/dev/xvda', image: 'root.img' }] }],
 *   faults: [{ action: 'GetSnapshotBlock', kind: 'throttle', rate: 0.2 }],
 * })
 * try {
 *   const ec2 = new EC2Client(aws.clientConfig())
 *   // …or run a process with { ...process.env, ...aws.env() }
 * } finally {
 *   await aws.close()
 * }
 * ```
 *
 * Credentials of any kind are taken, requests without a signature are refused. The same seed gives the same faults for the same calls.
 * @throws IoError when an image cannot be read, ConfigError for options that contradict each other.
 */
export async function startLocalAws(options: LocalAwsOptions): Promise<LocalAws> {
  const faults = new FaultInjector(options.seed ?? 1)
  for (const fault of options.faults ?? []) faults.add(fault)
  const account = await Account.create(options)
  const ec2 = new Ec2Service(account, new Set(options.failingVolumes))
  const ebs = new EbsService(account, options)
  const kms = new KmsService(account)
  const endpoint = new Endpoint({
    account,
    faults,
    latencyMs: options.latencyMs ?? 0,
    serviceFor: (request) => (KmsService.owns(request) ? kms : EbsService.owns(request) ? ebs : ec2),
  })
  return new RunningAws(await endpoint.listen(), account, faults, endpoint)
}

class RunningAws implements LocalAws {
  readonly url: string
  readonly region: string
  readonly calls: readonly LocalCall[]
  readonly #account: Account
  readonly #faults: FaultInjector
  readonly #endpoint: Endpoint

  constructor(url: string, account: Account, faults: FaultInjector, endpoint: Endpoint) {
    this.url = url
    this.region = account.region
    this.calls = endpoint.calls
    this.#account = account
    this.#faults = faults
    this.#endpoint = endpoint
  }

  get snapshots(): readonly LocalSnapshot[] {
    return [...this.#account.snapshots.values()].map((snapshot) => ({
      snapshotId: snapshot.snapshotId,
      volumeId: snapshot.volume.volumeId,
      state: this.#account.statusOf(snapshot).state,
      tags: Object.fromEntries(snapshot.tags),
    }))
  }

  env(): Record<string, string> {
    return {
      AWS_REGION: this.region,
      AWS_DEFAULT_REGION: this.region,
      AWS_ENDPOINT_URL_EC2: this.url,
      AWS_ENDPOINT_URL_EBS: this.url,
      AWS_ENDPOINT_URL_KMS: this.url,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
    }
  }

  clientConfig(): LocalClientConfig {
    return { region: this.region, endpoint: this.url, credentials: CREDENTIALS }
  }

  addFault(fault: Fault): void {
    this.#faults.add(fault)
  }

  clearFaults(): void {
    this.#faults.clear()
  }

  setInstanceState(instanceId: string, state: LocalInstanceState): void {
    this.#account.setInstanceState(instanceId, state)
  }

  removeInstance(instanceId: string): void {
    this.#account.removeInstance(instanceId)
  }

  async replaceImage(volumeId: string, image: string | BlockSource): Promise<void> {
    await this.#account.replaceImage(volumeId, image)
  }

  advance(milliseconds: number): void {
    this.#account.advance(milliseconds)
  }

  async close(): Promise<void> {
    await this.#endpoint.close()
    await this.#account.close()
  }
}
