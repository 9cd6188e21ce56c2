// CRC-16 (reflected polynomial 0xA001), by which gdt_csum guards group descriptors: docs.kernel.org/filesystems/ext4/group_descr.html

const TABLE = new Uint16Array(256)
for (let byte = 0; byte < 256; byte++) {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1
  TABLE[byte] = crc
}

/** The running CRC-16 after `bytes[start, end)`. */
export function crc16(crc: number, bytes: Uint8Array, start: number = 0, end: number = bytes.length): number {
  let c = crc
  for (let i = start; i < end; i++) c = (c >>> 8) ^ TABLE[(c ^ bytes[i]!) & 0xff]!
  return c
}

/** The running CRC-16 after a little-endian 32-bit word. */
export function crc16Word(crc: number, word: number): number {
  return crc16(crc, Uint8Array.of(word, word >>> 8, word >>> 16, word >>> 24))
}
