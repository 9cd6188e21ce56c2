import { cveOf } from './ids.js'
import type { Advisory } from './types.js'

/** One vulnerability of a package, and the records that speak of it. */
export interface Cluster<T> {
  /** All ids known for it, without the vendor's prefix of a CVE (`CVE-2024-2961`, not `DEBIAN-CVE-2024-2961`). */
  readonly ids: ReadonlySet<string>
  /** Records of this very vulnerability. */
  readonly own: readonly T[]
  /** Bulletins that fix it among others. */
  readonly bulletins: readonly T[]
}

/** Sets of ids that mean the same vulnerability. */
export class AliasSets {
  readonly #parents = new Map<string, string>()

  find(id: string): string {
    let root = id
    for (let next = this.#parents.get(root); next !== undefined; next = this.#parents.get(root)) root = next
    // Path compression keeps long chains of aliases cheap.
    for (let at = id; at !== root; ) {
      const next = this.#parents.get(at)!
      this.#parents.set(at, root)
      at = next
    }
    return root
  }

  union(a: string, b: string): void {
    const left = this.find(a)
    const right = this.find(b)
    if (left !== right) this.#parents.set(left, right)
  }

  /** Every set of two and more, in no order. */
  sets(): string[][] {
    const members = new Map<string, string[]>()
    for (const id of this.#parents.keys()) {
      const root = this.find(id)
      const set = members.get(root)
      if (set) set.push(id)
      else members.set(root, [root, id])
    }
    return [...members.values()]
  }
}

/**
 * Groups the records about one package by vulnerability. Aliases are the same vulnerability, transitively; a record that derives
 * from others (`upstream`) and is itself no CVE's adds to each of them, so that a bulletin on three CVEs is three vulnerabilities
 * and none of them twice. `related` groups nothing.
 */
export function clusterByVulnerability<T extends { readonly advisory: Advisory }>(items: readonly T[]): Cluster<T>[] {
  const sets = new AliasSets()
  for (const { advisory } of items) {
    for (const alias of advisory.aliases) sets.union(canonical(advisory.id), canonical(alias))
  }
  const cveRoots = new Set<string>()
  for (const { advisory } of items) {
    for (const id of [advisory.id, ...advisory.aliases, ...advisory.upstream].map(canonical)) {
      if (isCve(id)) cveRoots.add(sets.find(id))
    }
  }
  const clusters = new Map<string, { ids: Set<string>; own: T[]; bulletins: T[] }>()
  const clusterOf = (root: string): { ids: Set<string>; own: T[]; bulletins: T[] } => {
    const cluster = clusters.get(root) ?? { ids: new Set(), own: [], bulletins: [] }
    clusters.set(root, cluster)
    return cluster
  }
  for (const item of items) {
    const { id, aliases, upstream } = item.advisory
    const root = sets.find(canonical(id))
    const origins = new Map(
      upstream
        .map(canonical)
        .filter(isCve)
        .map((cve) => [sets.find(cve), cve]),
    )
    if (cveRoots.has(root) || origins.size === 0) {
      const cluster = clusterOf(root)
      for (const name of [id, ...aliases]) cluster.ids.add(canonical(name))
      cluster.own.push(item)
    } else {
      for (const [origin, cve] of origins) {
        const cluster = clusterOf(origin)
        cluster.ids.add(cve)
        cluster.bulletins.push(item)
      }
    }
  }
  return [...clusters.values()]
}

function canonical(id: string): string {
  return cveOf(id) ?? id
}

function isCve(id: string): boolean {
  return id.startsWith('CVE-')
}
