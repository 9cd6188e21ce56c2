import { ServiceError } from '../wire.js'

// Codes: docs.aws.amazon.com/ec2/latest/devguide/ec2-api-error-codes.html

export function invalidValue(message: string): ServiceError {
  return new ServiceError('InvalidParameterValue', message)
}

export function missing(parameter: string): ServiceError {
  return new ServiceError('MissingParameter', `The request must contain the parameter ${parameter}`)
}

interface ResourceKind {
  readonly pattern: RegExp
  readonly malformed: string
  readonly notFound: string
  readonly noun: string
}

const KINDS: Readonly<Record<'instance' | 'volume' | 'snapshot', ResourceKind>> = {
  instance: {
    pattern: /^i-[0-9a-f]{1,17}$/,
    malformed: 'InvalidInstanceID.Malformed',
    notFound: 'InvalidInstanceID.NotFound',
    noun: 'instance ID',
  },
  volume: { pattern: /^vol-[0-9a-f]{1,17}$/, malformed: 'InvalidParameterValue', notFound: 'InvalidVolume.NotFound', noun: 'volume' },
  snapshot: {
    pattern: /^snap-[0-9a-f]{1,17}$/,
    malformed: 'InvalidParameterValue',
    notFound: 'InvalidSnapshot.NotFound',
    noun: 'snapshot',
  },
}

/**
 * The resources of these ids, in the same order.
 * @throws ServiceError where one is malformed or unknown.
 */
export function lookUp<Resource>(
  kind: 'instance' | 'volume' | 'snapshot',
  ids: readonly string[],
  resources: ReadonlyMap<string, Resource>,
): Resource[] {
  const { pattern, malformed, notFound, noun } = KINDS[kind]
  const bad = ids.find((id) => !pattern.test(id))
  if (bad !== undefined) throw new ServiceError(malformed, `Invalid id: "${bad}"`)
  const unknown = ids.filter((id) => !resources.has(id))
  if (unknown.length === 1) throw new ServiceError(notFound, `The ${noun} '${unknown[0]}' does not exist`)
  if (unknown.length > 1) throw new ServiceError(notFound, `The ${noun}s '${unknown.join(', ')}' do not exist`)
  return ids.map((id) => resources.get(id) as Resource)
}
