import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs'

/** Bytes that tell which file they are of and where in it they lie, every KiB another; they compress well. */
export function pattern(label: string, length: number, offset = 0): Buffer {
  let hash = 2166136261
  for (const char of label) hash = Math.imul(hash ^ char.charCodeAt(0), 16777619)
  const out = Buffer.alloc(length)
  const unit = Buffer.alloc(8)
  for (let at = 0; at < length; ) {
    const index = Math.floor((offset + at) / 1024)
    const end = Math.min(length, (index + 1) * 1024 - offset)
    unit.writeInt32LE(hash | 1, 0)
    unit.writeUInt32LE((index + 1) >>> 0, 4)
    out.fill(unit, at, end)
    at = end
  }
  return out
}

/** Write `pattern` at each `[offset, length]` of a file; what lies between stays a hole. */
export function writeAt(path: string, spans: readonly (readonly [offset: number, length: number])[], size?: number): void {
  const file = openSync(path, 'a')
  closeSync(file)
  const target = openSync(path, 'r+')
  try {
    for (const [offset, length] of spans) writeSync(target, pattern(path.slice(path.lastIndexOf('/')), length, offset), 0, length, offset)
    if (size !== undefined) ftruncateSync(target, size)
  } finally {
    closeSync(target)
  }
}
