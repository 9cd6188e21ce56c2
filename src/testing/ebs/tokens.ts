import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

// A block token is 45 bytes, 60 characters of base64: a version, the time of issue and a nonce, then an HMAC over those and what it is for.
const VERSION = Buffer.from([0x00, 0x00, 0x01, 0x01])
const ISSUED_AT = 4
const NONCE_AT = 10
const MAC_AT = 13
const TOKEN_BYTES = 45
const PAGE_MAC_BYTES = 16

/** Where a listing goes on. */
export interface PageCursor {
  /** What is listed: one snapshot id, or two of a comparison. */
  readonly of: string
  readonly blockIndex: number
  /** The page to come holds nothing but the token of the next one. */
  readonly empty: boolean
  /** Milliseconds since 1970. */
  readonly issuedAt: number
}

/** Issues and verifies the opaque tokens of the EBS direct APIs. */
export class Tokens {
  readonly #secret = randomBytes(32)

  blockToken(snapshotId: string, blockIndex: number, issuedAt: number): string {
    const token = Buffer.alloc(TOKEN_BYTES)
    VERSION.copy(token)
    token.writeUIntBE(issuedAt, ISSUED_AT, 6)
    randomBytes(MAC_AT - NONCE_AT).copy(token, NONCE_AT)
    this.#mac(snapshotId, blockIndex, token.subarray(0, MAC_AT)).copy(token, MAC_AT)
    return token.toString('base64')
  }

  /** When the token was issued; undefined if it was not issued for this block of this snapshot. */
  blockTokenIssuedAt(token: string, snapshotId: string, blockIndex: number): number | undefined {
    const bytes = Buffer.from(token, 'base64')
    if (bytes.length !== TOKEN_BYTES || bytes.toString('base64') !== token) return undefined
    const expected = this.#mac(snapshotId, blockIndex, bytes.subarray(0, MAC_AT))
    return timingSafeEqual(expected, bytes.subarray(MAC_AT)) ? bytes.readUIntBE(ISSUED_AT, 6) : undefined
  }

  pageToken({ of, blockIndex, empty, issuedAt }: PageCursor): string {
    const text = Buffer.from(`${of} ${blockIndex} ${empty ? 1 : 0} ${issuedAt}`)
    return Buffer.concat([this.#pageMac(text), text]).toString('base64')
  }

  /** Undefined for a token that was not issued here. */
  pageCursor(token: string): PageCursor | undefined {
    const bytes = Buffer.from(token, 'base64')
    const text = bytes.subarray(PAGE_MAC_BYTES)
    if (text.length === 0 || !timingSafeEqual(this.#pageMac(text), bytes.subarray(0, PAGE_MAC_BYTES))) return undefined
    const [of = '', blockIndex, empty, issuedAt] = text.toString().split(' ')
    return { of, blockIndex: Number(blockIndex), empty: empty === '1', issuedAt: Number(issuedAt) }
  }

  #mac(snapshotId: string, blockIndex: number, head: Uint8Array): Buffer {
    return createHmac('sha256', this.#secret).update(`${snapshotId} ${blockIndex} `).update(head).digest()
  }

  #pageMac(text: Uint8Array): Buffer {
    return createHmac('sha256', this.#secret).update('page ').update(text).digest().subarray(0, PAGE_MAC_BYTES)
  }
}
