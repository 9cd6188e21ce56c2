// Names on disk are bytes. In memory each byte that is not part of valid UTF-8 becomes the lone surrogate U+DC00 + byte, which valid
// UTF-8 never decodes to, so the string converts back to the exact bytes (the scheme of Python's PEP 383).

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const ESCAPED = /[\udc80-\udcff]/

/** The string for a name's bytes; `encodeName` is its inverse. */
export function decodeName(bytes: Uint8Array): string {
  let ascii = true
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! > 0x7f) ascii = false
  if (ascii) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  try {
    return utf8.decode(bytes)
  } catch {
    return escapeInvalid(bytes)
  }
}

function escapeInvalid(bytes: Uint8Array): string {
  let out = ''
  for (let i = 0; i < bytes.length; ) {
    const length = sequenceLength(bytes, i)
    out += length === 0 ? String.fromCharCode(0xdc00 + bytes[i]!) : utf8.decode(bytes.subarray(i, i + length))
    i += length || 1
  }
  return out
}

/** Length of the valid UTF-8 sequence at `i`, or 0. */
function sequenceLength(bytes: Uint8Array, i: number): number {
  const first = bytes[i]!
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
  if (length === 0 || i + length > bytes.length) return 0
  try {
    utf8.decode(bytes.subarray(i, i + length))
    return length
  } catch {
    return 0
  }
}

/** The exact bytes of a name or path made by `decodeName`. */
export function encodeName(name: string): Buffer {
  if (!ESCAPED.test(name)) return Buffer.from(name, 'utf8')
  const parts: Buffer[] = []
  for (const char of name) {
    const code = char.charCodeAt(0)
    parts.push(char.length === 1 && code >= 0xdc80 && code <= 0xdcff ? Buffer.of(code - 0xdc00) : Buffer.from(char, 'utf8'))
  }
  return Buffer.concat(parts)
}

/** Whether the name is valid UTF-8, so that it can be shown as it is. */
export function isUtf8Name(name: string): boolean {
  return !ESCAPED.test(name)
}

/** For people and JSON: bytes that are not UTF-8 become U+FFFD. */
export function displayName(name: string): string {
  return isUtf8Name(name) ? name : encodeName(name).toString('utf8')
}
