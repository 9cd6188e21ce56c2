/** Blocks that hold the filesystem's own tables: no file may point there. */
export class SystemZone {
  /** Start and end of each stretch; ascending and apart once sealed. */
  #bounds: number[] = []

  /** The blocks `[start, end)`, in any order, overlapping or not. */
  add(start: number, end: number): void {
    if (this.#bounds.at(-1) === start) this.#bounds[this.#bounds.length - 1] = end
    else if (end > start) this.#bounds.push(start, end)
  }

  /** To be called between the last `add` and the first `meets`. */
  seal(): void {
    const bounds = this.#bounds
    const order = Uint32Array.from({ length: bounds.length / 2 }, (_, i) => i * 2).sort((a, b) => bounds[a]! - bounds[b]!)
    const merged: number[] = []
    for (const i of order) {
      const last = merged.at(-1)
      if (last !== undefined && bounds[i]! <= last) merged[merged.length - 1] = Math.max(last, bounds[i + 1]!)
      else merged.push(bounds[i]!, bounds[i + 1]!)
    }
    this.#bounds = merged
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
