import type { OsTree } from './os-tree.js'
import { readText } from './read-text.js'

/** Where libzypp registers installed products, one XML file each; `baseproduct` is a link to one of them. */
const FOLDER = '/etc/products.d'
const BASE = `${FOLDER}/baseproduct`
/** A server has some twenty. */
const MAX_PRODUCTS = 200

/** What a product file says, as far as it matters here. */
export interface SuseProduct {
  /** `SLES_SAP`, `sle-module-basesystem`. */
  readonly name: string
  readonly version?: string
  readonly summary?: string
}

/** The names of the installed products, the base product first. */
export async function suseProducts(tree: OsTree): Promise<readonly string[]> {
  const names = new Set<string>()
  const files = [...(await tree.readdir(FOLDER))].filter((name) => name.endsWith('.prod')).sort()
  for (const path of [BASE, ...files.slice(0, MAX_PRODUCTS).map((name) => `${FOLDER}/${name}`)]) {
    const text = await readText(tree, path)
    const product = text === undefined ? undefined : parseSuseProduct(text)
    if (product) names.add(product.name)
  }
  return [...names]
}

/** A product file's own elements (those of the products it requires or replaces are attributes); undefined without a name. */
export function parseSuseProduct(text: string): SuseProduct | undefined {
  const element = (tag: string): string | undefined => new RegExp(`<${tag}>([^<]{1,200})</${tag}>`).exec(text)?.[1]?.trim() || undefined
  const [name, version, summary] = [element('name'), element('version'), element('summary')]
  return name === undefined ? undefined : { name, ...(version && { version }), ...(summary && { summary }) }
}
