import { nameOf, timeOf } from '../osv-values.js'
import { cleanText, referenceUrls } from '../texts.js'
import type { Advisory, AdvisoryDetails, SeverityVector } from '../types.js'
import { type Claim, claimsOf } from './oval-criteria.js'
import { type Outcome, rejected, type XmlFormat, type XmlReader } from './types.js'
import { childOf, childrenOf, textOf, type XmlNode } from './xml.js'

const CVE = /\bCVE-\d{4}-\d{4,}\b/
const BULLETIN = /^(EL[SBE]A-[\w.:-]+?):?\s/
/** Release in a version that Microsoft builds: `3.2.8-1.azl3`, `1.20.7-1.cm2`. */
const AZURE_RELEASE = /\.(?:azl|cm)(\d+)$/
/** Definitions that wait for the first version with a release; a file has some ten thousand. */
const MAX_WAITING = 200_000

/**
 * Definitions of Oracle (by bulletin), SUSE and Azure Linux (by CVE). What a definition tests is read from the comments of its criteria,
 * which stand in the definition itself, while the tests follow behind the last one: so a file of any size can be read as a stream.
 *
 * https://oval.mitre.org/language/version5.11/
 */
export const oval: XmlFormat = { root: 'oval_definitions', elements: ['definition', 'rpminfo_state'], open: () => new OvalReader() }

class OvalReader implements XmlReader {
  /** Azure Linux names its release only in the versions of the states. */
  readonly #waiting: XmlNode[] = []
  #azureRelease: string | undefined;

  *read(element: XmlNode): Iterable<Outcome> {
    if (element.name === 'definition') {
      if (!isAzure(element)) yield readDefinition(element, undefined)
      else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(element)
      else yield rejected('more definitions than can wait for their release', element.attribute('id'))
      return
    }
    this.#azureRelease ??= AZURE_RELEASE.exec(textOf(element, 'evr'))?.[1]
  }

  *end(): Iterable<Outcome> {
    for (const definition of this.#waiting) yield readDefinition(definition, this.#azureRelease)
  }
}

function isAzure(definition: XmlNode): boolean {
  return /^oval:com\.microsoft\./.test(definition.attribute('id') ?? '')
}

function readDefinition(definition: XmlNode, azureRelease: string | undefined): Outcome {
  const metadata = childOf(definition, 'metadata')
  const title = textOf(metadata, 'title')
  const id = idOf(definition, title)
  if (id === undefined) return rejected('definition of no vendor that is known, or without a CVE', nameOf(definition.attribute('id')))
  const upstream = cvesOf(metadata)
  const severity = textOf(childOf(metadata, 'advisory'), 'severity') || textOf(metadata, 'severity')
  const rows = new Map<string, Advisory>()
  for (const claim of claimsOf(childOf(definition, 'criteria'), azureRelease)) {
    const key = `${claim.ecosystem}\n${claim.packageName}`
    rows.set(key, withClaim(rows.get(key), claim, { id, upstream, severity }))
  }
  if (rows.size === 0) return rejected('no affected packages', id)
  const record = { details: detailsOf(id, title, upstream, metadata), advisories: [...rows.values()], partial: true }
  return { kind: 'record', record, skipped: [] }
}

function idOf(definition: XmlNode, title: string): string | undefined {
  const oracle = BULLETIN.exec(`${title} `)?.[1]
  if (oracle !== undefined) return nameOf(oracle)
  const cve = CVE.exec(title)?.[0]
  if (cve === undefined) return undefined
  if (isAzure(definition)) return `AZURE-${cve}`
  return /suse/.test(definition.attribute('id') ?? '') ? `SUSE-${cve}` : undefined
}

function cvesOf(metadata: XmlNode | undefined): string[] {
  const references = childrenOf(metadata, 'reference').filter((reference) => /CVE/i.test(reference.attribute('source') ?? ''))
  return [...new Set(references.flatMap((reference) => CVE.exec(reference.attribute('ref_id') ?? '')?.[0] ?? []))]
}

function withClaim(
  known: Advisory | undefined,
  claim: Claim,
  { id, upstream, severity }: { readonly id: string; readonly upstream: readonly string[]; readonly severity: string },
): Advisory {
  const { ecosystem, packageName, range, sourcePackage } = claim
  // A package is not affected where nothing says that any build of it is.
  const isAffected = range !== undefined || (known?.ranges.length ?? 0) > 0
  return {
    id,
    ecosystem,
    packageName,
    ...(sourcePackage ? { sourcePackage } : {}),
    ranges: [...(known?.ranges ?? []), ...(range ? [range] : [])],
    versions: [],
    aliases: [],
    upstream,
    ...(severity === '' ? {} : { vendorSeverity: severity }),
    severity: [],
    ...(isAffected ? {} : { status: 'not-affected' as const }),
  }
}

function detailsOf(id: string, title: string, upstream: readonly string[], metadata: XmlNode | undefined): AdvisoryDetails {
  const advisory = childOf(metadata, 'advisory')
  const published = dayOf(childOf(advisory, 'issued')?.attribute('date')) ?? timeOf(textOf(metadata, 'advisory_date'))
  const modified = dayOf(childOf(advisory, 'updated')?.attribute('date'))
  return {
    id,
    related: [],
    severity: upstream.length === 1 ? vectorsOf(childrenOf(advisory, 'cve')) : [],
    summary: cleanText(title),
    details: cleanText(textOf(metadata, 'description')),
    references: referenceUrls(childrenOf(metadata, 'reference').map((reference) => reference.attribute('ref_url'))),
    ...(published === undefined ? {} : { published }),
    ...(modified === undefined ? {} : { modified }),
  }
}

/** `cvss3="3.7/CVSS:3.1/AV:N/…"`: the score, then the vector. */
function vectorsOf(cves: readonly XmlNode[]): SeverityVector[] {
  return cves.flatMap((cve) =>
    (
      [
        ['cvss3', 'CVSS_V3'],
        ['cvss2', 'CVSS_V2'],
      ] as const
    ).flatMap(([attribute, type]) => {
      const score = nameOf(cve.attribute(attribute)?.replace(/^[\d.]+\//, ''))
      return score === undefined ? [] : [{ type, score }]
    }),
  )
}

function dayOf(date: string | undefined): string | undefined {
  return date === undefined ? undefined : timeOf(`${date}T00:00:00Z`)
}
