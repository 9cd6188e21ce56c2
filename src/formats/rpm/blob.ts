/** One header as a database stores it. */
export interface HeaderBlob {
  /** The header's number in its database (`hnum`, `pkgidx`), counted from 1. */
  readonly number: number
  readonly bytes: Uint8Array
}

/** Largest header that is read; rpm itself allows 256 MiB, the largest in use (TeX, firmware, kernel sources) have some 10 MiB. */
export const MAX_HEADER_BYTES: number = 64 * 1024 * 1024
