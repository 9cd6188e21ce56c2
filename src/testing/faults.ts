import { ConfigError } from '../errors.js'
import { seededRandom } from './random.js'
import type { Fault } from './types.js'
import { type Operation, type Service, ServiceError } from './wire.js'

const BLOCK_FAULTS: ReadonlySet<Fault['kind']> = new Set(['short-body', 'wrong-data', 'wrong-checksum', 'expired-token'])

interface ArmedFault {
  readonly fault: Fault
  calls: number
  injected: number
}

/** Chooses the fault of each call from a list, by a seeded generator. */
export class FaultInjector {
  readonly #armed: ArmedFault[] = []
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  /** @throws ConfigError for a fault that the action cannot have. */
  add(fault: Fault): void {
    if (BLOCK_FAULTS.has(fault.kind) && [fault.action].flat().some((action) => action !== 'GetSnapshotBlock')) {
      throw new ConfigError(`fault ${fault.kind} is of GetSnapshotBlock only`)
    }
    if ((fault.kind === 'code') !== (fault.code !== undefined))
      throw new ConfigError('a fault has a code if, and only if, its kind is code')
    this.#armed.push({ fault, calls: 0, injected: 0 })
  }

  clear(): void {
    this.#armed.length = 0
  }

  /** The fault of this call. `resources`: the ids it concerns. */
  choose(operation: Operation, resources: ReadonlySet<string>): Fault | undefined {
    for (const armed of this.#armed) {
      const { fault } = armed
      if (![fault.action].flat().includes(operation.action)) continue
      if (fault.resource !== undefined && !resources.has(fault.resource)) continue
      if (fault.blockIndex !== undefined && fault.blockIndex !== operation.blockIndex) continue
      if (armed.calls++ < (fault.after ?? 0)) continue
      if (armed.injected >= (fault.times ?? Number.POSITIVE_INFINITY)) continue
      if (fault.rate !== undefined && this.#random() >= fault.rate) continue
      armed.injected++
      return fault
    }
    return undefined
  }
}

/** The error answer a fault stands for, if it stands for one. */
export function refusalOf(fault: Fault | undefined, service: Service): ServiceError | undefined {
  switch (fault?.kind) {
    case 'throttle':
    case 'error':
    case 'denied':
      return service.refusals[fault.kind]
    case 'expired-token':
      return new ServiceError('ValidationException', 'The block token has expired', 400, 'INVALID_BLOCK_TOKEN')
    case 'code':
      return new ServiceError(fault.code ?? '', `${fault.code} was injected by the local endpoint`, fault.status ?? 400, fault.reason)
    default:
      return undefined
  }
}
