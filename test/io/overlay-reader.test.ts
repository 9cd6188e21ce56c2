import { describe, expect, test } from 'vitest'
import { OverlayReader, type Patch } from '../../src/io/overlay-reader.js'
import { distinctBytes } from '../support/counting-source.js'
import { readerOver } from '../support/memory-reader.js'
import { Random } from '../support/random.js'

const BLOCK = 16
const SIZE = 40 * BLOCK + 5
const bytes = distinctBytes(SIZE)

/** What the overlay must show, put together byte by byte. */
function applied(moved: ReadonlyMap<number, number>, patches: readonly Patch[]): Uint8Array {
  const out = Uint8Array.from(bytes)
  for (const [block, start] of moved) out.set(bytes.subarray(start, start + BLOCK), block * BLOCK)
  for (const patch of patches) out.set(patch.bytes, patch.offset)
  return out
}

const MOVED = new Map([
  [3, 20 * BLOCK],
  [4, 21 * BLOCK],
  [7, 3 * BLOCK],
  [20, 7 * BLOCK],
])
const PATCHES: readonly Patch[] = [
  { offset: 4 * BLOCK + 2, bytes: Uint8Array.of(1, 2, 3, 4) },
  { offset: 4 * BLOCK + 4, bytes: Uint8Array.of(9) },
  { offset: 30 * BLOCK + 15, bytes: Uint8Array.of(7) },
]

describe('overlay', () => {
  test('every stretch reads as if blocks and patches had been written', async () => {
    const expected = applied(MOVED, PATCHES)
    const overlay = new OverlayReader(readerOver(bytes, 64), BLOCK, MOVED, PATCHES)
    expect(overlay.size).toBe(SIZE)
    const random = new Random(5)
    for (let round = 0; round < 500; round++) {
      const offset = random.below(SIZE)
      const length = random.below(Math.min(SIZE - offset, round % 3 === 0 ? SIZE : 40) + 1)
      expect(Buffer.from(await overlay.read(offset, length)), `${length} at ${offset}`).toEqual(
        Buffer.from(expected.subarray(offset, offset + length)),
      )
    }
  })

  test('contents of a moved block come from the base, not from what the overlay shows there', async () => {
    const overlay = new OverlayReader(readerOver(bytes, 64), BLOCK, MOVED)
    expect(await overlay.read(20 * BLOCK, BLOCK)).toEqual(bytes.slice(7 * BLOCK, 8 * BLOCK))
    expect(await overlay.read(7 * BLOCK, BLOCK)).toEqual(bytes.slice(3 * BLOCK, 4 * BLOCK))
  })

  test('is read at once, and without copying, where the base can', async () => {
    const base = readerOver(bytes, SIZE)
    await base.prefetch([{ offset: 0, length: SIZE }])
    const overlay = new OverlayReader(base, BLOCK, MOVED, PATCHES)
    for (const [offset, length] of [
      [0, BLOCK],
      [3 * BLOCK, BLOCK],
      [3 * BLOCK + 5, 3],
      [0, SIZE],
    ] as const) {
      expect(overlay.read(offset, length), `${length} at ${offset}`).toBeInstanceOf(Uint8Array)
    }
    const untouched = overlay.read(10 * BLOCK, BLOCK) as Uint8Array
    const moved = overlay.read(3 * BLOCK, BLOCK) as Uint8Array
    expect(moved.buffer).toBe(untouched.buffer)
  })

  test('loads ahead what a read will need, and no more', async () => {
    const base = readerOver(bytes, BLOCK)
    const overlay = new OverlayReader(base, BLOCK, MOVED, PATCHES)
    await overlay.prefetch([{ offset: 3 * BLOCK, length: 2 * BLOCK }])
    expect(base.stats.blocks).toBe(2)
    expect(overlay.read(3 * BLOCK, 2 * BLOCK)).toBeInstanceOf(Promise)
    await overlay.read(3 * BLOCK, 2 * BLOCK)
    expect(base.stats.blocks).toBe(2)
    await overlay.prefetch([
      { offset: -1, length: 5 },
      { offset: SIZE, length: 5 },
      { offset: SIZE - 1, length: 500 },
    ])
    expect(base.stats.blocks).toBe(3)
  })

  test('refuses what lies outside, and takes cache and grid from the base', async () => {
    const base = readerOver(bytes, 64)
    const overlay = new OverlayReader(base, BLOCK, MOVED)
    expect({ cacheBytes: overlay.cacheBytes, grid: overlay.grid }).toEqual({ cacheBytes: base.cacheBytes, grid: base.grid })
    for (const [offset, length] of [
      [-1, 2],
      [SIZE - 1, 2],
      [0, -1],
      [Number.NaN, 1],
    ] as const) {
      await expect(overlay.read(offset, length)).rejects.toMatchObject({ code: 'IO' })
    }
  })
})
