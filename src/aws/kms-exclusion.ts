import { AwsError, messageOf } from '../errors.js'
import type { StatusReason } from '../model.js'
import { isDenied } from './failure.js'
import type { Kms } from './kms.js'
import { EXCLUSION_TAG } from './scan-id.js'

/** Why volumes under a KMS key are left out. */
export interface KeyExclusion {
  readonly reason: StatusReason
  readonly detail: string
}

/**
 * The keys under which no volume may be read, by key id: those that carry the exclusion tag, and those of which that cannot be known.
 *
 * A volume under a tagged key must never be decrypted, so a key whose tags cannot be read counts as excluded: a volume left out is reported and
 * can be scanned once the permission is there, one that was read cannot be unread. Keys that AWS manages are the exception, for nobody can tag them.
 */
export async function excludedKeys(
  keyIds: Iterable<string>,
  kms: () => Promise<Kms>,
  signal?: AbortSignal,
): Promise<Map<string, KeyExclusion>> {
  const excluded = new Map<string, KeyExclusion>()
  for (const keyId of new Set(keyIds)) {
    const exclusion = await exclusionOf(keyId, await kms(), signal)
    if (exclusion) excluded.set(keyId, exclusion)
  }
  return excluded
}

async function exclusionOf(keyId: string, kms: Kms, signal?: AbortSignal): Promise<KeyExclusion | undefined> {
  try {
    const tagged = (await kms.tagKeys(keyId, signal)).includes(EXCLUSION_TAG)
    return tagged ? { reason: 'EXCLUDED_BY_TAG', detail: `its KMS key ${keyId} carries the tag ${EXCLUSION_TAG}` } : undefined
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    if (await isKnownAwsManaged(keyId, kms, signal)) return undefined
    return {
      reason: isDenied(error) || error.awsCode === 'NotFoundException' ? 'ACCESS_DENIED_TO_ENCRYPTION_KEY' : 'INTERNAL_ERROR',
      detail: `whether its KMS key ${keyId} carries the tag ${EXCLUSION_TAG} cannot be known, so it is left out: ${messageOf(error)}`,
    }
  }
}

async function isKnownAwsManaged(keyId: string, kms: Kms, signal?: AbortSignal): Promise<boolean> {
  try {
    return await kms.isAwsManaged(keyId, signal)
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    return false
  }
}
