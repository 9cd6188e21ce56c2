/** Names as `version=ci` compares them: letters of Latin-1 in lower case, byte by byte. xfs_ascii_ci_xfrm in libxfs/xfs_dir2.h. */
export function foldCase(name: Uint8Array): Buffer {
  return Buffer.from(Uint8Array.from(name, (byte) => (isUpperCase(byte) ? byte + 0x20 : byte)))
}

function isUpperCase(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0xc0 && byte <= 0xd6) || (byte >= 0xd8 && byte <= 0xde)
}
