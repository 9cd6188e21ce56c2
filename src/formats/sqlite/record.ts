import { CorruptError } from '../../errors.js'
import type { SqliteFile } from './file.js'

// https://www.sqlite.org/fileformat2.html#record_format

export type SqliteValue = null | number | string | Uint8Array

/** SQLite's own bound (SQLITE_MAX_COLUMN at its highest). */
const MAX_COLUMNS = 32_767
const INTEGER_BYTES = [0, 1, 2, 3, 4, 6, 8]

export interface Varint {
  /** Exact up to 2^53. */
  readonly value: number
  /** Where the next thing begins. */
  readonly end: number
}

/** Big-endian, 7 bits a byte and 8 in the ninth. @throws CorruptError where it leaves the view */
export function decodeVarint(view: DataView, at: number): Varint {
  let value = 0
  for (let i = 0; i < 9; i++) {
    if (at + i >= view.byteLength) throw new CorruptError('varint', 'cut short', at)
    const byte = view.getUint8(at + i)
    if (i === 8) return { value: value * 256 + byte, end: at + 9 }
    value = value * 128 + (byte & 0x7f)
    if (byte < 0x80) return { value, end: at + i + 1 }
  }
  return { value, end: at + 9 }
}

/** The columns of a row as they are stored: a column that is the rowid is null. @throws CorruptError */
export function decodeRecord(payload: Uint8Array, encoding: SqliteFile['encoding']): SqliteValue[] {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length)
  const header = decodeVarint(view, 0)
  if (header.value < header.end || header.value > payload.length) throw new CorruptError('record', `a header of ${header.value} bytes`, 0)
  const values: SqliteValue[] = []
  let at = header.value
  for (let next = header.end; next < header.value; ) {
    const type = decodeVarint(view, next)
    next = type.end
    const length = contentBytes(type.value)
    if (length === undefined || next > header.value) throw new CorruptError('record', `serial type ${type.value}`, next)
    if (at + length > payload.length) throw new CorruptError('record', `a column of ${length} bytes leaves it`, at)
    if (values.length === MAX_COLUMNS) throw new CorruptError('record', `more than ${MAX_COLUMNS} columns`, next)
    values.push(decodeValue(view, type.value, at, length, encoding))
    at += length
  }
  return values
}

/** Undefined for the serial types that are reserved. */
function contentBytes(type: number): number | undefined {
  if (type >= 12) return Math.floor((type - 12) / 2)
  if (type < INTEGER_BYTES.length) return INTEGER_BYTES[type]
  return type === 7 ? 8 : type < 10 ? 0 : undefined
}

function decodeValue(view: DataView, type: number, at: number, length: number, encoding: SqliteFile['encoding']): SqliteValue {
  if (type === 0) return null
  if (type === 7) return view.getFloat64(at)
  if (type === 8 || type === 9) return type - 8
  if (type < 7) return decodeInteger(view, at, length)
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, length)
  return type % 2 === 0 ? bytes : new TextDecoder(encoding).decode(bytes)
}

/** Two's complement, big-endian. */
function decodeInteger(view: DataView, at: number, length: number): number {
  let value = view.getInt8(at)
  for (let i = 1; i < length; i++) value = value * 256 + view.getUint8(at + i)
  return value
}
