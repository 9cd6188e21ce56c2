import type { Block } from '@aws-sdk/client-ebs'

/** The written blocks of one stretch of a snapshot and their tokens, packed: a volume may have millions, of about 60 characters each. */
export class BlockTokens {
  /** Ascending. */
  readonly #indexes: Uint32Array
  /** The tokens' decoded bytes, one after the other, all of `#width`; or their text where they are not base64 of one length. */
  readonly #tokens: Uint8Array | readonly string[]
  readonly #width: number

  /** @param blocks ascending, without duplicates, every field present */
  constructor(blocks: readonly Required<Block>[]) {
    this.#indexes = Uint32Array.from(blocks, (block) => block.BlockIndex!)
    this.#width = Buffer.byteLength(blocks[0]?.BlockToken ?? '', 'base64')
    this.#tokens = packTokens(blocks, this.#width) ?? blocks.map((block) => block.BlockToken!)
  }

  has(blockIndex: number): boolean {
    return this.#find(blockIndex) >= 0
  }

  /** Undefined for a block that was never written. */
  get(blockIndex: number): string | undefined {
    const at = this.#find(blockIndex)
    if (at < 0) return undefined
    const tokens = this.#tokens
    if (!(tokens instanceof Uint8Array)) return tokens[at]
    return Buffer.from(tokens.buffer, tokens.byteOffset + at * this.#width, this.#width).toString('base64')
  }

  #find(blockIndex: number): number {
    let low = 0
    let high = this.#indexes.length - 1
    while (low <= high) {
      const middle = (low + high) >>> 1
      const found = this.#indexes[middle]!
      if (found === blockIndex) return middle
      if (found < blockIndex) low = middle + 1
      else high = middle - 1
    }
    return -1
  }
}

/** Undefined where a token would not come back as it was. */
function packTokens(blocks: readonly Required<Block>[], width: number): Uint8Array | undefined {
  const packed = Buffer.allocUnsafeSlow(blocks.length * width)
  for (let i = 0; i < blocks.length; i++) {
    const token = blocks[i]!.BlockToken!
    const decoded = Buffer.from(token, 'base64')
    if (decoded.length !== width || decoded.toString('base64') !== token) return undefined
    packed.set(decoded, i * width)
  }
  return packed
}
