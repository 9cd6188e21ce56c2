// Timestamps of inodes: XFS Algorithms & Data Structures, "Timestamps"; xfs_timestamp_t, xfs_legacy_timestamp in libxfs/xfs_format.h

const NANOSECONDS = 1e9
/** XFS_BIGTIME_EPOCH_OFFSET: seconds from the first time that can be told to 1970. */
const BIGTIME_EPOCH_OFFSET = 2 ** 31

/** Seconds since 1970 and nanoseconds; `bigtime`: kept as one count of nanoseconds instead of two words. */
export function decodeTime(view: DataView, at: number, bigtime: boolean): [seconds: number, nanoseconds: number] {
  if (!bigtime) {
    const nanoseconds = view.getUint32(at + 4)
    return [view.getInt32(at) + Math.floor(nanoseconds / NANOSECONDS), nanoseconds % NANOSECONDS]
  }
  // Long division by parts of 16 bits: the whole count exceeds 2^53, a remainder with 16 bits more does not.
  const high = view.getUint32(at)
  let quotient = Math.floor(high / NANOSECONDS)
  let remainder = high % NANOSECONDS
  for (let part = 4; part < 8; part += 2) {
    const value = remainder * 2 ** 16 + view.getUint16(at + part)
    quotient = quotient * 2 ** 16 + Math.floor(value / NANOSECONDS)
    remainder = value % NANOSECONDS
  }
  return [quotient - BIGTIME_EPOCH_OFFSET, remainder]
}
