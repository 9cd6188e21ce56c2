const MODULUS = 65_521
/** Most bytes whose sums stay below 2^53 by far, and below 2^32 as RFC 1950 has it. */
const RUN = 5_552

/** The Adler-32 checksum: https://www.rfc-editor.org/rfc/rfc1950#section-9 */
export function adler32(bytes: Uint8Array): number {
  let a = 1
  let b = 0
  for (let start = 0; start < bytes.length; start += RUN) {
    const end = Math.min(start + RUN, bytes.length)
    for (let i = start; i < end; i++) {
      a += bytes[i]!
      b += a
    }
    a %= MODULUS
    b %= MODULUS
  }
  return b * 0x1_0000 + a
}
