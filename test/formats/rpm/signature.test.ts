import { describe, expect, it } from 'vitest'
import { signingKeyOf } from '../../../src/formats/rpm/signature.js'

const KEY = '199e2f91fd431d51'
const key = Buffer.from(KEY, 'hex')

/** Length, type, contents. */
function subpacket(type: number, contents: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(contents.length + 1, type), contents])
}

function version4(hashed: Buffer, unhashed: Buffer): Buffer {
  const length = (part: Buffer): Buffer => Buffer.of(part.length >> 8, part.length & 0xff)
  return Buffer.concat([Buffer.of(4, 0, 1, 8), length(hashed), hashed, length(unhashed), unhashed, Buffer.alloc(40)])
}

const created = subpacket(2, Buffer.alloc(4))
const issuer = subpacket(16, key)
const fingerprint = subpacket(33, Buffer.concat([Buffer.of(4), Buffer.alloc(12), key]))
const version3 = Buffer.concat([Buffer.of(3, 5, 0, 1, 2, 3, 4), key, Buffer.alloc(20)])

/** The header of the packet in each of its forms. */
const old1 = (body: Buffer): Buffer => Buffer.concat([Buffer.of(0x88, body.length), body])
const old2 = (body: Buffer): Buffer => Buffer.concat([Buffer.of(0x89, body.length >> 8, body.length & 0xff), body])
const old4 = (body: Buffer): Buffer => Buffer.concat([Buffer.of(0x8a, 0, 0, body.length >> 8, body.length & 0xff), body])
const open = (body: Buffer): Buffer => Buffer.concat([Buffer.of(0x8b), body])
const new1 = (body: Buffer): Buffer => Buffer.concat([Buffer.of(0xc2, body.length), body])
const new5 = (body: Buffer): Buffer => Buffer.concat([Buffer.of(0xc2, 0xff, 0, 0, body.length >> 8, body.length & 0xff), body])

describe('signingKeyOf', () => {
  it.each<[string, Buffer]>([
    ['version 3', old1(version3)],
    ['version 4, issuer not hashed', old2(version4(created, issuer))],
    ['version 4, issuer hashed', old4(version4(Buffer.concat([created, issuer]), Buffer.alloc(0)))],
    ['version 4, fingerprint alone', new1(version4(Buffer.concat([created, fingerprint]), Buffer.alloc(0)))],
    ['version 4, of no stated length', open(version4(created, issuer))],
    ['version 4, new form with five bytes', new5(version4(Buffer.concat([fingerprint, created]), issuer))],
    ['a critical subpacket', new1(version4(created, subpacket(16 | 0x80, key)))],
  ])('finds the key: %s', (_, packet) => expect(signingKeyOf(packet)).toBe(KEY))

  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('not a packet')],
    ['a public key', Buffer.concat([Buffer.of(0x98, 10), Buffer.alloc(10, 4)])],
    ['no issuer', old1(version4(created, Buffer.alloc(0)))],
    ['an issuer cut short', old1(version4(created, Buffer.of(9, 16, 1, 2)))],
    ['subpackets longer than the packet', old1(Buffer.of(4, 0, 1, 8, 0xff, 0xff))],
    ['a subpacket of length 0', old1(version4(Buffer.of(0, 16), Buffer.of(0)))],
    ['an unknown version', old1(Buffer.concat([Buffer.of(9), version3.subarray(1)]))],
    ['version 3 cut short', old1(version3.subarray(0, 12))],
  ])('finds none: %s', (_, packet) => expect(signingKeyOf(packet)).toBeUndefined())

  it('never fails on a cut or a changed packet', () => {
    const packet = new5(version4(Buffer.concat([fingerprint, created]), issuer))
    for (let at = 0; at < packet.length; at++) {
      signingKeyOf(packet.subarray(0, at))
      for (const value of [0, 0x7f, 0xff]) {
        const changed = Buffer.from(packet)
        changed[at] = value
        expect(signingKeyOf(changed) ?? KEY).toMatch(/^[0-9a-f]{16}$/)
      }
    }
  })
})
