import { expect, test } from 'vitest'
import { crc32c, crc32cWord } from '../../src/fs/crc32c.js'

const inverted = (bytes: Uint8Array): number => ~crc32c(0xffffffff, bytes) >>> 0

test.each([
  ['32 bytes of zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['32 bytes counting up', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ['32 bytes counting down', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
  ['the digits', Buffer.from('123456789'), 0xe3069283],
])('RFC 3720: %s', (_, bytes, expected) => {
  expect(inverted(bytes)).toBe(expected)
})

test('any cut and any alignment give the same', () => {
  const bytes = Uint8Array.from({ length: 67 }, (_, i) => (i * 37) ^ 0xa5)
  const whole = crc32c(0x12345678, bytes)
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(crc32c(crc32c(0x12345678, bytes, 0, cut), bytes, cut)).toBe(whole)
  }
})

test('a word counts as its four bytes, the lowest first', () => {
  expect(crc32cWord(7, 0x84030201)).toBe(crc32c(7, Uint8Array.of(1, 2, 3, 0x84)))
})
