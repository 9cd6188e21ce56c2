import { type Fields, fieldsOf, nameOf, versionOf } from '../osv-values.js'

/** A package as a component of a product of Red Hat. */
export interface Product {
  /** `Red Hat:enterprise_linux:9::appstream` */
  readonly ecosystem: string
  readonly name: string
  /** `[epoch:]version-release` where the component is one build. */
  readonly version?: string
  readonly arch?: string
  /** `nodejs:18` */
  readonly module?: string
}

const CPE = /^cpe:\/[oa]:redhat:(.+)$/
/** `firefox-0:115.5.0-1.el7_9.i686` */
const BUILD = /^(.+)-(\d+):([^-]+-[^-]+)\.([^.-]+)$/
/** Name and stream of a module, with its version and context or not, before what is built in it. */
const MODULE = /^([\w.+-]+:[\w.+-]+)(?::\d+(?::\w+)?)?[:/](.+)$/
const PLAIN_NAME = /^[A-Za-z0-9][\w.+-]*$/
const MAX_DEPTH = 16

/**
 * The products that the statements of a document are about, by their id: components of products that have a CPE.
 *
 * https://docs.oasis-open.org/csaf/csaf/v2.0/os/csaf-v2.0-os.html#322-product-tree-property
 */
export function productsOf(value: Fields): ReadonlyMap<string, Product> {
  const tree = fieldsOf(value.product_tree)
  const ecosystems = new Map<string, string>()
  collectEcosystems(listOf(tree?.branches), ecosystems, MAX_DEPTH)
  const products = new Map<string, Product>()
  const nested: Fields[] = []
  for (const relationship of listOf(tree?.relationships)) {
    const ecosystem = ecosystems.get(String(relationship.relates_to_product_reference))
    if (ecosystem === undefined) nested.push(relationship)
    else addComponent(products, relationship, ecosystem, undefined)
  }
  // A build of a module is a component of the module, which is a component of the product.
  for (const relationship of nested) {
    const module = products.get(String(relationship.relates_to_product_reference))
    if (module) addComponent(products, relationship, module.ecosystem, module.module)
  }
  return products
}

function addComponent(products: Map<string, Product>, relationship: Fields, ecosystem: string, module: string | undefined): void {
  const { product_reference: reference, full_product_name: name } = relationship
  const id = nameOf(fieldsOf(name)?.product_id)
  const component = typeof reference === 'string' ? componentOf(reference) : undefined
  if (id !== undefined && component) products.set(id, { ecosystem, ...(module === undefined ? {} : { module }), ...component })
}

function collectEcosystems(branches: readonly Fields[], into: Map<string, string>, depth: number): void {
  if (depth === 0) return
  for (const branch of branches) {
    const product = fieldsOf(branch.product)
    const id = nameOf(product?.product_id)
    const cpe = nameOf(fieldsOf(product?.product_identification_helper)?.cpe)
    const tail = CPE.exec(cpe ?? '')?.[1]
    if (id !== undefined && tail !== undefined) into.set(id, `Red Hat:${tail}`)
    collectEcosystems(listOf(branch.branches), into, depth - 1)
  }
}

/** `firefox`, `nodejs:18/nodejs`, `nodejs:18:8090020240101:a75119d5`, `nodejs-1:18.19.0-1.module+el8.9.0+1+2.x86_64`, with a module before it or not. */
function componentOf(reference: string): Omit<Product, 'ecosystem'> | undefined {
  const [, module, text = reference] = MODULE.exec(reference) ?? []
  const ofModule = module === undefined ? {} : { module }
  const [, name, epoch, versionRelease, arch] = BUILD.exec(text) ?? []
  if (name === undefined) return PLAIN_NAME.test(text) ? { name: text, ...ofModule } : undefined
  const version = versionOf(epoch === '0' ? versionRelease : `${epoch}:${versionRelease}`)
  return version === undefined ? undefined : { name, version, arch: arch!, ...ofModule }
}

export function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf).filter((item) => item !== undefined) : []
}
