type Numbers = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>

/** `to` with what `from` holds at its start: how an array of numbers grows. */
export function copied<T extends Numbers>(from: T, to: T): T {
  to.set(from)
  return to
}
