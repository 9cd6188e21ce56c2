// Signature packets: https://www.rfc-editor.org/rfc/rfc4880#section-5.2

const TAG_SIGNATURE = 2
const ISSUER = 16 // subpacket: 8 bytes of key id
const ISSUER_FINGERPRINT = 33 // subpacket: version, then the fingerprint

/** Key id of the signer as 16 hexadecimal digits; undefined where the bytes are no signature that names one. */
export function signingKeyOf(packet: Uint8Array): string | undefined {
  const body = signatureBody(Buffer.from(packet.buffer, packet.byteOffset, packet.length))
  if (body === undefined) return undefined
  if (body[0] === 3) return body.length < 15 ? undefined : body.toString('hex', 7, 15)
  if (body[0] !== 4 && body[0] !== 6) return undefined
  // Version, type, two algorithms; then the hashed and the unhashed subpackets, each led by their length.
  const lengthBytes = body[0] === 4 ? 2 : 4
  let at = 4
  for (let set = 0; set < 2; set++) {
    if (at + lengthBytes > body.length) return undefined
    const end = at + lengthBytes + body.readUIntBE(at, lengthBytes)
    if (end > body.length) return undefined
    const issuer = issuerOf(body.subarray(at + lengthBytes, end))
    if (issuer !== undefined) return issuer
    at = end
  }
  return undefined
}

/** What is behind the header of the first packet, in the old or the new form. */
function signatureBody(bytes: Buffer): Buffer | undefined {
  const first = bytes[0] ?? 0
  if (first >= 0xc0) {
    const length = decodeLength(bytes, 1)
    return (first & 0x3f) === TAG_SIGNATURE && length ? bytes.subarray(length.end, length.end + length.value) : undefined
  }
  if (first < 0x80 || ((first >> 2) & 0x0f) !== TAG_SIGNATURE) return undefined
  const lengthBytes = [1, 2, 4, 0][first & 3]!
  if (lengthBytes === 0) return bytes.subarray(1)
  if (bytes.length < 1 + lengthBytes) return undefined
  const start = 1 + lengthBytes
  return bytes.subarray(start, start + bytes.readUIntBE(1, lengthBytes))
}

function issuerOf(subpackets: Buffer): string | undefined {
  let fromFingerprint: string | undefined
  for (let at = 0; at < subpackets.length; ) {
    const length = decodeLength(subpackets, at)
    if (length === undefined || length.value === 0 || length.end + length.value > subpackets.length) break
    const type = subpackets[length.end]! & 0x7f // the high bit marks it as critical
    const content = subpackets.subarray(length.end + 1, length.end + length.value)
    if (type === ISSUER && content.length === 8) return content.toString('hex')
    // The key id is the end of a version 4 fingerprint, and the beginning of a later one.
    if (type === ISSUER_FINGERPRINT && content.length >= 21) {
      fromFingerprint = content[0] === 4 ? content.toString('hex', 13, 21) : content.toString('hex', 1, 9)
    }
    at = length.end + length.value
  }
  return fromFingerprint
}

/** The length of a packet in the new form or of a subpacket, in 1, 2 or 5 bytes. */
function decodeLength(bytes: Buffer, at: number): { value: number; end: number } | undefined {
  const first = bytes[at]
  if (first === undefined) return undefined
  if (first < 192) return { value: first, end: at + 1 }
  if (first < 255) return at + 2 > bytes.length ? undefined : { value: (first - 192) * 256 + bytes[at + 1]! + 192, end: at + 2 }
  return at + 5 > bytes.length ? undefined : { value: bytes.readUInt32BE(at + 1), end: at + 5 }
}
