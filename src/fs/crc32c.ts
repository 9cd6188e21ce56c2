// CRC-32C (Castagnoli), reflected polynomial 0x82F63B78, as ext4 and XFS checksum their metadata: datatracker.ietf.org/doc/html/rfc3720#appendix-B.4

const POLYNOMIAL = 0x82f63b78

/** Eight tables of 256 words: table k advances a byte over k further bytes of zeros, so that eight bytes cost eight look-ups and no chain. */
const TABLES = makeTables()

function makeTables(): Int32Array {
  const tables = new Int32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    tables[byte] = crc
  }
  for (let i = 256; i < tables.length; i++) {
    const crc = tables[i - 256]!
    tables[i] = (crc >>> 8) ^ tables[crc & 0xff]!
  }
  return tables
}

/**
 * The running CRC-32C after `bytes[start, end)`, unsigned, neither inverted before nor after: ext4 stores it so. The checksum of
 * RFC 3720, and XFS's, is `~crc32c(0xffffffff, bytes)`.
 */
export function crc32c(crc: number, bytes: Uint8Array, start: number = 0, end: number = bytes.length): number {
  const t = TABLES
  let c = crc | 0
  let i = start
  for (const last = end - 8; i <= last; i += 8) {
    c ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    c =
      t[1792 + (c & 0xff)]! ^
      t[1536 + ((c >>> 8) & 0xff)]! ^
      t[1280 + ((c >>> 16) & 0xff)]! ^
      t[1024 + (c >>> 24)]! ^
      t[768 + bytes[i + 4]!]! ^
      t[512 + bytes[i + 5]!]! ^
      t[256 + bytes[i + 6]!]! ^
      t[bytes[i + 7]!]!
  }
  for (; i < end; i++) c = (c >>> 8) ^ t[(c ^ bytes[i]!) & 0xff]!
  return c >>> 0
}

/** The running CRC-32C after a little-endian 32-bit word. */
export function crc32cWord(crc: number, word: number): number {
  let c = crc ^ word
  for (let i = 0; i < 4; i++) c = (c >>> 8) ^ TABLES[c & 0xff]!
  return c >>> 0
}
