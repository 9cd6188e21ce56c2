import { ConfigError } from '../errors.js'
import { SCAN_TAG } from './scan-id.js'

// docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
const MAX_TAGS = 50
const MAX_KEY = 128
const MAX_VALUE = 256

/** The tags of a scan's snapshots. @throws ConfigError where EC2 would refuse them, or where they would hide whose they are. */
export function snapshotTags(scanId: string, extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  for (const [key, value] of Object.entries(extra)) {
    if (key === SCAN_TAG) throw new ConfigError(`the tag ${SCAN_TAG} is the scan's own`)
    if (key === '' || key.length > MAX_KEY || value.length > MAX_VALUE || /^aws:/i.test(key)) {
      throw new ConfigError(
        `${JSON.stringify(key)} cannot be a tag: keys have 1 to ${MAX_KEY} characters and no aws: in front, values at most ${MAX_VALUE}`,
      )
    }
  }
  const tags = { [SCAN_TAG]: scanId, ...extra }
  if (Object.keys(tags).length > MAX_TAGS) throw new ConfigError(`a snapshot takes at most ${MAX_TAGS} tags`)
  return tags
}
