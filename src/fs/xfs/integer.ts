/** The 64-bit number at `at`, or undefined above 2^53: also what XFS writes for none, all ones. */
export function u64(view: DataView, at: number): number | undefined {
  const high = view.getUint32(at)
  return high < 0x200000 ? high * 2 ** 32 + view.getUint32(at + 4) : undefined
}
