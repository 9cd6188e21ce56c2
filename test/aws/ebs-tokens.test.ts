import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { BlockTokens } from '../../src/aws/ebs-tokens.js'

const base64 = (blockIndex: number, bytes = 45): string =>
  createHash('sha512').update(String(blockIndex)).digest().subarray(0, bytes).toString('base64')

function tokensOf(token: (blockIndex: number) => string): void {
  const written = Array.from({ length: 500 }, (_, i) => i * 3 + (i % 2))
  const tokens = new BlockTokens(written.map((BlockIndex) => ({ BlockIndex, BlockToken: token(BlockIndex) })))
  const known = new Set(written)
  for (let blockIndex = -1; blockIndex < 1600; blockIndex++) {
    expect(tokens.has(blockIndex)).toBe(known.has(blockIndex))
    expect(tokens.get(blockIndex)).toBe(known.has(blockIndex) ? token(blockIndex) : undefined)
  }
}

describe('BlockTokens', () => {
  it('gives back tokens of base64, packed', () => tokensOf((blockIndex) => base64(blockIndex)))
  it('of another length', () => tokensOf((blockIndex) => base64(blockIndex, 16)))
  it('of several lengths', () => tokensOf((blockIndex) => base64(blockIndex, 30 + (blockIndex % 3))))
  it('that only look like base64', () => tokensOf((blockIndex) => `${base64(blockIndex).slice(0, -1)}${blockIndex % 7 === 6 ? '=' : 'A'}`))
  it('of base64url', () => tokensOf((blockIndex) => Buffer.from(base64(blockIndex), 'base64').toString('base64url')))
  it('that are any text', () => tokensOf((blockIndex) => `token of ${blockIndex}: ü`))

  it('holds none', () => {
    const tokens = new BlockTokens([])
    expect([tokens.has(0), tokens.get(0)]).toEqual([false, undefined])
  })
})
