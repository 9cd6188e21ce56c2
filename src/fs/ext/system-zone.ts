/** Blocks that hold the filesystem's own tables: no file may point there. */
export class SystemZone {
  /** Start and end of each stretch, ascending and apart. */
  readonly #bounds: Float64Array

  /** `ranges`: `[start, end)` in fsBlocks, in any order, overlapping or not. */
  constructor(ranges: (readonly [start: number, end: number])[]) {
    ranges.sort((a, b) => a[0] - b[0])
    const bounds: number[] = []
    for (const [start, end] of ranges) {
      if (bounds.length > 0 && start <= bounds[bounds.length - 1]!) bounds[bounds.length - 1] = Math.max(end, bounds[bounds.length - 1]!)
      else bounds.push(start, end)
    }
    this.#bounds = Float64Array.from(bounds)
  }

  /** Whether any of the blocks `[from, to)` belongs to it. */
  meets(from: number, to: number): boolean {
    let low = 0
    let high = this.#bounds.length / 2
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#bounds[middle * 2 + 1]! <= from) low = middle + 1
      else high = middle
    }
    return low * 2 < this.#bounds.length && this.#bounds[low * 2]! < to
  }
}
