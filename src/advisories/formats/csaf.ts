import { type Fields, fieldsOf, nameOf, timeOf } from '../osv-values.js'
import { cleanText, referenceUrls } from '../texts.js'
import type { Advisory, AdvisoryDetails, AdvisoryRange, SeverityVector } from '../types.js'
import { listOf, type Product, productsOf } from './csaf-products.js'
import { type JsonFormat, type Outcome, rejected } from './types.js'

const CVE = /^CVE-\d{4}-\d{4,}$/
const VECTORS = [
  ['cvss_v4', 'CVSS_V4'],
  ['cvss_v3', 'CVSS_V3'],
  ['cvss_v2', 'CVSS_V2'],
] as const

/**
 * Red Hat's VEX: for each CVE and product what is fixed in which version, what is affected without a fix, and what is not affected.
 *
 * https://docs.oasis-open.org/csaf/csaf/v2.0/os/csaf-v2.0-os.html
 */
export const csaf: JsonFormat = {
  recognises: (value) => typeof fieldsOf(value.document)?.csaf_version === 'string',
  *read(value): Iterable<Outcome> {
    const document = fieldsOf(value.document)!
    const id = nameOf(fieldsOf(document.tracking)?.id)
    if (!/red ?hat/i.test(String(fieldsOf(document.publisher)?.name))) return yield rejected('CSAF of another vendor than Red Hat', id)
    const products = productsOf(value)
    const vulnerabilities = listOf(value.vulnerabilities)
    if (vulnerabilities.length === 0) yield rejected('no vulnerabilities', id)
    for (const vulnerability of vulnerabilities) yield readVulnerability(vulnerability, document, products)
  },
}

function readVulnerability(vulnerability: Fields, document: Fields, products: ReadonlyMap<string, Product>): Outcome {
  const { cve } = vulnerability
  if (typeof cve !== 'string' || !CVE.test(cve)) return rejected('vulnerability without a CVE', nameOf(fieldsOf(document.tracking)?.id))
  const id = `REDHAT-${cve}`
  const statements = statementsOf(vulnerability, products)
  const vendorSeverity = nameOf(fieldsOf(document.aggregate_severity)?.text)
  const advisories = [...statements.values()].map(
    ({ product: { ecosystem, name }, ranges, status }): Advisory => ({
      id,
      ecosystem,
      packageName: name,
      ranges,
      versions: [],
      aliases: [],
      upstream: [cve],
      ...(vendorSeverity === undefined || vendorSeverity === 'none' ? {} : { vendorSeverity }),
      severity: [],
      ...(status === undefined ? {} : { status }),
    }),
  )
  if (advisories.length === 0) return rejected('no packages of Red Hat products', id)
  // A bulletin gives part of what is known of the CVE, the VEX file all of it.
  const partial = fieldsOf(document)?.category !== 'csaf_vex'
  return { kind: 'record', record: { details: detailsOf(id, vulnerability, document), advisories, partial }, skipped: [] }
}

interface Statement extends Pick<Advisory, 'status'> {
  readonly product: Product
  readonly ranges: readonly AdvisoryRange[]
}

/** By ecosystem and name. A package counts as not affected only where no build of it is affected. */
function statementsOf(vulnerability: Fields, products: ReadonlyMap<string, Product>): Map<string, Statement> {
  const status = fieldsOf(vulnerability.product_status) ?? {}
  const unplanned = new Set(
    listOf(vulnerability.remediations)
      .filter(({ category }) => category === 'no_fix_planned')
      .flatMap(({ product_ids }) => (Array.isArray(product_ids) ? product_ids : [])),
  )
  const statements = new Map<string, Statement>()
  const add = (id: unknown, ranges: (product: Product) => readonly AdvisoryRange[], state?: Advisory['status']): void => {
    const product = typeof id === 'string' ? products.get(id) : undefined
    if (!product) return
    const key = `${product.ecosystem}\n${product.name}`
    const known = statements.get(key)
    if (known && state === 'not-affected') return
    const isFirst = !known || known.status === 'not-affected'
    statements.set(key, {
      product,
      ranges: [...(known?.ranges ?? []), ...ranges(product)],
      ...(isFirst ? state && { status: state } : known.status === state && state !== undefined ? { status: state } : {}),
    })
  }
  for (const id of idsOf(status.fixed)) add(id, fixedRanges)
  for (const id of idsOf(status.known_affected)) add(id, unfixedRanges, unplanned.has(id) ? 'will-not-fix' : undefined)
  for (const id of idsOf(status.under_investigation)) add(id, unfixedRanges, 'under-investigation')
  for (const id of idsOf(status.known_not_affected)) add(id, () => [], 'not-affected')
  return new Map([...statements].map(([key, statement]) => [key, { ...statement, ranges: joinedArches(statement.ranges) }]))
}

function idsOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function fixedRanges({ version, arch, module }: Product): AdvisoryRange[] {
  if (version === undefined || arch === 'src') return []
  return [
    {
      type: 'ECOSYSTEM',
      events: [{ introduced: '0' }, { fixed: version }],
      ...(arch === undefined || arch === 'noarch' ? {} : { arches: [arch] }),
      ...(module === undefined ? {} : { modules: [module] }),
    },
  ]
}

function unfixedRanges({ module }: Product): AdvisoryRange[] {
  return [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }], ...(module === undefined ? {} : { modules: [module] }) }]
}

/** One range for all architectures of one fix. */
function joinedArches(ranges: readonly AdvisoryRange[]): AdvisoryRange[] {
  const joined = new Map<string, AdvisoryRange>()
  for (const { arches, ...range } of ranges) {
    const key = `${JSON.stringify(range)}${arches ? '' : ' any'}`
    joined.set(key, { ...range, ...(arches && { arches: [...new Set([...(joined.get(key)?.arches ?? []), ...arches])].sort() }) })
  }
  return [...joined.values()]
}

function detailsOf(id: string, vulnerability: Fields, document: Fields): AdvisoryDetails {
  const tracking = fieldsOf(document.tracking)
  const published = timeOf(vulnerability.release_date) ?? timeOf(tracking?.initial_release_date)
  const modified = timeOf(tracking?.current_release_date)
  const notes = listOf(vulnerability.notes)
  const description = notes.find(({ category }) => category === 'description') ?? notes[0]
  return {
    id,
    related: [],
    severity: vectorsOf(vulnerability),
    summary: cleanText(vulnerability.title),
    details: cleanText(description?.text),
    references: referenceUrls(listOf(vulnerability.references).map(({ url }) => url)),
    ...(published === undefined ? {} : { published }),
    ...(modified === undefined ? {} : { modified }),
  }
}

function vectorsOf(vulnerability: Fields): SeverityVector[] {
  const vectors = listOf(vulnerability.scores).flatMap((scores) =>
    VECTORS.flatMap(([key, type]) => {
      const score = nameOf(fieldsOf(scores[key])?.vectorString)
      return score === undefined ? [] : [{ type, score }]
    }),
  )
  return [...new Map(vectors.map((vector) => [vector.score, vector])).values()]
}
