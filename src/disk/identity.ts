// UUIDs, serial numbers and labels as blkid(8) spells them.

/** A decoder of one field, relative to where a structure's magic was found. */
export type DecodeField = (bytes: Uint8Array, at: number) => string | undefined

/** A UUID in the order of its bytes, lower case; undefined where it is all zeros or cut off. */
export function uuid(offset: number): DecodeField {
  return (bytes, at) => {
    const raw = slice(bytes, at + offset, 16)
    return raw.length < 16 || raw.every((byte) => byte === 0) ? undefined : hyphenate(raw.toString('hex'), [8, 4, 4, 4, 12])
  }
}

/** A GUID, whose first three fields are little-endian (UEFI specification, appendix A), in lower case. */
export function decodeGuid(view: DataView, at: number): string {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')
  const first = `${hex(view.getUint32(at, true), 8)}${hex(view.getUint16(at + 4, true), 4)}${hex(view.getUint16(at + 6, true), 4)}`
  return hyphenate(first + hex(view.getUint32(at + 8), 8) + hex(view.getUint32(at + 12), 8), [8, 4, 4, 4, 12])
}

/** Text of at most `length` bytes, ended by NUL or trailing blanks. */
export function text(offset: number, length: number): DecodeField {
  return (bytes, at) => untilNul(slice(bytes, at + offset, length).toString('utf8')).trimEnd()
}

/** UTF-16LE text of at most `length` bytes, ended by NUL. */
export function utf16(offset: number, length: number): DecodeField {
  return (bytes, at) => untilNul(slice(bytes, at + offset, length & ~1).toString('utf16le'))
}

/** A 32-bit serial number as FAT shows it: `1A2B-3C4D`. */
export function serial32(offset: number): DecodeField {
  return (bytes, at) =>
    hyphenate(
      Buffer.from(slice(bytes, at + offset, 4))
        .reverse()
        .toString('hex')
        .toUpperCase(),
      [4, 4],
    )
}

/** A 64-bit serial number as NTFS shows it: 16 digits. */
export function serial64(offset: number): DecodeField {
  return (bytes, at) =>
    Buffer.from(slice(bytes, at + offset, 8))
      .reverse()
      .toString('hex')
      .toUpperCase()
}

/** The UUID of an LVM physical volume, behind the label header whose `offset_xl` is at byte 20. */
export function pvUuid(bytes: Uint8Array, at: number): string | undefined {
  const header = slice(bytes, at, 32)
  const id = slice(bytes, at + header.readUInt32LE(20), 32).toString('latin1')
  return /^[0-9A-Za-z!#]{32}$/.test(id) ? hyphenate(id, [6, 4, 4, 4, 4, 4, 6]) : undefined
}

function slice(bytes: Uint8Array, at: number, length: number): Buffer {
  const end = Math.min(at + length, bytes.length)
  return Buffer.from(bytes.buffer, bytes.byteOffset + Math.min(at, end), Math.max(0, end - at))
}

function untilNul(value: string): string {
  const end = value.indexOf('\0')
  return end < 0 ? value : value.slice(0, end)
}

function hyphenate(digits: string, groups: readonly number[]): string {
  const parts: string[] = []
  let at = 0
  for (const length of groups) {
    parts.push(digits.slice(at, at + length))
    at += length
  }
  return parts.join('-')
}
