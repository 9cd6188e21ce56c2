import { ConfigError } from './errors.js'
import { type AdvisoryStore, openStore, type ScanInstanceOptions, scanIdFor, scanInstance } from './index.js'
import type { InstanceScanResult, Severity, StatusCode, StatusReason } from './model.js'

/** `{ instanceId, region? }`, or an event of EventBridge about an instance (its state changed, say). */
export interface ScanEvent {
  readonly instanceId?: string
  /** The function's own by default. */
  readonly region?: string
  readonly detail?: { readonly 'instance-id'?: string }
}

/** What of Lambda's context is used. */
export interface ScanContext {
  readonly awsRequestId: string
  getRemainingTimeInMillis(): number
}

export interface HandlerOptions
  extends Omit<ScanInstanceOptions, 'instanceId' | 'scanId' | 'timeoutMs' | 'cleanupTimeoutMs' | 'signal' | 'advisories'> {
  /** A store, or how to open it: that is done once for all invocations of an execution environment. */
  readonly advisories?: AdvisoryStore | (() => AdvisoryStore | Promise<AdvisoryStore>)
  /** Milliseconds before Lambda's own timeout at which the scan is given up so that its snapshots can be deleted; 45,000 by default. */
  readonly marginMs?: number
  /** Gets the whole result, which is more than Lambda takes for an answer. */
  readonly onResult?: (result: InstanceScanResult) => void | Promise<void>
}

/** The answer of the function. */
export interface ScanSummary {
  readonly instanceId: string
  readonly region: string
  readonly scanId: string
  readonly status: 'complete' | 'incomplete'
  readonly statusCode: StatusCode
  readonly reason: StatusReason
  readonly detail?: string
  readonly packages: number
  readonly findings: number
  readonly findingsBySeverity: Readonly<Partial<Record<Severity, number>>>
  /** Operating systems that get no more fixes: by name. */
  readonly discontinued: readonly string[]
  /** When the advisory database was built (ISO 8601); absent where there was none, and so no findings. */
  readonly databaseBuilt?: string
  readonly issues: number
  /** Ids of snapshots that could not be deleted. */
  readonly leftover: readonly string[]
}

export type ScanHandler = (event: ScanEvent, context: ScanContext) => Promise<ScanSummary>

const MIN_MARGIN_MS = 30_000

/**
 * A Lambda handler that scans the instance of its event. Lambda kills a function that runs out of time without running `finally`, so the scan ends
 * a margin earlier; and it repeats failed asynchronous invocations, so the scan id comes from the request: a repetition takes up the snapshots
 * that are there and deletes them, it never makes a second set.
 */
export function createHandler(options: HandlerOptions = {}): ScanHandler {
  const { advisories, marginMs = 45_000, onResult, ...rest } = options
  if (!(marginMs >= MIN_MARGIN_MS)) throw new ConfigError(`marginMs must be at least ${MIN_MARGIN_MS}, not ${marginMs}`)
  let opened: Promise<AdvisoryStore> | undefined
  const openAdvisories = async (): Promise<AdvisoryStore | undefined> => {
    if (typeof advisories !== 'function') return advisories
    opened ??= Promise.resolve(advisories())
    try {
      return await opened
    } catch (error) {
      // A failure is this invocation's alone.
      opened = undefined
      throw error
    }
  }
  return async (event, context) => {
    const instanceId = event.instanceId ?? event.detail?.['instance-id']
    if (!instanceId)
      throw new ConfigError('the event names no instance: it needs instanceId, or detail.instance-id as EventBridge gives it')
    const advisoryStore = await openAdvisories()
    const timeoutMs = context.getRemainingTimeInMillis() - marginMs
    if (!(timeoutMs > 0)) throw new ConfigError(`the function's timeout leaves no time to scan: it must be well above ${marginMs / 1000} s`)
    const requestTimeoutMs = marginMs / 5
    const result = await scanInstance({
      requestTimeoutMs,
      ...rest,
      ...(event.region !== undefined && { region: event.region }),
      ...(advisoryStore && { advisories: advisoryStore }),
      instanceId,
      scanId: scanIdFor(`${context.awsRequestId} ${instanceId}`),
      timeoutMs,
      // What the margin holds besides: a request that is still under way when time is up, and the answer.
      cleanupTimeoutMs: marginMs - 1.5 * requestTimeoutMs,
    })
    await onResult?.(result)
    return summaryOf(result)
  }
}

const databasePath = process.env.SNAPSIGHT_DB

/** Takes its advisories from the database that `SNAPSIGHT_DB` names; without it there are packages and no findings. */
export const handler: ScanHandler = createHandler(databasePath ? { advisories: () => openStore(databasePath) } : {})

function summaryOf({ instance, snapshots, status, systems, packages, findings, issues, database }: InstanceScanResult): ScanSummary {
  const findingsBySeverity: Partial<Record<Severity, number>> = {}
  for (const { severity } of findings) findingsBySeverity[severity] = (findingsBySeverity[severity] ?? 0) + 1
  return {
    instanceId: instance.instanceId,
    region: instance.region,
    scanId: snapshots.scanId,
    status,
    statusCode: instance.statusCode,
    reason: instance.reason,
    ...(instance.detail !== undefined && { detail: instance.detail }),
    packages: packages.length,
    findings: findings.length,
    findingsBySeverity,
    discontinued: systems.flatMap(({ os, lifecycle }) => (lifecycle?.state === 'discontinued' ? (os.prettyName ?? os.name) : [])),
    ...(database && { databaseBuilt: database.built }),
    issues: issues.length,
    leftover: snapshots.leftover.map(({ snapshotId }) => snapshotId),
  }
}
