import { expect, test } from 'vitest'
import { crc16, crc16Word } from '../../../src/fs/ext/crc16.js'

const DIGITS = Buffer.from('123456789')

test('check values of CRC-16/ARC and CRC-16/MODBUS, which start at 0 and at ones', () => {
  expect(crc16(0, DIGITS)).toBe(0xbb3d)
  expect(crc16(0xffff, DIGITS)).toBe(0x4b37)
})

test('a range and a word', () => {
  expect(crc16(crc16(0, DIGITS, 0, 4), DIGITS, 4)).toBe(0xbb3d)
  expect(crc16Word(1, 0x34333231)).toBe(crc16(1, DIGITS, 0, 4))
})
