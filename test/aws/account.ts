import { EBSClient } from '@aws-sdk/client-ebs'
import { EC2Client } from '@aws-sdk/client-ec2'
import { KMSClient } from '@aws-sdk/client-kms'
import { onTestFinished } from 'vitest'
import type { AwsClients } from '../../src/aws/clients.js'
import type { Clock } from '../../src/aws/clock.js'
import type { InstanceScanOptions, ScanVolumes } from '../../src/aws/instance-scan.js'
import { MemorySource } from '../../src/io/memory-source.js'
import type { ProgressEvent, ScanResult } from '../../src/model.js'
import { type LocalAws, type LocalAwsOptions, type LocalInstance, startLocalAws } from '../../src/testing/index.js'

export const INSTANCE = 'i-0123456789abcdef0'
export const ROOT = 'vol-0000000000000000a'
export const DATA = 'vol-0000000000000000b'
export const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555'

/** A mebibyte whose first block begins with `first`. */
export function image(first: number): MemorySource {
  const bytes = new Uint8Array(1024 * 1024)
  bytes[0] = first
  return new MemorySource(bytes)
}

/** A running instance with a root volume (first byte 1) and a data volume (first byte 2). */
export function instance(overrides: Partial<LocalInstance> = {}): LocalInstance {
  return {
    instanceId: INSTANCE,
    volumes: [
      { volumeId: ROOT, deviceName: '/dev/xvda', image: image(1) },
      { volumeId: DATA, deviceName: '/dev/sdf', image: image(2) },
    ],
    ...overrides,
  }
}

export interface TestAccount {
  readonly aws: LocalAws
  readonly clients: AwsClients
  readonly events: ProgressEvent[]
  /** Milliseconds of every wait that was asked of the clock; the endpoint's clock goes along. */
  readonly waits: number[]
  /** What every scan of it needs. */
  readonly options: InstanceScanOptions
  /** Names of the calls so far. */
  actions(): string[]
}

/** A local account, closed when the test ends. */
export async function startAccount(options: Partial<LocalAwsOptions> = {}): Promise<TestAccount> {
  const aws = await startLocalAws({ instances: [instance()], ...options })
  const clients = clientsOf(aws)
  onTestFinished(async () => {
    for (const client of Object.values(clients)) client.destroy()
    await aws.close()
  })
  const waits: number[] = []
  let now = Date.now()
  const clock: Clock = {
    now: () => now,
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted()
      waits.push(milliseconds)
      now += milliseconds
      aws.advance(milliseconds)
    },
  }
  const events: ProgressEvent[] = []
  return {
    aws,
    clients,
    events,
    waits,
    options: { instanceId: INSTANCE, clients, clock, requestTimeoutMs: 500, onProgress: (event) => events.push(event) },
    actions: () => aws.calls.map(({ action }) => action),
  }
}

/** Clients with the SDK's own retries left on, as a user would make them. */
export function clientsOf(aws: LocalAws): AwsClients {
  const config = aws.clientConfig()
  return { ec2: new EC2Client(config), ebs: new EBSClient({ ...config, maxAttempts: 1 }), kms: new KMSClient(config) }
}

/** A scan that reads the first block of every volume, and finds one system on that whose first byte is 1. */
export const stubScan: ScanVolumes = async (volumes, { signal, onProgress }): Promise<ScanResult> => {
  let bytes = 0
  const systems: ScanResult['systems'][number][] = []
  for (const { id, source } of volumes) {
    const block = await source.readBlock(0, signal)
    bytes += block.length
    onProgress?.({ phase: 'scan', step: 'read', blocks: bytes / source.blockSize, bytes })
    const os = { id: 'debian', idLike: [], name: 'Debian GNU/Linux' }
    if (block[0] === 1) systems.push({ id: '/', os, root: { volume: id }, mounts: [] })
  }
  return {
    schemaVersion: 1,
    scanner: { name: 'snapsight', version: '0.0.0' },
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: '2026-01-01T00:00:01.000Z',
    status: 'complete',
    systems,
    volumes: volumes.map(({ id, device, snapshotId, source }) => ({
      volume: id,
      ...(device && { device }),
      snapshot: snapshotId,
      sizeBytes: source.size,
      outcome: 'read',
      partitions: [],
    })),
    catalogers: [],
    packages: [],
    findings: [],
    issues: [],
    stats: {
      requests: 0,
      listRequests: 0,
      blocks: volumes.length,
      bytes,
      retries: 0,
      cacheHits: 0,
      usd: 0,
      milliseconds: 0,
    },
  }
}
