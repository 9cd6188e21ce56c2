import { type Fields, fieldsOf, nameOf, timeOf, versionOf } from '../osv-values.js'
import { cleanText, referenceUrls } from '../texts.js'
import type { Advisory } from '../types.js'
import { UBUNTU_CODENAMES } from '../ubuntu-codenames.js'
import { listOf } from './csaf-products.js'
import { type JsonFormat, type Outcome, rejected } from './types.js'

const CVE = /^CVE-\d{4}-\d{4,}$/
/** `pkg:deb/ubuntu/curl@7.47.0-1ubuntu2.19+esm13?arch=source&distro=esm-infra/xenial` */
const SOURCE_PURL =
  /^pkg:deb\/ubuntu\/([^@?]+)(?:@([^?]+))?\?(?:.*&)?arch=source&distro=(?:(esm-infra|esm-infra-legacy|esm-apps)\/)?([a-z]+)$/
/** What Canonical writes where it has decided against a fix. */
const NO_FIX_PLANNED = /\b(?:will not be fixed|won't fix|ignored|end of (?:life|standard support)|out of (?:standard )?support)/i

/**
 * Canonical's VEX: for each CVE and Ubuntu release which source packages are affected, fixed, and not affected.
 *
 * https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md
 */
export const openvex: JsonFormat = {
  recognises: (value) =>
    /openvex/.test(String(fieldsOf(value.metadata)?.['@context'] ?? value['@context'])) && Array.isArray(value.statements),
  *read(value): Iterable<Outcome> {
    const byCve = new Map<string, Fields[]>()
    for (const statement of listOf(value.statements)) {
      const cve = nameOf(fieldsOf(statement.vulnerability)?.name)
      if (cve === undefined || !CVE.test(cve)) yield rejected('statement without a CVE', cve)
      else byCve.set(cve, [...(byCve.get(cve) ?? []), statement])
    }
    const modified = modifiedOf(fieldsOf(value.metadata) ?? value)
    for (const [cve, statements] of byCve) yield readStatements(cve, statements, modified)
  },
}

/** Times are given without a zone too; they are UTC. */
function modifiedOf({ timestamp }: Fields): string | undefined {
  return timeOf(timestamp) ?? (typeof timestamp === 'string' ? timeOf(`${timestamp}Z`) : undefined)
}

function readStatements(cve: string, statements: readonly Fields[], modified: string | undefined): Outcome {
  const id = `OPENVEX-${cve}`
  const advisories = statements.flatMap((statement) =>
    listOf(statement.products).flatMap((product) => rowOf(id, cve, statement, product) ?? []),
  )
  if (advisories.length === 0) return rejected('no source packages of Ubuntu releases', id)
  const vulnerability = fieldsOf(statements[0]?.vulnerability) ?? {}
  const details = {
    id,
    related: [],
    severity: [],
    summary: '',
    details: cleanText(vulnerability.description),
    references: referenceUrls(Array.isArray(vulnerability.aliases) ? vulnerability.aliases : []),
    ...(modified === undefined ? {} : { modified }),
  }
  return { kind: 'record', record: { details, advisories }, skipped: [] }
}

function rowOf(id: string, cve: string, { status, action_statement: action }: Fields, product: Fields): Advisory | undefined {
  const [, name, version, pro, codename = ''] = SOURCE_PURL.exec(String(product['@id'])) ?? []
  const release = UBUNTU_CODENAMES.get(codename)
  const claim = claimOf(status, version, action)
  if (name === undefined || release === undefined || !claim) return undefined
  const number = `${release}${/[02468]\.04$/.test(release) ? ':LTS' : ''}`
  return {
    id,
    ecosystem: `Ubuntu:${pro === undefined ? '' : 'Pro:'}${number}`,
    packageName: decodeURIComponentSafely(name),
    sourcePackage: true,
    versions: [],
    aliases: [],
    upstream: [cve],
    severity: [],
    ...claim,
  }
}

function claimOf(status: unknown, version: string | undefined, action: unknown): Pick<Advisory, 'ranges' | 'status'> | undefined {
  const fixed = version === undefined ? undefined : versionOf(decodeURIComponentSafely(version))
  const below = (events: Advisory['ranges'][0]['events']): Pick<Advisory, 'ranges'> => ({ ranges: [{ type: 'ECOSYSTEM', events }] })
  if (status === 'not_affected') return { ranges: [], status: 'not-affected' }
  if (status === 'fixed') return fixed === undefined ? undefined : below([{ introduced: '0' }, { fixed }])
  if (status === 'under_investigation') return { ...below([{ introduced: '0' }]), status: 'under-investigation' }
  if (status !== 'affected') return undefined
  return { ...below([{ introduced: '0' }]), ...(NO_FIX_PLANNED.test(String(action)) ? { status: 'will-not-fix' as const } : {}) }
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
