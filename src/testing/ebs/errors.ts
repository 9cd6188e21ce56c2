import { ServiceError } from '../wire.js'

/** A ValidationException of the EBS direct APIs; `reason` as in their model. */
export function invalid(reason: string, message: string): ServiceError {
  return new ServiceError('ValidationException', message, 400, reason)
}
